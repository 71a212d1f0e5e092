"""The sweep of vanished workers: their key in Redis is gone, or a later worker of the same name renews it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import redis

from src.core.errors import Transient
from src.core.logging import get_logger
from src.database.vanished import Begun
from src.domain.fire import FireId

log = get_logger(__name__)

#: A worker that lives renews this key with its node name behind it; its value is when the worker began.
LIFE_KEY = "matchbeat:worker:"

#: A key of our own, written before each look: a Redis that takes no writes has nobody's sign of life.
_LOOK_KEY = "matchbeat:sweep"

_EVERY = timedelta(seconds=5)

#: A worker must have been missing for so long, in looks no further apart than twice the usual.
PATIENCE = timedelta(seconds=30)


class Sweep:
    """Looks for the workers of begun fires every few seconds and remembers for how long each is missing.

    Nothing is concluded from a Redis that is away or takes no writes, and what was seen before then counts no
    more. A jump of `at` counts as one look: it makes nobody vanish. Node names must be unique among the
    workers that run at one time, as Celery demands.
    """

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client
        self._looked_at: datetime | None = None
        self._missing: dict[FireId, tuple[Begun, timedelta]] = {}

    def is_due(self, at: datetime) -> bool:
        """Say whether it is time for a look."""
        return self._looked_at is None or not timedelta(0) <= at - self._looked_at < _EVERY

    def vanished(self, begun: Sequence[Begun], at: datetime) -> list[Begun]:
        """Look once; return those of the `begun` fires whose worker has vanished.

        Raises Transient where Redis is away.
        """
        gap, self._looked_at = self._gap(at), at
        try:
            lives = self._lives({fire.node for fire in begun}, at)
        except redis.RedisError as error:
            self._missing.clear()
            raise Transient(f"Redis is not answering: {type(error).__name__}") from error
        before, self._missing = self._missing, {}
        for fire in begun:
            if _runs(fire, lives):
                continue
            known, span = before.get(fire.id, (None, timedelta(0)))
            self._missing[fire.id] = (fire, span + gap if known == fire else timedelta(0))
        return [fire for fire, span in self._missing.values() if span >= PATIENCE]

    def _gap(self, at: datetime) -> timedelta:
        if self._looked_at is None:
            return timedelta(0)
        return min(max(at - self._looked_at, timedelta(0)), 2 * _EVERY)

    def _lives(self, nodes: set[str], at: datetime) -> dict[str, datetime | None]:
        """Return when the worker of each node that lives began; None where its key does not say."""
        self._redis.set(_LOOK_KEY, at.isoformat(), ex=60)
        names = sorted(nodes)
        values = self._redis.mget([LIFE_KEY + name for name in names]) if names else []
        return {name: _since(value) for name, value in zip(names, values, strict=True) if value is not None}


def _runs(fire: Begun, lives: dict[str, datetime | None]) -> bool:
    if fire.node not in lives:
        return False
    since = lives[fire.node]
    return since is None or fire.started_at >= since


def _since(value: str | bytes) -> datetime | None:
    try:
        since = datetime.fromisoformat(value.decode() if isinstance(value, bytes) else value)
    except ValueError:
        return None
    return since if since.tzinfo else None
