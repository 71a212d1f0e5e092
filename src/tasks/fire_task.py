"""The task class of the app: a fire is begun once, and its outcome goes into the ledger."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from celery import Task
from celery.exceptions import Ignore, Reject, Retry, SoftTimeLimitExceeded
from sqlalchemy.orm import Session

from src.core.errors import Transient
from src.core.logging import get_logger
from src.database import outcomes
from src.domain.fire import FireId, FireState
from src.pipeline.context import Context, context
from src.scheduling.dispatch import FIRE_HEADER
from src.tasks.life import process_name
from src.tasks.waiting import wait_for

log = get_logger(__name__)

#: Added to a task's own limit before a second delivery may run it again.
_GRACE = timedelta(minutes=1)
_DEFAULT_LIMIT = timedelta(hours=1)
#: A worker waits so long for a Postgres that is away: what a task did must not go unrecorded.
LEDGER_PATIENCE_S = 300.0

T = TypeVar("T")


class FireTask(Task):
    """Runs like any task; where the message carries a fire, once for each fire.

    A Transient error is retried three times with back-off, the fire being `retried` meanwhile; whatever else
    ends it as failed. A message that expires ends only a fire that nobody has begun: its retries carry no
    expiry.
    """

    abstract = True
    max_retries = 3

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the task's body under the fire it carries."""
        if self.request.called_directly:
            return super().__call__(*args, **kwargs)
        fire = fire_of(self.request)
        if fire is None:
            return self._retrying(*args, **kwargs)
        work = context().for_fire(fire)
        limit, worker = limit_of(self.request) + _GRACE, process_name(self.request.hostname)
        try:
            mine = written(
                work, lambda session: outcomes.begin(session, fire, worker, work.clock.now(), limit)
            )
        except (Transient, SoftTimeLimitExceeded) as error:
            # Nothing has been done yet: the message goes back to its queue, so the fire is not lost.
            raise Reject(str(error), requeue=True) from error
        if not mine:
            if written(work, lambda session: _give_up(session, fire, work.clock.now() - limit)):
                log.warning("fire_given_up", fire_id=str(fire), task=self.name)
            else:
                log.info("fire_ran_already", fire_id=str(fire), task=self.name)
            raise Ignore  # a second delivery must not write over the first one's result
        return self._run_once(work, fire, *args, **kwargs)

    def retry(self, *args: Any, **options: Any) -> Any:
        """Send the same task again, as Celery does; that of a fire expires no more, because it was begun."""
        if not self.request.called_directly and fire_of(self.request) is not None:
            options.setdefault("expires", None)
        return super().retry(*args, **options)

    def _run_once(self, work: Context, fire: FireId, *args: Any, **kwargs: Any) -> Any:
        try:
            result = self._retrying(*args, **kwargs)
        except Retry as again:
            _give_back(work, fire, str(again))
            raise
        except Ignore as ignored:
            # Celery's `replace` raises it: another task goes on under this one's id.
            _give_back(work, fire, str(ignored), to=FireState.SENT)
            raise
        except Reject as unsent:
            # The broker is away, so its retry could not be sent: this message comes back in its place.
            why = f"its retry could not be sent: {unsent.reason}"
            _give_back(work, fire, why)
            raise Reject(why[:500], requeue=True) from unsent
        except SoftTimeLimitExceeded:
            _close(work, fire, FireState.FAILED, "the time limit was reached")
            raise
        except Exception as error:
            _close(work, fire, FireState.FAILED, f"{type(error).__name__}: {error}"[:500])
            raise
        _close(work, fire, FireState.SUCCEEDED, None, result if isinstance(result, dict) else None)
        return result

    def _retrying(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return self.run(*args, **kwargs)
        except Transient as error:
            raise self.retry(exc=error, countdown=2**self.request.retries * 5) from error


def fire_of(request: Any) -> FireId | None:
    """Return the fire that a task's message carries; None where it was sent by hand."""
    carried = (request.headers or {}).get(FIRE_HEADER) or getattr(request, FIRE_HEADER, None)
    return FireId(UUID(carried)) if carried else None


def fire_context(task: Task) -> Context:
    """Return the context on which a bound task works."""
    return context().for_fire(fire_of(task.request))


def _give_up(session: Session, fire: FireId, begun_before: datetime) -> bool:
    """Close a fire that has lost its worker at the last of its attempts; return False for any other."""
    row = outcomes.find(session, fire)
    if row is None or row.attempts < outcomes.MAX_ATTEMPTS:
        return False
    if row.state != FireState.STARTED or row.started_at is None or row.started_at >= begun_before:
        return False
    reason = f"given up: its worker ended without a word at each of {row.attempts} attempts"
    return outcomes.finish(session, fire, FireState.LOST, context().clock.now(), reason=reason)


def _close(
    work: Context, fire: FireId, state: FireState, reason: str | None, result: dict[str, Any] | None = None
) -> None:
    at = work.clock.now()
    written(work, lambda session: outcomes.finish(session, fire, state, at, reason=reason, result=result))


def _give_back(work: Context, fire: FireId, reason: str, to: FireState = FireState.RETRIED) -> None:
    at = work.clock.now()
    written(work, lambda session: outcomes.give_back(session, fire, reason[:500], at, to=to))


def written(work: Context, write: Callable[[Session], T]) -> T:
    """Write into the ledger; while Postgres is away, try again for a few minutes, then raise Transient."""

    def once() -> T:
        with work.database.session() as session:
            return write(session)

    return wait_for("Postgres", "DATABASE_URL", once, LEDGER_PATIENCE_S)


def limit_of(request: Any) -> timedelta:
    """Return how long a task may take before it is killed."""
    hard = (request.timelimit or (None, None))[0]
    return timedelta(seconds=hard) if hard else _DEFAULT_LIMIT
