"""What waits in the work pool of the Celery workers, picked up by the leading Beat as by a worker."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from src.core.logging import get_logger
from src.database import flow_runs, interrupted, outcomes
from src.database.connection import Database
from src.database.leadership_fence import fence
from src.database.tables.schedule import FireRow
from src.domain.fire import OPEN, Fire, FireId, FireState, fire_id
from src.scheduling.bridge.client import PrefectClient
from src.scheduling.bridge.records import FlowRun
from src.scheduling.entrypoints import CELERY_WORK_POOL
from src.scheduling.flow_carrier import TAG

log = get_logger(__name__)

#: Prefect counts a worker as online while it hears of it in this time, several times over.
HEARTBEAT_S = 10.0

#: A run that was made ahead and that nobody claimed so long after its due time is nobody's.
_FORGOTTEN = timedelta(minutes=1)

#: So many pending runs are looked at in one `tidy`.
_MOST_PENDING = 2_000

#: What the run of a deployment is told that no entry names.
NO_ENTRY = "no entry of Matchbeat's schedule names this run's deployment; see `matchbeat schedule list`"


class PickUp:
    """Makes fires of flow runs that somebody started or resumed in Prefect.

    Every write raises LeadershipLost without effect where a later leader has begun, and every call Transient
    where Prefect is away.
    """

    def __init__(self, epoch: int, database: Database, client: PrefectClient, worker: str) -> None:
        self._epoch = epoch
        self._database = database
        self._client = client
        self._worker = worker

    def show_life(self) -> None:
        """Let Prefect show the pool as served."""
        self._client.worker_heartbeat(CELERY_WORK_POOL, self._worker, HEARTBEAT_S)

    def pick_up(self, at: datetime) -> int:
        """Let the scheduled runs be sent that are due at `at`; return how many were new or resumed.

        A run whose fire is open goes on under it. One that a person started, or started again after its fire
        had ended, becomes a fire by hand of the entry that names its deployment; where none does, it fails.
        """
        found = self._client.scheduled_runs(CELERY_WORK_POOL, at)
        if not found:
            return 0
        deployments = {item.id: name for name, item in self._client.deployments().items()}
        entries = flow_runs.entries_of_deployments(self._database)
        picked = 0
        for run in found:
            entry = entries.get(deployments.get(run.deployment_id or "", ""))
            picked += self._take(run, entry, at)
        return picked

    def _take(self, run: FlowRun, entry: str | None, at: datetime) -> bool:
        with self._database.session() as session:
            fence(session, self._epoch)
            if (row := _open_fire(session, run)) is not None:
                fire = FireId(row.id)
                return interrupted.send_again(session, fire, [FireState.PAUSED], "resumed in Prefect")
            if entry is not None:
                return _request(session, run, entry, at)
        log.warning("flow_run_without_entry", flow_run_id=run.id, deployment_id=run.deployment_id)
        self._client.set_state(run.id, "FAILED", message=NO_ENTRY, force=True)
        return False

    def tidy(self, at: datetime, made: Collection[str]) -> int:
        """End runs that wait for nobody: an earlier leader made them, and died before it wrote them down.

        One whose due time was never claimed is deleted, one whose fire has ended is cancelled. Returns how
        many there were.
        """
        waiting = self._client.flow_runs(tags=[TAG], state_types=["PENDING"], limit=_MOST_PENDING)
        wanted = made | flow_runs.open_flow_runs(self._database).keys() if waiting else made
        # Prefect has for them when they were made: they were due a few seconds later.
        old = [
            run
            for run in waiting
            if run.id not in wanted and run.expected_start and run.expected_start < at - _FORGOTTEN
        ]
        fires = {run.id: fire for run in old if (fire := _fire_of(run)) is not None}
        known = flow_runs.states(self._database, list(fires.values())) if fires else {}
        nobodys = {run_id: fire for run_id, fire in fires.items() if known.get(fire) not in OPEN}
        for run_id, fire in nobodys.items():
            log.info("flow_run_withdrawn", flow_run_id=run_id, fire_id=str(fire))
            if fire in known:
                self._client.cancel(run_id)
            else:
                self._client.delete_flow_run(run_id)
        return len(nobodys)


def _open_fire(session: Session, run: FlowRun) -> FireRow | None:
    """Return the open fire of a run; one whose leader died at once is known by the run's key only."""
    if (row := flow_runs.open_fire_of(session, run.id)) is not None:
        return row
    fire = _fire_of(run)
    row = outcomes.find(session, fire) if fire else None
    return row if row is not None and row.finished_at is None else None


def _request(session: Session, run: FlowRun, entry: str, at: datetime) -> bool:
    """Make a fire of a run that has no open one; return False where its state has been one already.

    It is due when that state wants it; where that due time is another fire's, a microsecond later.
    """
    due = run.scheduled_at or run.state_at or at
    while (row := outcomes.find(session, fire_id(entry, due))) is not None:
        if row.flow_run_id == run.id:
            return False
        due += timedelta(microseconds=1)
    asked = Fire(
        id=fire_id(entry, due), entry=entry, due_at=due, parameters=dict(run.parameters), by_hand=True
    )
    outcomes.request(session, asked, at, flow_run_id=run.id)
    log.info("flow_run_picked_up", entry=entry, fire_id=str(asked.id), flow_run_id=run.id)
    return True


def _fire_of(run: FlowRun) -> FireId | None:
    try:
        return FireId(UUID(run.key)) if run.key else None
    except ValueError:
        return None
