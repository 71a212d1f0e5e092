"""The outbox: what has been claimed goes to its carrier, again and again until that has it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from src.core.errors import Transient
from src.core.logging import get_logger
from src.core.metrics import FIRE_LAG
from src.domain.entry import Runner
from src.domain.fire import FireId, FireState
from src.domain.ports import Carrier, Closed, Ledger, Sent, Unsent
from src.scheduling.decide import words

log = get_logger(__name__)

#: At most so many fires go out, or into one statement of the ledger, at once.
BATCH = 1_000

#: Of flow runs fewer: each is a request to Prefect, and the leader has other things to ask it.
_FLOW_BATCH = 50

#: A fire that was sent so long ago and never begun may have been lost by the broker.
_SILENCE = timedelta(minutes=10)

#: The worker of a flow may also have died while it stood by.
_FLOW_SILENCE = timedelta(minutes=2)

#: After a carrier was away it is tried again so often.
_TRY_AGAIN = timedelta(seconds=0.5)

#: Takes an entry out of the schedule of which no fire can run, and says why.
Disable = Callable[[str, str], None]

#: Is told of fires that no carrier took in time.
Missed = Callable[[Runner, Sequence[Closed]], None]


class Outbox:
    """Sends the claimed fires of one leadership, and closes those whose time has passed unsent.

    One thread calls it; a second one may send what waits for Prefect.
    """

    def __init__(
        self,
        epoch: int,
        ledger: Ledger,
        carriers: Mapping[Runner, Carrier],
        disable: Disable,
        missed: Missed | None,
    ) -> None:
        self._epoch = epoch
        self._ledger = ledger
        self._carriers = carriers
        self._disable = disable
        self._missed = missed
        #: Sent since the last claim; the next one marks them.
        self.unmarked: list[FireId] = []
        #: Since when, and until when not, each runner has fires in the ledger that nobody has sent.
        self._waiting: dict[Runner, datetime | None] = dict.fromkeys(Runner, None)
        #: The runners whose silent fires are being sent again, batch by batch.
        self._lost: set[Runner] = set()

    def look(self, at: datetime) -> None:
        """Look into the ledger next time: an earlier leader or a person may have put fires there."""
        self._waiting = dict.fromkeys(self._carriers, at)

    def is_waiting(self, runner: Runner, at: datetime) -> bool:
        """Say whether fires of `runner` wait in the ledger and it is time to send them."""
        since = self._waiting.get(runner)
        return since is not None and since <= at

    def next_at(self) -> datetime | None:
        """Return when there is something to send to Celery; None where nothing waits."""
        return self._waiting.get(Runner.CELERY)

    def flush(self, at: datetime) -> None:
        """Mark what was sent since the last claim; a claim does it by itself."""
        if self.unmarked:
            self._ledger.claim(self._epoch, (), {}, self.unmarked, at)
            self.unmarked = []

    def send_new(self, fires: Sequence[Unsent], at: datetime) -> None:
        """Send what has just been claimed; behind what waits already, where something does."""
        celery = [item for item in fires if item.entry.runner is Runner.CELERY]
        if len(celery) < len(fires):
            self._waiting[Runner.PREFECT] = at
        if not celery or self._waiting.get(Runner.CELERY) is not None:
            return
        celery.sort(key=lambda item: -item.entry.priority)
        self._hand_over(Runner.CELERY, celery, at, lambda sent: self.unmarked.append(sent.id))

    def send_waiting(self, runner: Runner, at: datetime) -> int:
        """Send the claimed fires of one runner, most urgent first; return how many its carrier took.

        Where the carrier is away the rest stays claimed, to be sent by a later call.
        """
        if runner is Runner.CELERY:
            self.flush(at)  # what was just sent does not wait
        self._waiting[runner] = None
        limit = BATCH if runner is Runner.CELERY else _FLOW_BATCH
        found = self._ledger.unsent(runner, limit, at - _silence(runner) if runner in self._lost else None)
        taken: list[Sent] = []
        try:
            self._hand_over(runner, self._in_time(runner, found, at), at, taken.append)
        finally:
            if taken:
                self._ledger.mark_sent(self._epoch, taken, at)
        if len(found) == limit:
            self._waiting[runner] = self._waiting[runner] or at
        else:
            self._lost.discard(runner)
        return len(taken)

    def drain(self, at: datetime, rounds: int) -> bool:
        """Send what waits for Celery, at most `rounds` batches; return False where more could go at once."""
        for _ in range(rounds):
            if not self.is_waiting(Runner.CELERY, at):
                return True
            self.send_waiting(Runner.CELERY, at)
        return not self.is_waiting(Runner.CELERY, at)

    def patrol(self, runner: Runner, at: datetime) -> int:
        """Send what waits and, where its broker has lost messages, what was sent and never begun.

        A worker begins a fire once, however many messages tell of it; but a long line that is sent again and
        again grows longer, so that nothing is while the line is as long as the ledger says it must be.
        """
        if self._has_lost(runner):
            self._lost.add(runner)
        else:
            self._in_time(runner, self._ledger.unsent(runner, BATCH, at - _silence(runner)), at)
        return self.send_waiting(runner, at)

    def close(self, closed: Sequence[Closed], at: datetime) -> None:
        """End fires that nobody has begun."""
        if not closed:
            return
        self._ledger.close(self._epoch, closed, at)
        for one in closed:
            log.warning("fire_ended_unrun", fire_id=str(one.id), state=one.state.value, reason=one.reason)

    def _has_lost(self, runner: Runner) -> bool:
        """Whether fewer messages wait for a worker than there are fires that were sent and not begun."""
        try:
            waiting = self._carriers[runner].waiting()
        except Transient:
            return False
        return waiting is None or waiting < self._ledger.unbegun(runner)

    def _in_time(self, runner: Runner, found: Sequence[Unsent], at: datetime) -> list[Unsent]:
        """Close those whose time has passed; return the others."""
        late = [closed for item in found if (closed := _too_late(item, at)) is not None]
        self.close(late, at)
        if late and self._missed is not None:
            self._missed(runner, late)
        gone = {closed.id for closed in late}
        return [item for item in found if item.fire.id not in gone]

    def _hand_over(
        self, runner: Runner, fires: Sequence[Unsent], at: datetime, taken: Callable[[Sent], None]
    ) -> None:
        try:
            refused = self._carriers[runner].send(fires, taken) if fires else []
        except Transient as error:
            self._waiting[runner] = at + _TRY_AGAIN
            log.warning("fires_wait", runner=runner.value, fires=len(fires), reason=str(error))
            return
        self.close(refused, at)
        self._disable_faulty(fires, refused)
        for item in fires:
            FIRE_LAG.observe(max((at - item.since).total_seconds(), 0.0))

    def _disable_faulty(self, fires: Sequence[Unsent], refused: Sequence[Closed]) -> None:
        """Take the entries of which no fire can run out of the schedule, where people see why."""
        faults = {one.id: one.fault for one in refused if one.fault is not None}
        faulty = {item.fire.entry: faults[item.fire.id] for item in fires if item.fire.id in faults}
        for entry, fault in faulty.items():
            self._disable(entry, fault)


def _silence(runner: Runner) -> timedelta:
    return _SILENCE if runner is Runner.CELERY else _FLOW_SILENCE


def _too_late(item: Unsent, at: datetime) -> Closed | None:
    policy, waited = item.entry.policy, at - item.since
    if item.attempts:
        return _lost_retry(item, waited)
    if policy.expires is not None and waited > policy.expires:
        reason = f"expired: no worker began it within {words(policy.expires)}"
        return Closed(id=item.fire.id, state=FireState.EXPIRED, reason=reason)
    if waited <= policy.catch_up_window:
        return None
    span = words(policy.catch_up_window)
    away = "prefect" if item.entry.runner is Runner.PREFECT else "the broker was"
    reason = f"missed: {away} unavailable for {span} after its due time"
    if item.again:
        reason = f"missed: it was sent, and no worker began it within {span} of the due time"
    return Closed(id=item.fire.id, state=FireState.MISSED, reason=reason)


def _lost_retry(item: Unsent, waited: timedelta) -> Closed | None:
    window = item.entry.policy.catch_up_window + item.attempts * item.entry.limit
    if waited <= window:
        return None
    reason = f"its retry was sent, and no worker began it within {words(window)} of the due time"
    return Closed(id=item.fire.id, state=FireState.LOST, reason=reason)
