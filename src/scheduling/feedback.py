"""Feedback: flow-run states and silent workers come back into the ledger."""

from datetime import datetime, timedelta

from src.core.logging import get_logger
from src.core.metrics import FIRES
from src.database import outcomes
from src.database.connection import Database
from src.database.ledger import PostgresLedger
from src.domain.fire import FireId, FireState
from src.scheduling.bridge import FlowRunState, PrefectBridge

log = get_logger(__name__)

#: A fire is given up when its worker is silent so long past the entry's limit.
_GRACE = timedelta(minutes=2)


class Feedback:
    """Reads what became of open fires; run by the leader every few seconds."""

    def __init__(self, epoch: int, database: Database, bridge: PrefectBridge) -> None:
        self._epoch = epoch
        self._database = database
        self._ledger = PostgresLedger(database)
        self._bridge = bridge

    def reconcile(self, at: datetime) -> int:
        """Bring the states of open flow runs into the ledger; return how many fires ended.

        Raises Transient where Prefect is away; the next call catches up.
        """
        open_runs = self._ledger.open_flow_runs()
        if not open_runs:
            return 0
        runs = self._bridge.states(open_runs)
        gone = open_runs.keys() - {run.flow_run_id for run in runs}
        ended = 0
        with self._database.session() as session:
            for flow_run_id in gone:
                ended += outcomes.finish(
                    session, open_runs[flow_run_id], FireState.LOST, at, reason="Prefect has its run no more"
                )
            for run in runs:
                fire = open_runs[run.flow_run_id]
                if run.state is FireState.STARTED:
                    outcomes.mark_started(session, fire, run.started_at or at)
                elif run.state is not FireState.SENT:
                    ended += outcomes.finish(
                        session,
                        fire,
                        run.state,
                        run.finished_at or at,
                        reason=_reason(run),
                        started_at=run.started_at,
                    )
                    log.info("flow_run_ended", fire_id=str(fire), state=run.state.value)
        return ended

    def close_lost(self, at: datetime) -> dict[FireId, str]:
        """Close fires whose worker ended without a word; return their entries."""
        lost = self._ledger.close_lost(self._epoch, at, _GRACE)
        for fire, entry in lost.items():
            FIRES.labels(entry, "lost").inc()
            log.warning("fire_lost", entry=entry, fire_id=str(fire))
        return lost


def _reason(run: FlowRunState) -> str | None:
    return None if run.state is FireState.SUCCEEDED else (run.message or "")[:500] or None
