"""A ledger in memory; the contract suite holds it to what the Postgres one does."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from src.database.leadership import LeadershipLost
from src.domain.entry import FlowRunner, Runner
from src.domain.fire import OPEN, UNBEGUN, Fire, FireId, FireState
from src.domain.ports import Claimed, Closed, Due, Scheduled, Sent, Standing, Step, Unsent


@dataclass
class Row:
    fire: Fire
    state: FireState
    reason: str | None = None
    sent_at: datetime | None = None
    claimed_at: datetime | None = None


@dataclass
class MemoryLedger:
    epoch: int = 1
    scheduled: dict[str, Scheduled] = field(default_factory=dict)
    rows: dict[FireId, Row] = field(default_factory=dict)
    disabled: dict[str, Scheduled] = field(default_factory=dict)
    claims: int = 0

    def declare(self, epoch: int, planned: Sequence[Scheduled], at: datetime) -> None:
        self._fence(epoch)
        before, self.scheduled = self.scheduled, {}
        for plan in planned:
            old = before.get(plan.entry.name)
            keeps = old is not None and old.entry.cadence == plan.entry.cadence and old.next_due is not None
            self.scheduled[plan.entry.name] = old if keeps and old else plan

    def schedule(self, names: Collection[str] | None = None) -> list[Scheduled]:
        return [item for name, item in self.scheduled.items() if names is None or name in names]

    def disable(self, epoch: int, entry: str, fault: str) -> None:
        self._fence(epoch)
        self.disabled[entry] = self.scheduled.pop(entry)

    def revive(self, epoch: int, deployments: Collection[str], at: datetime) -> list[str]:
        self._fence(epoch)
        back = {name: item for name, item in self.disabled.items() if item.entry.target in deployments}
        self.scheduled |= back
        self.disabled = {name: item for name, item in self.disabled.items() if name not in back}
        return list(back)

    def pause(self, epoch: int, entry: str, why: str, at: datetime) -> None:
        self._fence(epoch)
        item = self.scheduled[entry]
        if item.paused is None:
            self.scheduled[entry] = replace(item, paused=f"paused by beat: {why}", revision=item.revision + 1)

    def standings(self, names: Collection[str]) -> Mapping[str, Standing]:
        return {name: self._standing(name) for name in names}

    def claim(
        self, epoch: int, due: Sequence[Due], steps: Mapping[str, Step], sent: Sequence[FireId], at: datetime
    ) -> Claimed:
        self._fence(epoch)
        self.claims += 1
        stale = {name for name, step in steps.items() if not self._is_at(name, step)}
        mine = [one for one in due if one.fire.entry not in stale]
        lost = {one.fire.id for one in mine if one.fire.id in self.rows}
        for one in mine:
            self.rows.setdefault(one.fire.id, Row(one.fire, one.state, one.reason, claimed_at=at))
        for name in steps.keys() - stale:
            item, step = self.scheduled[name], steps[name]
            self.scheduled[name] = replace(item, next_due=step.next_due, fired=item.fired + step.fired)
        self._mark([Sent(id=id_) for id_ in sent if self.rows[id_].state is FireState.CLAIMED], at)
        given = {one.fire.entry: self.scheduled[one.fire.entry].entry.parameters for one in mine}
        return Claimed(
            lost=frozenset(lost),
            stale=frozenset(stale),
            parameters={name: found for name, found in given.items() if found},
        )

    def move(self, epoch: int, steps: Mapping[str, Step], at: datetime) -> frozenset[str]:
        return self.claim(epoch, (), steps, (), at).stale

    def unsent(self, runner: Runner, limit: int, silent_since: datetime | None = None) -> list[Unsent]:
        found = []
        for row in self.rows.values():
            entry = self.scheduled[row.fire.entry].entry
            sent_at = row.sent_at if self._is_in_broker(row, runner) else None
            again = silent_since if sent_at and silent_since and sent_at < silent_since else None
            since = row.claimed_at if row.fire.by_hand and row.claimed_at else row.fire.due_at
            if entry.runner is runner and (row.state is FireState.CLAIMED or again):
                found.append(Unsent(fire=row.fire, entry=entry, since=since, silent_since=again))
        return sorted(found, key=lambda item: (-item.entry.priority, item.fire.due_at))[:limit]

    def unbegun(self, runner: Runner) -> int:
        return sum(self._is_in_broker(row, runner) for row in self.rows.values())

    def _is_in_broker(self, row: Row, runner: Runner) -> bool:
        entry = self.scheduled[row.fire.entry].entry
        by_message = runner is Runner.CELERY or entry.flow_runner is FlowRunner.CELERY
        return entry.runner is runner and by_message and row.state in {FireState.SENT, FireState.RETRIED}

    def mark_sent(self, epoch: int, sent: Sequence[Sent], at: datetime) -> None:
        self._fence(epoch)
        self._mark(sent, at)

    def close(self, epoch: int, closed: Sequence[Closed], at: datetime) -> None:
        self._fence(epoch)
        for one in closed:
            row = self.rows[one.id]
            if row.state in UNBEGUN:
                row.state, row.reason = one.state, one.reason

    def release(self, epoch: int, at: datetime) -> int:
        self._fence(epoch)
        free = [name for name in self.scheduled if not self._standing(name).open]
        firsts = [self._standing(name).buffered[0] for name in free if self._standing(name).buffered]
        for id_ in firsts:
            self.rows[id_].state, self.rows[id_].reason = FireState.CLAIMED, None
        return len(firsts)

    def _standing(self, name: str) -> Standing:
        of_entry = [row for row in self.rows.values() if row.fire.entry == name]
        rows = sorted(of_entry, key=lambda row: row.fire.due_at)
        failures = 0
        for row in rows:
            failed = row.state in {FireState.FAILED, FireState.LOST}
            failures = failures + 1 if failed else 0 if row.state is FireState.SUCCEEDED else failures
        buffered = [row for row in rows if row.state is FireState.BUFFERED]
        running = [row for row in rows if row.state in OPEN and row.state is not FireState.BUFFERED]
        return Standing(
            open=tuple(row.fire.id for row in running),
            buffered=tuple(row.fire.id for row in buffered),
            failures=failures,
        )

    def _is_at(self, name: str, step: Step) -> bool:
        item = self.scheduled.get(name)
        return item is not None and (item.next_due, item.revision) == (step.was, step.revision)

    def _mark(self, sent: Sequence[Sent], at: datetime) -> None:
        for item in sent:
            row = self.rows[item.id]
            row.sent_at = at
            if row.state is FireState.CLAIMED:
                row.state = FireState.SENT

    def _fence(self, epoch: int) -> None:
        if epoch != self.epoch:
            raise LeadershipLost(f"epoch {epoch} is over")
