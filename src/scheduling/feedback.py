"""Feedback: flow-run states and silent workers come back into the ledger."""

from datetime import datetime, timedelta

import redis

from src.core.errors import Transient
from src.core.logging import get_logger
from src.core.metrics import FIRES
from src.database import outcomes, vanished
from src.database.connection import Database
from src.database.leadership_fence import fence
from src.domain.fire import FireId, FireState
from src.scheduling.bridge import FlowRunState, PrefectBridge
from src.scheduling.sweep import Sweep

log = get_logger(__name__)

#: A fire is given up when its worker is silent so long past the entry's limit.
_GRACE = timedelta(minutes=2)


class Feedback:
    """Reads what became of open fires; run by the leader every few seconds.

    Every write raises LeadershipLost without effect where a later leader has begun.
    """

    def __init__(self, epoch: int, database: Database, bridge: PrefectBridge, client: redis.Redis) -> None:
        self._epoch = epoch
        self._database = database
        self._bridge = bridge
        self._sweep = Sweep(client)

    def reconcile(self, at: datetime) -> int:
        """Bring the states of open flow runs into the ledger; return how many fires ended.

        Raises Transient where Prefect is away; the next call catches up.
        """
        open_runs = vanished.open_flow_runs(self._database)
        if not open_runs:
            return 0
        runs = self._bridge.states(open_runs)
        gone = open_runs.keys() - {run.flow_run_id for run in runs}
        ended = 0
        with self._database.session() as session:
            fence(session, self._epoch)
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
        """Close fires that have outlived their limit, their worker being silent; return their entries."""
        return _told(vanished.close_lost(self._database, self._epoch, at, _GRACE))

    def sweep_vanished(self, at: datetime) -> dict[FireId, str]:
        """Close fires whose worker has shown no life for a minute; return their entries.

        Looks at most every ten seconds, and concludes nothing where Redis is away.

        Such a fire ends as lost and is not sent again. Its body had begun: it may have had its effect, and
        where the worker is only cut off from Redis, or its main process died alone, the body still runs.
        Another run beside it would break the one promise that the ledger makes, one effect for one due time;
        a worker that comes back late has its word taken instead (`outcomes.finish`). It is also how the death
        of a single child ends, as failed at once. Whoever knows that a second run does no harm asks for one.
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


def _told(lost: dict[FireId, str]) -> dict[FireId, str]:
    for fire, entry in lost.items():
        FIRES.labels(FireState.LOST.value).inc()
        log.warning("fire_lost", entry=entry, fire_id=str(fire))
    return lost


def _reason(run: FlowRunState) -> str | None:
    return None if run.state is FireState.SUCCEEDED else (run.message or "")[:500] or None
