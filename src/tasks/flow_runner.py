"""Flow runs on warm Celery workers: one task, which runs the flow run that it is told of."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar
from uuid import UUID

import structlog
from celery import Task
from celery.exceptions import Ignore, Reject
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from src.core.errors import BadData, Misconfigured, Transient
from src.core.logging import get_logger
from src.database import interrupted, outcomes
from src.database.clock import DatabaseClock
from src.database.interrupted import Crash
from src.database.tables.schedule import FireRow
from src.domain.fire import FireId, FireState
from src.pipeline.context import Context, context
from src.scheduling.dispatch import FLOW_TASK
from src.tasks.celery_app import app
from src.tasks.fire_task import fire_of, limit_of, written
from src.tasks.flow_modules import flow_of
from src.tasks.flow_process import PROCESS
from src.tasks.life import process_name

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.client.schemas.objects import FlowRun, State
    from prefect.exceptions import Pause

    from src.tasks.flow_engine import WarmEngine

log = get_logger(__name__)

#: A worker that stands by waits so long after the due time for its claim; a new leader may have to be found.
_PATIENCE = timedelta(seconds=30)
#: Near the due time the claim is looked for so often.
_NEAR_S, _FAR_S = 0.004, 0.1
_NEAR = timedelta(seconds=0.3)
#: A message that finds Prefect away goes back to its queue after so many seconds.
_AWAY_S = 1.0
#: Added to the limit of a run before a second message may run it again.
_GRACE = timedelta(minutes=1)

_ENDS = {
    "COMPLETED": FireState.SUCCEEDED,
    "FAILED": FireState.FAILED,
    "CANCELLED": FireState.REVOKED,
}

T = TypeVar("T")


class FlowRunFailed(Exception):
    """The flow run ended otherwise than well; the ledger and Prefect have it already."""


# Ledger and Prefect have the result: a Redis that is away must not fail a run that it has nothing to do with.
@app.task(bind=True, base=Task, name=FLOW_TASK, ignore_result=True)
def run(
    self: Task,
    flow_run_id: str,
    deployment: str,
    due_at: str | None = None,
    parameters: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Run the flow run `flow_run_id` of `deployment`, once its fire is claimed.

    With `due_at` (ISO, aware) the run may come before its due time: all is made ready, and the run begins as
    soon as a leader has claimed the fire with the same `parameters`, those of the entry. Whoever begins the
    fire in the ledger runs it; other messages of it end without a word.
    """
    fire = fire_of(self.request)
    if fire is None:
        raise BadData(f"{FLOW_TASK} runs fires only: ask for one with `matchbeat schedule run-now ENTRY`")
    structlog.contextvars.clear_contextvars()  # of the run before, in this process
    due = datetime.fromisoformat(due_at) if due_at else None
    attempt = Attempt(
        context().for_fire(fire), fire, flow_run_id, deployment,
        due=due, parameters=parameters,
        limit=limit_of(self.request), worker=process_name(self.request.hostname),
    )  # fmt: skip
    return attempt.run()


def _check_free(state_type: str) -> None:
    """Raise Abort where a run is in another state than one to begin from; Prefect's rules let most begin."""
    from prefect.exceptions import Abort

    if state_type not in {"PENDING", "SCHEDULED"}:
        raise Abort(f"it is {state_type.lower()}")


