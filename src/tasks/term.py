"""One leadership of one Beat: the engine, and what the leader does beside firing."""

import socket
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from celery import Celery

from src.cache.redis_client import get_redis_client
from src.core.logging import get_logger
from src.database import flow_runs
from src.database.clock import DatabaseClock
from src.database.fixtures import FIXTURES_CHANGED, kickoffs
from src.database.leadership import Leadership
from src.database.ledger import PostgresLedger
from src.database.released import RELEASED
from src.domain.entry import Entry, Runner
from src.domain.ports import Carrier, Closed
from src.pipeline.context import Context
from src.scheduling.ahead import Ahead
from src.scheduling.bridge.client import PrefectClient
from src.scheduling.dispatch import FLOW_QUEUE
from src.scheduling.engine import Engine
from src.scheduling.feedback import Feedback
from src.scheduling.flow_carrier import FlowCarrier
from src.scheduling.outage import Outage
from src.scheduling.pickup import PickUp
from src.scheduling.prefect_lane import PrefectLane
from src.scheduling.rhythm import Rhythm
from src.tasks.publisher import CeleryCarrier

log = get_logger(__name__)

#: The lease is renewed so often, and several times within it.
_HEARTBEAT_S = 2.0
#: Fires that were sent and never begun are looked for so often; density cadences look at the fixtures anew.
_PATROL_S = 60.0

#: While a fire waits for Prefect, the tick looks so often whether it can go out.
_NEXT_LOOK_S = 0.02

#: Postgres' clock may be set right by so much before it counts as a jump.
_JUMP = timedelta(seconds=30)
#: At its end a term waits so long for the call to Prefect that is under way.
_LANE_GRACE_S = 3.0


class Term:
    """What the leading Beat does, in steps; every step raises LeadershipLost once a later leader has begun.

    All times are Postgres' (see `DatabaseClock`): this machine's clock may be wrong, or be set.
    """

    def __init__(
        self,
        leadership: Leadership,
        work: Context,
        app: Celery,
        client: PrefectClient,
        entries: Sequence[Entry],
    ) -> None:
        assert leadership.epoch is not None and leadership.began_at is not None  # noqa: S101, PT018
        self._leadership = leadership
        self._work = work
        self._clock = DatabaseClock()
        self._clock.set(leadership.began_at)
        self._ledger = PostgresLedger(work.database)
        self._celery = CeleryCarrier(app, set(app.amqp.queues) - {FLOW_QUEUE})
        # The lane has a connection to the broker of its own: it is another thread.
        self._lane_celery = CeleryCarrier(app, {FLOW_QUEUE})
        flows = FlowCarrier(client, self._lane_celery, work.settings.prefect_writers)
        carriers: dict[Runner, Carrier] = {Runner.CELERY: self._celery, Runner.PREFECT: flows}
        self._entries = entries
        self._engine = Engine(
            leadership.epoch, self._ledger, carriers, partial(_kickoffs, work), self._note_missed
        )
        self._outage = Outage(work.database)
        self._lane = PrefectLane(
            self._engine,
            client,
            flows,
            Ahead(
                client,
                flows,
                partial(flow_runs.entries, work.database),
                partial(flow_runs.states, work.database),
            ),
            PickUp(leadership.epoch, work.database, client, f"beat@{socket.gethostname()}"),
            Feedback(leadership.epoch, work.database, client, get_redis_client()),
            self._outage,
            self._clock.now,
        )
        self._rhythm = Rhythm()
        self._engine.declare(entries, self._clock.now())

    def step(self, heard: list[str]) -> float:
        """Do what is due and what was `heard` of; return for how many seconds there is nothing to do."""
        if self._rhythm.is_time("heartbeat", _HEARTBEAT_S):
            self._heartbeat()
        now = self._clock.now()
        if heard:
            self._hear(set(heard))
        if self._rhythm.is_time("patrol", _PATROL_S):
            self._engine.patrol(Runner.CELERY, now)
            self._engine.replan(now)
        if self._engine.drain(now):
            self._engine.run(now)
        self._lane.mind(self._entries)
        wait = self._engine.seconds_to_next(self._clock.now())
        if wait != 0:
            self._engine.flush(self._clock.now())
            wait = self._engine.seconds_to_next(self._clock.now())
        wait = _HEARTBEAT_S if wait is None else wait
        return min(wait, _NEXT_LOOK_S) if self._lane.has_a_fire_waiting else wait

    def end(self) -> None:
        """Let go of the connections; what was sent and not yet marked is sent again by the next leader."""
        if not self._lane.wait(_LANE_GRACE_S):
            log.warning("prefect_lane_abandoned", hint="its flow runs have idempotency keys")
        self._celery.close()
        self._lane_celery.close()
        self._ledger.end()

    def _note_missed(self, runner: Runner, missed: Sequence[Closed]) -> None:
        if runner is Runner.PREFECT:
            self._outage.missed(missed, self._clock.now())

    def _heartbeat(self) -> None:
        jump = self._clock.set(self._leadership.heartbeat())
        if abs(jump) < _JUMP:
            return
        log.warning("postgres_clock_jumped", seconds=round(jump.total_seconds()))
        if jump < timedelta(0):
            self._engine.replan(self._clock.now(), all_entries=True)

    def _hear(self, heard: set[str]) -> None:
        now = self._clock.now()
        if FIXTURES_CHANGED in heard:
            self._engine.replan(now)
        if RELEASED in heard:
            self._engine.release(now)
        if names := heard - {FIXTURES_CHANGED, RELEASED}:
            self._engine.refresh(names, now)


def _kickoffs(work: Context, since: datetime, until: datetime) -> list[datetime]:
    with work.database.session() as session:
        return kickoffs(session, since, until)
