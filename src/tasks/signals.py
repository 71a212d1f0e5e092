"""What Celery's own signals say goes into the ledger; workers show that they live."""

import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from importlib import import_module
from typing import Any
from uuid import UUID

from celery import signals
from celery.exceptions import WorkerLostError
from celery.worker.state import revoked
from sqlalchemy.orm import Session

from src.core.errors import Transient
from src.core.logging import configure_logging, get_logger
from src.core.settings import settings
from src.database import interrupted, outcomes
from src.database.connection import get_database
from src.database.interrupted import Crash
from src.database.tables.schedule import FireRow
from src.domain.fire import UNBEGUN, FireId, FireState
from src.pipeline.context import context
from src.scheduling.dispatch import FLOW_QUEUE
from src.tasks import flow_modules, life
from src.tasks.flow_process import PROCESS

log = get_logger(__name__)


@signals.setup_logging.connect
def set_up_logging(**_: Any) -> None:
    """Log as the rest of Matchbeat does."""
    configure_logging(settings().log_level)


@signals.worker_init.connect
def import_use_cases(**_: Any) -> None:
    """Import before the fork what tasks import when they run: Beat, which runs none, goes without it."""
    for name in ("collect", "train", "watch"):
        import_module(f"src.pipeline.{name}")


@signals.celeryd_after_setup.connect
def import_flows(instance: Any = None, **_: Any) -> None:
    """Import Prefect and the flows before the fork, where this worker consumes their queue."""
    if FLOW_QUEUE in instance.app.amqp.queues.consume_from:
        flow_modules.prepare()


@signals.worker_shutting_down.connect
def ask_flows_to_pause(**_: Any) -> None:
    """Let flow runs stop at their next checkpoint while the worker stops; another worker goes on."""
    PROCESS.stop()


@signals.worker_process_shutdown.connect
def send_what_prefect_holds(**_: Any) -> None:
    """Send the log lines and events that Prefect's own threads have not sent yet."""
    if "prefect.flow_engine" in sys.modules:
        flow_modules.flush()


@signals.worker_process_init.connect
def forget_inherited_connections(**_: Any) -> None:
    """A forked child opens connections, and draws random numbers, of its own."""
    get_database().engine.dispose(close=False)
    if "numpy" in sys.modules:
        # Python reseeds its own generator in a child, numpy its global one not.
        sys.modules["numpy"].random.seed()


@signals.celeryd_init.connect
def learn_of_heartbeat(options: Mapping[str, Any] | None = None, **_: Any) -> None:
    """Note, before there are children, whether this worker will show life."""
    life.LIFE.begin(shown=not (options or {}).get("without_heartbeat"))


@signals.heartbeat_sent.connect
def show_life(sender: Any = None, **_: Any) -> None:
    """Renew the worker's key; the leader's sweep and the detailed health check read it."""
    life.show(getattr(getattr(sender, "eventer", None), "hostname", None))


@signals.worker_shutting_down.connect
def show_life_to_the_end(sender: str | None = None, **_: Any) -> None:
    """Go on showing life while a worker that stops lets its tasks finish: its heart has stopped."""
    life.keep_showing(sender)


@signals.task_failure.connect
def close_failed(task_id: str | None = None, exception: object = None, **_: Any) -> None:
    """Close the fire of a task that was killed: its limit was reached, or its process died.

    In the second case it goes back to be sent, as often as its entry's policy says. Where nobody had begun
    it, Celery itself failed, as it does where Redis takes no result: the fire is sent again, once at once,
    then by the leader's patrol.
    """
    reason = f"{type(exception).__name__}: {exception}"
    died = isinstance(exception, WorkerLostError)

    def end(session: Session, fire: FireId, at: datetime) -> None:
        row = _locked(session, fire)
        if row is not None and row.state in UNBEGUN:
            if row.reason is None:
                interrupted.send_again(session, fire, UNBEGUN, f"not begun: {reason}"[:500])
        elif died:
            interrupted.crash(session, [Crash(fire, reason)], FireState.FAILED, at)
        else:
            outcomes.finish(session, fire, FireState.FAILED, at, reason=reason[:500])

    _write(task_id, end)


@signals.task_revoked.connect
def close_revoked(request: Any = None, expired: bool = False, terminated: bool = False, **_: Any) -> None:
    """Close the fire of a task that was revoked, or whose message waited past its expiry.

    Without `terminated` it is a message that ends here: where another one of the same fire has been begun,
    the fire goes on. One that expires ends only a fire that nobody has begun.
    """
    task_id = getattr(request, "id", None)
    if terminated:
        _close(task_id, FireState.REVOKED, "revoked while it ran")
    elif expired:
        # Celery would drop every later message of this id, also a retry's or a backfill's.
        revoked.discard(task_id)
        begun = (FireState.STARTED, FireState.RETRIED)
        _close(task_id, FireState.EXPIRED, "expired before a worker took it", unless=begun)
    else:
        _close(task_id, FireState.REVOKED, "revoked before a worker took it", unless=(FireState.STARTED,))


def _close(task_id: str | None, state: FireState, reason: str, *, unless: tuple[FireState, ...] = ()) -> None:
    def close(session: Session, fire: FireId, at: datetime) -> None:
        row = _locked(session, fire)
        if row is None or row.state not in unless:
            outcomes.finish(session, fire, state, at, reason=reason)

    _write(task_id, close)


def _write(task_id: str | None, change: Callable[[Session, FireId, datetime], None]) -> None:
    """Write what became of the fire whose id the task bears; one sent by hand bears none."""
    try:
        fire = FireId(UUID(str(task_id)))
    except ValueError:
        return
    work = context()
    try:
        with work.database.session() as session:
            change(session, fire, work.clock.now())
    except Transient as error:
        log.warning("outcome_not_written", fire_id=str(fire), reason=str(error))


def _locked(session: Session, fire: FireId) -> FireRow | None:
    """Return the fire's row, which nobody else writes while the session lasts."""
    return session.get(FireRow, fire, with_for_update=True)