class Attempt:
    """One attempt at one flow run in this process."""

    def __init__(
        self,
        work: Context,
        fire: FireId,
        run_id: str,
        deployment: str,
        *,
        due: datetime | None,
        parameters: dict[str, Any] | None = None,
        limit: timedelta,
        worker: str,
    ) -> None:
        self._work, self._fire, self._run_id, self._deployment = work, fire, run_id, deployment
        self._due, self._limit, self._worker = due, limit, worker
        self._parameters = parameters
        self._client = PROCESS.client(work.settings)
        self._begun = False

    def run(self) -> dict[str, Any]:
        """Run it to its end; raise Ignore where it is not ours to run, FlowRunFailed where it ends badly."""
        from prefect.exceptions import Abort, ObjectNotFound, Pause

        try:
            state = self._run(flow_of(self._deployment))
        except Misconfigured as error:
            self._refuse(str(error))
        except Abort as error:
            self._leave_alone(str(error))
        except Pause as pause:
            return self._paused(pause)
        except ObjectNotFound:
            self._send_again("its flow run was deleted")
        if not state.is_completed():
            raise FlowRunFailed(f"{state.name}: {state.message}")
        return {"flow_run_id": self._run_id, "state": state.name}

    def _run(self, flow: "Flow[..., Any]") -> "State[Any]":
        from src.tasks.flow_engine import RunCancelled, engine_for
        from src.tasks.flow_watch import Watch

        self._check_wanted()
        flow_run = self._read_run()
        _check_free(flow_run.state.type.value if flow_run.state else "PENDING")
        # Where somebody started the run again, Prefect has the parameters of its first fire.
        parameters = flow_run.parameters = {**flow_run.parameters, "fire_id": str(self._fire)}
        engine = engine_for(flow, flow_run, parameters, self._wait_for_claim)
        give_up = partial(self._finish, FireState.REVOKED, "cancelled; it did not end by itself")
        with Watch(self._run_id, self._client, engine.suspend, PROCESS.stops, give_up) as self._watch:
            try:
                engine.run_to_end()
            except RunCancelled:
                log.info("flow_run_ended_by_cancelling", fire_id=str(self._fire))
            except Exception as error:  # Prefect's client raises whatever its transport does
                self._engine_failed(engine, error)
        self._close(engine.state)
        return engine.state

    def _check_wanted(self) -> None:
        """Raise Abort where the fire has ended: Prefect is not asked for each message that came twice."""
        from prefect.exceptions import Abort

        row = self._in_session(lambda session: outcomes.find(session, self._fire))
        if row is not None and row.finished_at is not None:
            raise Abort(f"the fire is {row.state}")

    def _read_run(self) -> "FlowRun":
        from prefect.exceptions import ObjectNotFound

        try:
            return PROCESS.prefect().read_flow_run(UUID(self._run_id))
        except ObjectNotFound:
            raise
        except Exception as error:  # Prefect's client raises whatever its transport does
            log.warning("flow_run_waits", flow_run_id=self._run_id, reason=f"{type(error).__name__}: {error}")
            self._put_back(error)

    def _put_back(self, error: Exception) -> NoReturn:
        """Put the message back: nothing has been done yet, and Prefect is away."""
        time.sleep(_AWAY_S)
        raise Reject(str(error)[:300], requeue=True) from error

    def _wait_for_claim(self) -> None:
        """Begin the fire, waiting for its claim where it is not due yet; raise Abort where it is not ours."""
        from prefect.exceptions import Abort

        clock = self._database_clock() if self._due else None
        waited = False
        while not self._begin():
            left = self._due - clock.now() if self._due and clock else None
            if not self._may_come(left):
                raise Abort("the fire was begun elsewhere, has ended, or was never claimed")
            self._sleep(left)
            waited = True
        self._begun = True
        if waited and (run := self._client.flow_run(self._run_id)) is not None:
            _check_free(run.state_type)

    def _may_come(self, left: timedelta | None) -> bool:
        """Whether the claim of a fire that cannot be begun yet is still to be waited for."""
        row = self._in_session(lambda session: outcomes.find(session, self._fire))
        if row is not None:
            return row.state in outcomes.WAITING  # it was claimed a moment ago
        return left is not None and left > -_PATIENCE and not self._watch.gone

    def _sleep(self, left: timedelta | None) -> None:
        is_near = left is None or abs(left) < _NEAR
        time.sleep(_NEAR_S if is_near else _FAR_S)

    def _begin(self) -> bool:
        limit, at = self._limit + _GRACE, self._work.clock.now()

        def write(session: Session) -> bool:
            begun = outcomes.begin(session, self._fire, self._worker, at, limit)
            if begun and (row := outcomes.find(session, self._fire)) is not None:
                self._check_parameters(row)
                # A leader that died after its claim has not written it down.
                row.flow_run_id = self._run_id
            return begun

        return self._in_session(write)

    def _check_parameters(self, row: FireRow) -> None:
        """Raise Abort where the fire was claimed with other parameters than its run was made with."""
        from prefect.exceptions import Abort

        if self._parameters is not None and row.parameters != self._parameters:
            raise Abort("its entry was edited after it was made ahead; it gets another run")

    def _database_clock(self) -> DatabaseClock:
        clock = DatabaseClock()
        clock.set(self._in_session(lambda session: session.scalars(select(func.clock_timestamp())).one()))
        return clock

    def _close(self, state: "State[Any]") -> None:
        """Write down an end of which no hook told."""
        if state.is_crashed():
            self._crash(state.message or "its flow run crashed")
        elif state.is_final():
            self._finish(_ENDS[state.type.value], None if state.is_completed() else state.message)

    def _engine_failed(self, engine: "WarmEngine", error: Exception) -> NoReturn:
        """Decide what an error means that is none of the flow's: Prefect could not be told of a state."""
        why = f"{type(error).__name__}: {error}"[:300]
        log.warning("flow_engine_failed", flow_run_id=self._run_id, reason=why)
        if engine.body_done:
            self._finish(FireState.SUCCEEDED, f"Prefect could not be told of its end: {why}")
        elif engine.body_begun:
            self._crash(why)
        elif self._begun:
            self._send_again(f"Prefect was away as it was to begin: {why}")
        else:
            self._put_back(error)
        raise FlowRunFailed(why) from error

    def _leave_alone(self, why: str) -> NoReturn:
        """Leave a run alone that another worker has, that was cancelled or that has ended."""
        log.info("flow_run_left_alone", flow_run_id=self._run_id, fire_id=str(self._fire), reason=why)
        try:
            run = self._client.flow_run(self._run_id)
        except Transient:
            raise Ignore from None  # the leader asks what became of it
        # One that has crashed may be about to be sent again.
        if run is not None and run.ended and run.state_type != "CRASHED":
            self._finish(run.ledger_state, run.message)
        elif run is not None and run.state_type == "CANCELLING":
            self._client.set_state(self._run_id, "CANCELLED", force=True)
            self._finish(FireState.REVOKED, run.message or "cancelled before it began")
        raise Ignore

    def _paused(self, pause: "Pause") -> dict[str, Any]:
        if self._watch.worker_stops:
            with suppress(Transient):  # the leader sets it as well
                self._client.set_state(self._run_id, "PENDING", name="AwaitingRetry", force=True)
            self._send_again("its worker stopped")
        message = pause.state.message if pause.state else None
        self._in_session(partial(interrupted.pause, fire=self._fire, reason=message))
        return {"flow_run_id": self._run_id, "state": "Paused"}

    def _send_again(self, why: str) -> NoReturn:
        states = [FireState.CLAIMED, FireState.SENT, FireState.STARTED]
        self._in_session(partial(interrupted.send_again, fire=self._fire, states=states, reason=why))
        raise Ignore

    def _refuse(self, why: str) -> NoReturn:
        """End a run whose flow this worker does not have."""
        if self._begin():
            self._finish(FireState.FAILED, why)
            self._client.set_state(self._run_id, "FAILED", message=why, force=True)
        raise FlowRunFailed(why)

    def _crash(self, why: str) -> None:
        crashes, at = [Crash(self._fire, why)], self._work.clock.now()
        self._in_session(partial(interrupted.crash, crashes=crashes, end=FireState.FAILED, at=at))

    def _finish(self, state: FireState, reason: str | None) -> None:
        at = self._work.clock.now()
        reason = reason[:500] if reason else None
        self._in_session(partial(outcomes.finish, fire=self._fire, state=state, at=at, reason=reason))

    def _in_session(self, write: Callable[[Session], T]) -> T:
        return written(self._work, write)
