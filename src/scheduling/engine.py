"""The engine: what is due becomes rows of the ledger, and the rows are sent until their carrier has them."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from src.core.errors import Transient
from src.core.logging import get_logger
from src.core.memory import long_lived
from src.core.metrics import FIRES
from src.domain.entry import Density, Entry, Runner
from src.domain.fire import FireId, FireState
from src.domain.ports import Carrier, Due, Ledger, Scheduled, Standing, Step, Unsent
from src.scheduling.agenda import Agenda
from src.scheduling.cadence import check_cadence, next_due_of
from src.scheduling.decide import Decision, decide, needs_standing, skipped_between
from src.scheduling.outbox import BATCH, Missed, Outbox
from src.scheduling.policy_check import check_policy

log = get_logger(__name__)

#: Kick-offs of so many days ahead, and back for what is caught up, are known to density cadences.
_FORESIGHT = timedelta(days=2)

Kickoffs = Callable[[datetime, datetime], Sequence[datetime]]


class Engine:
    """Decides, in one leadership, what is due; knows neither Celery nor Prefect.

    One thread calls it; a second one may call `release`, and `send_waiting` for Prefect. `kickoffs` reads the
    sorted kick-offs between two instants; `missed` is told of fires that no carrier took in time.
    """

    def __init__(
        self,
        epoch: int,
        ledger: Ledger,
        carriers: Mapping[Runner, Carrier],
        kickoffs: Kickoffs | None = None,
        missed: Missed | None = None,
    ) -> None:
        self._epoch = epoch
        self._ledger = ledger
        self._carriers = carriers
        self._read_kickoffs = kickoffs
        self._outbox = Outbox(epoch, ledger, carriers, self.disable, missed)
        self._kickoffs: Sequence[datetime] = ()
        self._agenda = Agenda()
        self._has_flows = False

    def declare(self, entries: Iterable[Entry], at: datetime) -> None:
        """Bring the stored schedule to what is declared, and load it.

        Due times that passed unclaimed under a cadence that is declared no more get a row that says so.
        """
        self._see_kickoffs(at)
        entries = list(entries)
        before = self._ledger.schedule([entry.name for entry in entries]) if entries else []
        planned = [
            Scheduled(entry=entry, next_due=next_due_of(entry, at, self._kickoffs)) for entry in entries
        ]
        self._ledger.declare(self._epoch, planned, at)
        self.load(at)
        self._skip_passed(before, at)

    def load(self, at: datetime) -> None:
        """Read the stored schedule anew, and look for what an earlier leader has claimed and not sent."""
        self._see_kickoffs(at)
        with long_lived():
            self._agenda = Agenda(self._sound(self._ledger.schedule()))
        self._has_flows = any(item.entry.runner is Runner.PREFECT for item in self._agenda)
        self._outbox.look(at)

    def refresh(self, names: Collection[str], at: datetime) -> None:
        """Read these entries anew: they were edited, or a fire of theirs was asked for."""
        found = {item.entry.name: item for item in self._sound(self._ledger.schedule(names))}
        for name in names:
            if name in found:
                self._agenda.put(found[name])
                self._has_flows |= found[name].entry.runner is Runner.PREFECT
            else:
                self._agenda.drop(name)
        self._outbox.look(at)

    def run(self, at: datetime, rounds: int = 10) -> int:
        """Claim what is due at `at` and send what Celery runs; return how many rows were new.

        At most `rounds` batches: the caller has other duties. Nothing is forgotten where the ledger is away:
        the schedule in memory moves on after the rows are written. An entry that was edited meanwhile is not
        claimed but read anew.
        """
        new = 0
        for _ in range(rounds):
            if not (batch := self._batch(at)):
                break
            try:
                new += self._claim(batch, at)
            except Exception:
                for item in batch:
                    self._agenda.put(item)
                raise
        return new

    def flush(self, at: datetime) -> None:
        """Mark what was sent since the last claim; a claim does it by itself."""
        self._outbox.flush(at)

    def is_waiting(self, runner: Runner, at: datetime) -> bool:
        """See `Outbox.is_waiting`."""
        return self._outbox.is_waiting(runner, at)

    def send_waiting(self, runner: Runner, at: datetime) -> int:
        """See `Outbox.send_waiting`."""
        return self._outbox.send_waiting(runner, at)

    def patrol(self, runner: Runner, at: datetime) -> int:
        """See `Outbox.patrol`; wanted every minute or so."""
        return self._outbox.patrol(runner, at)

    def drain(self, at: datetime, rounds: int = 10) -> bool:
        """Send what waits for Celery, at most `rounds` batches; return False where more could go at once.

        Claiming meanwhile would only lengthen the line: new fires go behind those that wait, by way of the
        table, which is slower than to send them from memory.
        """
        return self._outbox.drain(at, rounds)

    def disable(self, entry: str, fault: str) -> None:
        """Take an entry that cannot run out of the schedule; the next `refresh` of it shows that here."""
        self._ledger.disable(self._epoch, entry, fault)

    def revive(self, deployments: Collection[str], at: datetime) -> list[str]:
        """Take the entries back that waited for one of these deployments; the next `refresh` shows them."""
        return self._ledger.revive(self._epoch, deployments, at)

    def release(self, at: datetime) -> int:
        """Let buffered fires go whose turn has come; return how many."""
        released = self._ledger.release(self._epoch, at)
        if released:
            self._outbox.look(at)
        return released

    def replan(self, at: datetime, *, all_entries: bool = False) -> None:
        """Set due times anew: kick-offs have changed or, for `all_entries`, the clock was set back.

        What has been claimed stays in the ledger: no due time takes effect twice.
        """
        self._see_kickoffs(at)
        steps: dict[str, Step] = {}
        for item in self._agenda:
            if not all_entries and not isinstance(item.entry.cadence, Density):
                continue
            due = next_due_of(item.entry, at, self._kickoffs)
            is_new = due != item.next_due if not all_entries else _is_sooner(due, item.next_due)
            if is_new and (item.next_due is None or item.next_due > at):
                steps[item.entry.name] = Step(was=item.next_due, next_due=due, revision=item.revision)
        stale = self._ledger.move(self._epoch, steps, at) if steps else frozenset()
        for name in steps.keys() - stale:
            if (moved := self._agenda.get(name)) is not None:
                self._agenda.put(replace(moved, next_due=steps[name].next_due))
        if stale:
            self.refresh(stale, at)

    def coming(self, until: datetime) -> Iterator[tuple[datetime, Scheduled]]:
        """Yield the entries that are not paused and are to fire up to `until`, and when."""
        return ((when, item) for when, item in self._agenda.coming(until) if item.paused is None)

    @property
    def has_flows(self) -> bool:
        """Whether any entry names a deployment."""
        return self._has_flows

    def seconds_to_next(self, at: datetime) -> float | None:
        """Return the seconds until there is something to do, 0 where there is; None where nothing will be."""
        times = [when for when in (self._agenda.next_at(), self._outbox.next_at()) if when]
        return max((min(times) - at).total_seconds(), 0.0) if times else None

    def _skip_passed(self, before: Iterable[Scheduled], at: datetime) -> None:
        due: list[Due] = []
        steps: dict[str, Step] = {}
        for old in before:
            new = self._agenda.get(old.entry.name)
            if new is None or new.entry.cadence == old.entry.cadence:
                continue
            if passed := skipped_between(old, at, self._kickoffs):
                due += passed
                # The entry stays where the declaration has put it.
                steps[new.entry.name] = Step(was=new.next_due, next_due=new.next_due, revision=new.revision)
        if due:
            self._ledger.claim(self._epoch, due, steps, (), at)

    def _batch(self, at: datetime) -> list[Scheduled]:
        batch: list[Scheduled] = []
        while len(batch) < BATCH and (item := self._agenda.take(at)) is not None:
            batch.append(item)
        return batch

    def _claim(self, batch: Sequence[Scheduled], at: datetime) -> int:
        decisions = self._decide(batch, at)
        due = [one for decision in decisions for one in decision.due]
        steps = {item.entry.name: made.step for item, made in zip(batch, decisions, strict=True)}
        claimed = self._ledger.claim(self._epoch, due, steps, self._outbox.unmarked, at)
        self._outbox.unmarked = []
        for item, made in zip(batch, decisions, strict=True):
            if item.entry.name not in claimed.stale:
                self._follow(item, made, at)
        if claimed.stale:
            self.refresh(claimed.stale, at)
        won = [one for one in due if one.fire.entry not in claimed.stale and one.fire.id not in claimed.lost]
        for state, count in Counter(one.state for one in won).items():
            FIRES.labels(state.value).inc(count)
            log.info("fires_written", state=state.value, fires=count)
        entries = {item.entry.name: item.entry for item in batch}
        to_send = [
            Unsent(fire=one.fire, entry=entries[one.fire.entry], since=one.fire.due_at)
            for one in won
            if one.state is FireState.CLAIMED
        ]
        self._outbox.send_new(_with_parameters(to_send, claimed.parameters), at)
        return len(won)

    def _decide(self, batch: Sequence[Scheduled], at: datetime) -> list[Decision]:
        asked = [item.entry.name for item in batch if needs_standing(item)]
        standings = self._ledger.standings(asked) if asked else {}
        free = Standing()
        return [decide(item, at, standings.get(item.entry.name, free), self._kickoffs) for item in batch]

    def _follow(self, item: Scheduled, made: Decision, at: datetime) -> None:
        """Bring the agenda to what has been written, and end what gives way to it."""
        step = made.step
        # Not `replace`, which costs three times as much: this runs for each fire.
        moved = Scheduled(
            entry=item.entry,
            next_due=step.next_due,
            revision=item.revision,
            fired=item.fired + step.fired,
            paused=item.paused,
        )
        self._agenda.put(moved)
        self._outbox.close(made.close, at)
        if made.pause is not None:
            self._ledger.pause(self._epoch, item.entry.name, made.pause, at)
            log.warning("entry_paused", entry=item.entry.name, reason=made.pause)
            self.refresh([item.entry.name], at)
        if made.cancel:
            self._cancel(item.entry, made.cancel)

    def _cancel(self, entry: Entry, fires: Sequence[FireId]) -> None:
        try:
            self._carriers[entry.runner].cancel(fires)
            log.info("fires_cancelled", entry=entry.name, fires=[str(fire) for fire in fires])
        except Transient as error:
            # They end by themselves, at their limit at the latest; the one that waits for them then runs.
            log.warning("cancel_not_sent", entry=entry.name, reason=str(error))

    def _sound(self, items: Iterable[Scheduled]) -> Iterable[Scheduled]:
        """Leave out, and disable, the entries whose cadence or policy is wrong."""
        for item in items:
            cadence, policy = item.entry.cadence, item.entry.policy
            fault = check_cadence(cadence) or check_policy(policy, cadence)
            if fault is None:
                yield item
            else:
                self._ledger.disable(self._epoch, item.entry.name, fault)

    def _see_kickoffs(self, at: datetime) -> None:
        if self._read_kickoffs is not None:
            self._kickoffs = self._read_kickoffs(at - _FORESIGHT, at + _FORESIGHT)


def _with_parameters(fires: list[Unsent], by_entry: Mapping[str, dict[str, Any]]) -> list[Unsent]:
    if not by_entry:
        return fires
    return [
        replace(item, fire=replace(item.fire, parameters=by_entry.get(item.fire.entry, item.fire.parameters)))
        for item in fires
    ]


def _is_sooner(due: datetime | None, than: datetime | None) -> bool:
    return due is not None and (than is None or due < than)
