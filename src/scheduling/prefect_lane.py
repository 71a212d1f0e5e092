"""What the leader does with Prefect, beside the tick: no state of Prefect delays a task."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from src.core.errors import MatchbeatError, Misconfigured, Transient
from src.core.logging import get_logger
from src.domain.entry import Entry, Runner
from src.scheduling.ahead import LEAD, Ahead, Coming, coming
from src.scheduling.bridge.client import PrefectClient
from src.scheduling.bridge.rest import ServerFault
from src.scheduling.catalog import missing_deployments
from src.scheduling.engine import Engine
from src.scheduling.feedback import Feedback
from src.scheduling.flow_carrier import FlowCarrier
from src.scheduling.lane import Lane
from src.scheduling.outage import Outage
from src.scheduling.pickup import HEARTBEAT_S, PickUp
from src.scheduling.rhythm import Rhythm

log = get_logger(__name__)

_AHEAD_S = 0.5
_PICK_UP_S = 2.0
#: Flows tell their own ends; Prefect is asked for what they missed.
_RECONCILE_S = 10.0
_TIDY_S = 30.0
#: Flow runs whose message a broker may have lost are looked for so often.
_PATROL_S = 60.0

Now = Callable[[], datetime]


class PrefectLane:
    """Sends flow runs, makes them ahead, picks up what people start in Prefect, and reads what became of all.

    `mind` is the tick's: it only decides what it is time for and hands that to a thread.
    """

    def __init__(
        self,
        engine: Engine,
        client: PrefectClient,
        carrier: FlowCarrier,
        ahead: Ahead,
        pick_up: PickUp,
        feedback: Feedback,
        outage: Outage,
        now: Now,
    ) -> None:
        self._engine, self._client, self._carrier = engine, client, carrier
        self._ahead, self._pick_up, self._feedback = ahead, pick_up, feedback
        self._outage = outage
        self._now = now
        self._lane = Lane("prefect-lane")
        self._rhythm = Rhythm()
        self._greeted = False

    def mind(self, entries: Sequence[Entry]) -> None:
        """Begin what it is time for, where nothing is under way; raise what must end the leadership."""
        if self._lane.busy:
            return
        error = self._lane.take_error()
        if isinstance(error, MatchbeatError):
            log.warning("prefect_lane_waits", reason=str(error))
            if isinstance(error, Transient):
                self._outage.away(str(error), self._now())
        elif error is not None:
            raise error
        if work := self._due(entries):
            self._lane.begin(partial(self._do, work))

    @property
    def has_a_fire_waiting(self) -> bool:
        """Whether a fire waits for the work that is under way to end."""
        return self._lane.busy and self._engine.is_waiting(Runner.PREFECT, self._now())

    def wait(self, seconds: float) -> bool:
        """Wait for what is under way, at most so long; return whether it has ended."""
        return self._lane.wait(seconds)

    def _due(self, entries: Sequence[Entry]) -> list[Callable[[], None]]:
        """Return all that it is time for: a tick that did one piece would never come to the rare ones."""
        now = self._now()
        times: list[tuple[Callable[[], None], bool]] = [
            (self._send, self._engine.is_waiting(Runner.PREFECT, now)),
            (partial(self._greet, entries), not self._greeted and self._rhythm.is_time("greet", _PICK_UP_S)),
            (self._look_at_ledger, self._rhythm.is_time("ledger", _PICK_UP_S)),
            (self._pick_up_started, self._rhythm.is_time("pick up", _PICK_UP_S)),
            (self._reconcile, self._rhythm.is_time("reconcile", _RECONCILE_S)),
        ]
        due = [work for work, is_time in times if is_time]
        # To look ahead costs as much as there is to come, and is left out where no flow can be among it.
        if self._engine.has_flows and self._rhythm.is_time("ahead", _AHEAD_S):
            soon = coming(self._engine.coming(now + LEAD))
            if soon or self._ahead.made:
                due.insert(1, partial(self._prepare, soon))
        return due

    def _do(self, work: Sequence[Callable[[], None]]) -> None:
        """Do one piece after the other; a fire that comes meanwhile does not wait for all of them."""
        refused: MatchbeatError | None = None
        for piece in work:
            try:
                piece()
            except (Misconfigured, ServerFault) as error:  # it keeps none of the others from being done
                refused = refused or error
            if self._engine.is_waiting(Runner.PREFECT, self._now()):
                self._send()
        if refused is not None:
            raise refused

    def _greet(self, entries: Sequence[Entry]) -> None:
        """See that the server is one for us, and say which deployments it lacks: they may still be made."""
        self._client.check_server()
        for entry, fault in missing_deployments(entries, self._client.deployments()).items():
            log.warning("deployment_missing", entry=entry, fault=fault)
        self._greeted = True

    def _send(self) -> None:
        self._engine.send_waiting(Runner.PREFECT, self._now())

    def _prepare(self, soon: Sequence[Coming]) -> None:
        self._ahead.round(soon, self._now())

    def _look_at_ledger(self) -> None:
        now = self._now()
        self._engine.release(now)
        self._feedback.close_lost(now)
        self._feedback.sweep_vanished(now)

    def _pick_up_started(self) -> None:
        self._carrier.end_cancelled()
        if self._rhythm.is_time("heartbeat", HEARTBEAT_S):
            self._pick_up.show_life()
        self._pick_up.pick_up(self._now())
        self._outage.back(self._now())

    def _reconcile(self) -> None:
        self._feedback.reconcile(self._now())
        self._feedback.settle(self._now())
        if self._rhythm.is_time("patrol", _PATROL_S):
            self._engine.patrol(Runner.PREFECT, self._now())
        if self._rhythm.is_time("tidy", _TIDY_S):
            self._pick_up.tidy(self._now(), self._ahead.made)
            self._engine.revive(self._client.deployments(), self._now())
