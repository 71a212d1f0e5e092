"""The carrier to Celery, and the one place where our priorities become the Redis transport's."""

from collections.abc import Callable
from typing import Any

from src.core.errors import Transient
from src.domain.entry import Entry
from src.domain.fire import Fire
from src.domain.ports import Sent

#: The message header that tells a worker which fire it runs.
FIRE_HEADER = "matchbeat_fire"

#: A task is asked to stop so many seconds before it is killed.
_SOFT_MARGIN_S = 15


def transport_priority(priority: int) -> int:
    """Return what the Redis transport calls our priority: there 0 is the most urgent, here 9."""
    return 9 - priority


class CeleryCarrier:
    """Puts a fire on its queue as a Celery task whose id is the fire's.

    `send_task` is the app's. `away` are the exceptions with which it says that the broker is not there.
    """

    def __init__(self, send_task: Callable[..., Any], away: tuple[type[Exception], ...]) -> None:
        self._send_task = send_task
        self._away = away

    def send(self, fire: Fire, entry: Entry) -> Sent:
        """See `Carrier.send`."""
        limit = entry.limit.total_seconds()
        try:
            self._send_task(
                entry.target,
                kwargs=fire.parameters,
                task_id=str(fire.id),
                queue=entry.queue,
                priority=transport_priority(entry.priority),
                time_limit=limit,
                soft_time_limit=max(limit - _SOFT_MARGIN_S, limit / 2),
                headers={FIRE_HEADER: str(fire.id)},
                retry=False,
            )
        except self._away as error:
            raise Transient(f"the broker is not answering: {type(error).__name__}") from error
        return Sent(id=fire.id)
