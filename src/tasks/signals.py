"""What Celery's own signals say goes into the ledger; workers show that they live."""

import contextlib
import socket
from typing import Any
from uuid import UUID

import redis
from celery import signals
from sqlalchemy.orm import Session

from src.cache.redis_client import get_redis_client
from src.core.errors import Transient
from src.core.logging import configure_logging, get_logger
from src.core.settings import settings
from src.database import outcomes
from src.database.connection import get_database
from src.database.tables.schedule import FireRow
from src.domain.fire import FireId, FireState
from src.pipeline.context import context

log = get_logger(__name__)

#: A worker that lives renews its key, `matchbeat:worker:<host>`, within so many seconds.
ALIVE_S = 30


@signals.setup_logging.connect
def set_up_logging(**_: Any) -> None:
    """Log as the rest of Matchbeat does."""
    configure_logging(settings().log_level)


@signals.worker_process_init.connect
def forget_inherited_connections(**_: Any) -> None:
    """A forked child opens connections of its own."""
    get_database().engine.dispose(close=False)


@signals.heartbeat_sent.connect
def show_life(sender: Any = None, **_: Any) -> None:
    """Renew the worker's key; the detailed health check reads it."""
    name = getattr(getattr(sender, "eventer", None), "hostname", None) or socket.gethostname()
    with contextlib.suppress(redis.RedisError):
        get_redis_client().set(f"matchbeat:worker:{name}", "alive", ex=ALIVE_S)


@signals.task_failure.connect
def close_failed(task_id: str | None = None, exception: object = None, **_: Any) -> None:
    """Close the fire of a task that was killed: its limit was reached, or its process died."""
    _close(task_id, f"{type(exception).__name__}: {exception}")


@signals.task_revoked.connect
def close_revoked(request: Any = None, expired: bool = False, terminated: bool = False, **_: Any) -> None:
    """Close the fire of a task that was revoked or waited too long.

    Without `terminated` it is a message that ends here: where another one of the same fire has been begun,
    the fire goes on.
    """
    reason = "expired before a worker took it" if expired else "revoked before a worker took it"
    _close(
        getattr(request, "id", None),
        "revoked while it ran" if terminated else reason,
        also_begun=terminated,
    )


def _close(task_id: str | None, reason: str, *, also_begun: bool = True) -> None:
    try:
        fire = FireId(UUID(str(task_id)))
    except ValueError:
        return
    work = context()
    try:
        with work.database.session() as session:
            if also_begun or not _is_begun(session, fire):
                outcomes.finish(session, fire, FireState.FAILED, work.clock.now(), reason=reason[:500])
    except Transient as error:
        log.warning("outcome_not_written", fire_id=str(fire), reason=str(error))


def _is_begun(session: Session, fire: FireId) -> bool:
    """Say whether a worker has begun the fire; none begins it while the session lasts."""
    row = session.get(FireRow, fire, with_for_update=True)
    return row is not None and row.state == FireState.STARTED
