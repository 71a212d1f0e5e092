"""The Beat seam: `celery beat --scheduler src.tasks.scheduler_prefect.PrefectFlowScheduler`."""

import os
import socket
from datetime import datetime, timedelta
from typing import Any

from celery.beat import Scheduler
from kombu.exceptions import OperationalError

from src.core.errors import MatchbeatError, Misconfigured, Transient
from src.core.logging import get_logger
from src.core.metrics import LEADER
from src.database.leadership import Leadership
from src.database.ledger import PostgresLedger
from src.domain.entry import Runner
from src.pipeline.context import Context, context
from src.scheduling.bridge import PrefectBridge
from src.scheduling.catalog import CATALOG, check_catalog, check_deployments
from src.scheduling.dispatch import CeleryCarrier
from src.scheduling.engine import Engine
from src.scheduling.feedback import Feedback
from src.scheduling.lane import Lane
from src.tasks.waiting import wait_for

log = get_logger(__name__)

#: Beat looks at its shutdown flag and its liveness at least so often.
_LONGEST_WAIT_S = 1.0
_FEEDBACK_EVERY = timedelta(seconds=2)
#: At its end Beat waits so long for the call to Prefect that is under way.
_LANE_GRACE_S = 3.0


class PrefectFlowScheduler(Scheduler):
    """Fires Celery tasks and Prefect deployments, each due time once, whichever Beat leads.

    Beat makes the scheduler twice, the first time `lazy` for its banner: nothing is connected before
    `setup_schedule`. Waiting happens inside `tick`, on the connection that holds the leadership, because
    Beat's own sleep cannot be woken.
    """

    max_interval = _LONGEST_WAIT_S

    def setup_schedule(self) -> None:
        """Wait for Postgres, the broker and Prefect; end Beat with one clear line where it cannot run."""
        try:
            self._set_up(context())
        except MatchbeatError as error:
            raise SystemExit(f"Beat cannot start: {error}") from None

    def _set_up(self, work: Context) -> None:
        self._work = work
        self._engine: Engine | None = None
        self._feedback_due: datetime | None = None
        self._lane = Lane("prefect-lane")
        self._leadership = Leadership(
            work.settings.require_database_url(), f"{socket.gethostname()}:{os.getpid()}"
        )
        check_catalog(CATALOG, tasks=self._task_names())
        self._bridge = _bridge(work)
        self._wait_for_parts(work)
        check_deployments(CATALOG, self._bridge.deployments())

    def tick(self, *_args: Any, **_kwargs: Any) -> float:
        """Do what is due, then wait for the next due time or a change of the schedule; return 0."""
        try:
            engine = self._leading_engine()
            if engine is None:
                self._leadership.wait(_LONGEST_WAIT_S)
                return 0.0
            now = self._work.clock.now()
            engine.claim_due(now)
            engine.send(Runner.CELERY, now)
            self._mind_prefect(engine, now)
            wait = engine.seconds_to_next(self._work.clock.now())
            if self._leadership.wait(_LONGEST_WAIT_S if wait is None else min(wait, _LONGEST_WAIT_S)):
                engine.load()
        except Transient as error:
            log.warning("beat_stands_by", reason=str(error))
            self._stand_down()
            return _LONGEST_WAIT_S
        return 0.0

    def close(self) -> None:
        """Give up the leadership, so that another Beat takes over at once."""
        if hasattr(self, "_leadership"):
            if not self._lane.wait(_LANE_GRACE_S):
                log.warning("prefect_lane_abandoned", hint="its flow runs have idempotency keys")
            self._stand_down()

    @property
    def info(self) -> str:
        """What Beat's banner says of the scheduler."""
        return "    . ledger -> Postgres, flows -> Prefect"

    def _leading_engine(self) -> Engine | None:
        if self._engine is None and self._leadership.campaign(self._work.clock.now()):
            epoch = self._leadership.epoch or 0
            ledger = PostgresLedger(self._work.database)
            engine = Engine(
                epoch,
                ledger,
                {
                    Runner.CELERY: CeleryCarrier(self.app.send_task, (OperationalError, OSError)),
                    Runner.PREFECT: self._bridge,
                },
            )
            engine.declare(CATALOG, self._work.clock.now())
            self._engine = engine
            self._feedback = Feedback(epoch, self._work.database, self._bridge)
            LEADER.set(1)
            log.info("beat_leads", epoch=epoch)
        return self._engine

    def _mind_prefect(self, engine: Engine, now: datetime) -> None:
        """Send flow runs and read their states beside the tick: no state of Prefect delays a task."""
        if self._lane.busy:
            return
        error = self._lane.take_error()
        if isinstance(error, MatchbeatError):
            log.warning("prefect_lane_waits", reason=str(error))
        elif error is not None:
            raise error
        feedback = self._feedback
        self._lane.begin(lambda: self._prefect_round(engine, feedback, now))

    def _prefect_round(self, engine: Engine, feedback: Feedback, now: datetime) -> None:
        engine.send(Runner.PREFECT, now)
        if self._feedback_due is None or not timedelta(0) <= self._feedback_due - now <= _FEEDBACK_EVERY:
            self._feedback_due = now + _FEEDBACK_EVERY
            feedback.close_lost(now)
            feedback.reconcile(now)

    def _stand_down(self) -> None:
        self._leadership.resign()
        self._engine = None
        LEADER.set(0)

    def _task_names(self) -> set[str]:
        self.app.loader.import_default_modules()
        return {name for name in self.app.tasks if not name.startswith("celery.")}

    def _wait_for_parts(self, work: Context) -> None:
        limit = work.settings.start_timeout_s
        wait_for("Postgres", "DATABASE_URL", work.database.ping, limit)
        wait_for("the broker", "REDIS_URL", self._ping_broker, limit)
        wait_for("Prefect", "PREFECT_API_URL", self._bridge.ping, limit)

    def _ping_broker(self) -> None:
        try:
            with self.app.connection_for_write() as connection:
                connection.ensure_connection(max_retries=1, timeout=2)
        except (OperationalError, OSError) as error:
            raise Transient(f"the broker is not answering: {type(error).__name__}") from error


def _bridge(work: Context) -> PrefectBridge:
    auth = work.settings.prefect_api_auth_string
    url = work.settings.require_prefect_api_url()
    if not url.endswith("/api"):
        raise Misconfigured(f"PREFECT_API_URL must end in /api, for example {url.rstrip('/')}/api")
    return PrefectBridge(url, auth.get_secret_value() if auth else None)
