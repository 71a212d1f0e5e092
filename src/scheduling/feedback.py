"""Feedback: flow-run states and silent workers come back into the ledger."""

from datetime import datetime, timedelta

import redis
from sqlalchemy.orm import Session

from src.core.errors import Misconfigured, Transient
from src.core.logging import get_logger
from src.core.metrics import FIRES
from src.database import flow_runs, interrupted, outcomes, vanished
from src.database.connection import Database
from src.database.flow_runs import FireWithRun
from src.database.interrupted import Crash
from src.database.leadership_fence import fence
from src.domain.entry import FlowRunner
from src.domain.fire import FireId, FireState
from src.scheduling.bridge.client import PrefectClient
from src.scheduling.bridge.records import FlowRun
from src.scheduling.bridge.rest import ServerFault
from src.scheduling.sweep import Sweep

log = get_logger(__name__)

#: A fire is given up when its worker is silent so long past the entry's limit.
_GRACE = timedelta(minutes=2)

#: So far back it is made sure that what has ended in the ledger has ended in Prefect.
_SETTLED_AFTER = timedelta(hours=1)


class Feedback:
    """Reads what became of open fires; run by the leader every few seconds.

    A flow tells its own end (`src.orchestration.flows.outcome_hooks`); what is read here is what that missed.
    Every write raises LeadershipLost without effect where a later leader has begun.
    """

    def __init__(
        self, epoch: int, database: Database, client: PrefectClient, redis_client: redis.Redis
    ) -> None:
        self._epoch = epoch
        self._database = database
        self._client = client
        self._sweep = Sweep(redis_client)
        self._settled: set[str] = set()

    def reconcile(self, at: datetime) -> int:
        """Bring the states of open flow runs into the ledger; return how many fires ended.

        Raises Transient where Prefect is away; the next call catches up.
        """
        open_runs = flow_runs.open_flow_runs(self._database)
        if not open_runs:
            return 0
        runs = {run.id: run for run in self._client.flow_runs(ids=open_runs)}
        with self._database.session() as session:
            fence(session, self._epoch)
            return sum(self._bring(session, fire, runs.get(id_), at) for id_, fire in open_runs.items())

    def settle(self, at: datetime) -> int:
        """Bring fires and flow runs together that ended without each other; return how many runs were ended.

        The worker of such a run is gone, or somebody revoked it while Prefect was away, or Prefect could not
        be told of its end. Raises Transient where Prefect is away.
        """
        ended = flow_runs.ended_flow_runs(self._database, at - _SETTLED_AFTER)
        self._settled &= ended.keys()
        doubtful = ended.keys() - self._settled
        settled, later = 0, set()
        for run in self._client.flow_runs(ids=doubtful) if doubtful else ():
            try:
                settled += self._settle(run, ended[run.id], at)
            except (Misconfigured, ServerFault) as error:  # it keeps none of the others from being settled
                log.warning("flow_run_not_settled", flow_run_id=run.id, reason=str(error))
                later.add(run.id)
        self._settled |= doubtful - later
        return settled

    def _settle(self, run: FlowRun, held: FireWithRun, at: datetime) -> bool:
        if not run.ended:
            return self._end(run, held)
        if run.ledger_state is FireState.SUCCEEDED:
            self._correct(run, held, at)
        return False

    def _end(self, run: FlowRun, held: FireWithRun) -> bool:
        """End a run that outlived its fire; return False for one that somebody has started again since."""
        state = held.state
        if _started_again(run, held):
            return False
        if state is FireState.SUCCEEDED:
            why = "Prefect was away when it ended"
            self._client.set_state(run.id, "COMPLETED", message=why, force=True)
        elif state in {FireState.LOST, FireState.FAILED}:
            self._client.set_state(run.id, "CRASHED", message="its worker is gone", force=True)
        elif run.state_type == "CANCELLING" and held.flow_runner is FlowRunner.CELERY:
            # No worker of Prefect's would ever end what was cancelled before it began.
            self._client.set_state(run.id, "CANCELLED", force=True)
        else:
            self._client.cancel(run.id)
        log.info("flow_run_settled", flow_run_id=run.id, fire_id=str(held.fire), state=state.value)
        return True

    def _correct(self, run: FlowRun, held: FireWithRun, at: datetime) -> None:
        """Take Prefect's word for a run whose process died between its end and the ledger."""
        with self._database.session() as session:
            fence(session, self._epoch)
            if flow_runs.completed_after_all(session, held.fire, run.finished_at or at):
                log.info("fire_completed_after_all", flow_run_id=run.id, fire_id=str(held.fire))

    def _bring(self, session: Session, held: FireWithRun, run: FlowRun | None, at: datetime) -> bool:
        """Bring one run's state into the ledger; return whether its fire ended."""
        if run is None:
            return outcomes.finish(
                session, held.fire, FireState.LOST, at, reason="Prefect has its run no more"
            )
        in_pool = held.flow_runner is FlowRunner.POOL
        if run.state_type == "PAUSED":
            return self._paused(session, held, run, at)
        if run.state_type == "CANCELLING" and not in_pool and held.state is not FireState.STARTED:
            return outcomes.finish(session, held.fire, FireState.REVOKED, at, reason="cancelled in Prefect")
        if run.state_type == "CRASHED":
            return self._crashed(session, held, run, at)
        if run.ended:
            ended = outcomes.finish(
                session, held.fire, run.ledger_state, run.finished_at or at,
                reason=_reason(run), started_at=run.started_at,
            )  # fmt: skip
            if ended:
                log.info("flow_run_ended", fire_id=str(held.fire), state=run.ledger_state.value)
            return ended
        if in_pool and run.ledger_state is FireState.STARTED:
            outcomes.mark_started(session, held.fire, run.started_at or at)
        return False

    def _paused(self, session: Session, held: FireWithRun, run: FlowRun, at: datetime) -> bool:
        if run.pause_until is None or at < run.pause_until:
            # A run on a Celery worker says by itself when it has stopped.
            if held.flow_runner is FlowRunner.POOL:
                interrupted.pause(session, held.fire, run.message)
            return False
        # Prefect leaves it suspended, and would refuse to resume it.
        why = f"paused, and not resumed until {run.pause_until:%Y-%m-%d %H:%M:%S} UTC"
        return outcomes.finish(session, held.fire, FireState.FAILED, at, reason=why)

    def _crashed(self, session: Session, held: FireWithRun, run: FlowRun, at: datetime) -> bool:
        reason = (run.message or "its flow run crashed")[:400]
        if held.flow_runner is FlowRunner.POOL and held.state is not FireState.STARTED:
            outcomes.mark_started(session, held.fire, run.started_at or at)
            crashes = [Crash(held.fire, reason)]
        elif held.state is FireState.STARTED:
            crashes = [Crash(held.fire, reason, held.worker, held.started_at)]
        else:
            return False  # it waits to be sent again
        return bool(interrupted.crash(session, crashes, FireState.FAILED, at))

    def close_lost(self, at: datetime) -> dict[FireId, str]:
        """Close fires that have outlived their limit, their worker being silent; return their entries."""
        return _told(vanished.close_lost(self._database, self._epoch, at, _GRACE))

    def sweep_vanished(self, at: datetime) -> dict[FireId, str]:
        """Close fires whose worker has shown no life for a minute; return their entries.

        Looks at most every ten seconds, and concludes nothing where Redis is away.

        Such a fire ends as lost and is not sent again, unless its entry's policy has `retries`. Its body had
        begun: it may have had its effect, and where the worker is only cut off from Redis, or its main
        process died alone, the body still runs. Another run beside it would break the one promise that the
        ledger makes, one effect for one due time; a worker that comes back late has its word taken instead
        (`outcomes.finish`). Whoever knows that a second run does no harm says so in the policy, or asks for
        one.
        """
        if not self._sweep.is_due(at):
            return {}
        begun = vanished.begun_on_nodes(self._database)
        try:
            gone = self._sweep.vanished(begun, at)
        except Transient as error:
            log.warning("sweep_waits", reason=str(error))
            return {}
        return _told(vanished.close_vanished(self._database, self._epoch, gone, at)) if gone else {}


def _started_again(run: FlowRun, held: FireWithRun) -> bool:
    """Say whether somebody started the run in Prefect after its fire had ended."""
    again = {"SCHEDULED"} if held.flow_runner is FlowRunner.CELERY else {"SCHEDULED", "PENDING", "RUNNING"}
    later = run.state_at and held.finished_at and run.state_at > held.finished_at
    return run.state_type in again and bool(later)


def _told(lost: dict[FireId, str]) -> dict[FireId, str]:
    for fire, entry in lost.items():
        FIRES.labels(FireState.LOST.value).inc()
        log.warning("fire_lost", entry=entry, fire_id=str(fire))
    return lost


def _reason(run: FlowRun) -> str | None:
    return None if run.ledger_state is FireState.SUCCEEDED else (run.message or "")[:500] or None
