"""The engine: what is due becomes rows of the ledger, and the rows are sent until their carrier has them."""

import heapq
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from src.core.errors import Misconfigured, Transient
from src.core.logging import get_logger
from src.core.metrics import FIRE_LAG, FIRES
from src.domain.entry import Entry, Runner
from src.domain.fire import Fire, fire_id
from src.domain.ports import Carrier, Due, Ledger, Scheduled, Sent, Step, Unsent
from src.scheduling.cadence import check_cadence, due_times, next_due

log = get_logger(__name__)

#: After a long absence at most so many due times of an entry are looked at; older ones leave no row.
_LOOK_BACK = 1_000

#: So many fires are sent between two marks.
_BATCH = 100

#: A fire that was sent so long ago and never begun may have been lost by the broker.
_SILENCE = timedelta(minutes=10)


class Engine:
    """Decides, in one leadership, what is due; knows neither Celery nor Prefect.

    `claim_due` and `send` may run in different threads: they share nothing but the ledger.
    """

    def __init__(self, epoch: int, ledger: Ledger, carriers: Mapping[Runner, Carrier]) -> None:
        self._epoch = epoch
        self._ledger = ledger
        self._carriers = carriers
        self._entries: dict[str, Entry] = {}
        self._heap: list[tuple[datetime, str]] = []

    def declare(self, entries: Iterable[Entry], at: datetime) -> None:
        """Bring the stored schedule to what is declared, and load it."""
        planned = [Scheduled(entry=entry, next_due=next_due(entry.cadence, at)) for entry in entries]
        self._ledger.declare(self._epoch, planned, at)
        self.load()

    def load(self) -> None:
        """Read the stored schedule anew; an entry with a wrong cadence is disabled, the others go on."""
        scheduled = []
        for item in self._ledger.schedule():
            fault = check_cadence(item.entry.cadence)
            if fault is None:
                scheduled.append(item)
            else:
                self._ledger.disable(self._epoch, item.entry.name, fault)
        self._entries = {item.entry.name: item.entry for item in scheduled}
        self._heap = [(item.next_due, item.entry.name) for item in scheduled if item.next_due is not None]
        heapq.heapify(self._heap)

    def claim_due(self, at: datetime) -> int:
        """Write what is due at `at` into the ledger and return how many rows were new.

        Nothing is forgotten where the ledger is away: the schedule in memory moves on after the rows are
        written. An entry that was edited meanwhile is not claimed; the schedule is read anew.
        """
        due, steps = self._collect(at)
        if not due:
            return 0
        claimed = self._ledger.claim(self._epoch, due, steps, at)
        if claimed.stale:
            self.load()
        else:
            self._move_on(steps)
        for item in due:
            FIRES.labels(item.fire.entry, "missed" if item.missed else "claimed").inc()
        log.info("fires_claimed", due=len(due), new=claimed.new)
        return claimed.new

    def _move_on(self, steps: Mapping[str, Step]) -> None:
        self._heap = [item for item in self._heap if item[1] not in steps]
        self._heap += [(step.next_due, name) for name, step in steps.items() if step.next_due is not None]
        heapq.heapify(self._heap)

    def seconds_to_next(self, at: datetime) -> float | None:
        """Return the seconds until the next due time, 0 where one has come; None where there is none."""
        if not self._heap:
            return None
        return max((self._heap[0][0] - at).total_seconds(), 0.0)

    def send(self, runner: Runner, at: datetime) -> int:
        """Send the claimed fires of one runner, most urgent first; return how many its carrier took.

        Where the carrier is away the rest stays claimed, to be sent by a later call. What was sent and never
        begun is sent again: a worker begins a fire once, however many messages tell of it.
        """
        sent: list[Sent] = []
        for item in self._ledger.unsent(runner, _BATCH, at - _SILENCE):
            if at - item.fire.due_at > item.entry.catch_up:
                self._miss(item, _why_missed(item), at)
                continue
            try:
                sent.append(self._carriers[runner].send(item.fire, item.entry))
            except Misconfigured as error:
                self._miss(item, f"refused: {error}", at)
                continue
            except Transient as error:
                log.warning("fire_waits", entry=item.entry.name, fire_id=str(item.fire.id), reason=str(error))
                break
            FIRE_LAG.observe(max((at - item.fire.due_at).total_seconds(), 0.0))
            FIRES.labels(item.entry.name, "sent").inc()
            log.info(
                "fire_sent", entry=item.entry.name, fire_id=str(item.fire.id), due_at=str(item.fire.due_at)
            )
        if sent:
            self._ledger.mark_sent(self._epoch, sent, at)
        return len(sent)

    def _collect(self, at: datetime) -> tuple[list[Due], dict[str, Step]]:
        due: list[Due] = []
        steps: dict[str, Step] = {}
        for first, name in self._due_heads(at):
            entry = self._entries[name]
            times = due_times(entry.cadence, first, at, _LOOK_BACK)
            due += [_due(entry, time, at) for time in times]
            steps[name] = Step(was=first, next_due=next_due(entry.cadence, times[-1]))
        return due, steps

    def _due_heads(self, at: datetime) -> list[tuple[datetime, str]]:
        """The heads that are due, left in place until their rows are written."""
        heads: list[tuple[datetime, str]] = []
        while self._heap and self._heap[0][0] <= at:
            heads.append(heapq.heappop(self._heap))
        for head in heads:
            heapq.heappush(self._heap, head)
        return heads

    def _miss(self, item: Unsent, reason: str, at: datetime) -> None:
        self._ledger.mark_missed(self._epoch, item.fire.id, reason, at)
        FIRES.labels(item.entry.name, "missed").inc()
        log.warning("fire_missed", entry=item.entry.name, fire_id=str(item.fire.id), reason=reason)


def _due(entry: Entry, due_at: datetime, at: datetime) -> Due:
    fire = Fire(id=fire_id(entry.name, due_at), entry=entry.name, due_at=due_at, parameters=entry.parameters)
    if at - due_at <= entry.catch_up:
        return Due(fire=fire)
    return Due(fire=fire, missed=f"missed: nobody led within {_words(entry.catch_up)} of the due time")


def _why_missed(item: Unsent) -> str:
    span = _words(item.entry.catch_up)
    if item.again:
        return f"missed: it was sent, and no worker began it within {span} of the due time"
    return f"missed: {item.entry.runner} could not take it within {span}"


def _words(span: timedelta) -> str:
    minutes = span.total_seconds() / 60
    return f"{minutes:g} min" if minutes < 120 else f"{minutes / 60:g} h"
