"""A ledger in memory; the contract suite holds it to what the Postgres one does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from src.database.leadership import LeadershipLost
from src.domain.entry import Runner
from src.domain.fire import Fire, FireId, FireState
from src.domain.ports import Claimed, Due, Scheduled, Sent, Step, Unsent


@dataclass
class Row:
    fire: Fire
    state: FireState
    reason: str | None = None
    sent_at: datetime | None = None


@dataclass
class MemoryLedger:
    epoch: int = 1
    scheduled: dict[str, Scheduled] = field(default_factory=dict)
    rows: dict[FireId, Row] = field(default_factory=dict)

    def declare(self, epoch: int, planned: Sequence[Scheduled], at: datetime) -> None:
        self._fence(epoch)
        before, self.scheduled = self.scheduled, {}
        for plan in planned:
            old = before.get(plan.entry.name)
            keeps = old is not None and old.entry.cadence == plan.entry.cadence and old.next_due is not None
            self.scheduled[plan.entry.name] = Scheduled(
                entry=plan.entry, next_due=old.next_due if keeps and old else plan.next_due
            )

    def schedule(self) -> list[Scheduled]:
        return list(self.scheduled.values())

    def disable(self, epoch: int, entry: str, fault: str) -> None:
        self._fence(epoch)
        del self.scheduled[entry]

    def claim(self, epoch: int, due: Sequence[Due], steps: Mapping[str, Step], at: datetime) -> Claimed:
        self._fence(epoch)
        stale = {name for name, step in steps.items() if not self._is_due(name, step.was)}
        new = [item for item in due if item.fire.id not in self.rows and item.fire.entry not in stale]
        for item in new:
            state = FireState.MISSED if item.missed else FireState.CLAIMED
            self.rows[item.fire.id] = Row(item.fire, state, item.missed)
        for name in steps.keys() - stale:
            self.scheduled[name] = replace(self.scheduled[name], next_due=steps[name].next_due)
        return Claimed(new=len(new), stale=bool(stale))

    def _is_due(self, name: str, was: datetime) -> bool:
        return name in self.scheduled and self.scheduled[name].next_due == was

    def unsent(self, runner: Runner, limit: int, silent_since: datetime) -> list[Unsent]:
        found = []
        for row in self.rows.values():
            entry = self.scheduled[row.fire.entry].entry
            silent = runner is Runner.CELERY and row.sent_at is not None and row.sent_at < silent_since
            again = row.state is FireState.SENT and silent
            if entry.runner is runner and (row.state is FireState.CLAIMED or again):
                found.append(Unsent(fire=row.fire, entry=entry, again=again))
        return sorted(found, key=lambda item: (-item.entry.priority, item.fire.due_at))[:limit]

    def mark_sent(self, epoch: int, sent: Sequence[Sent], at: datetime) -> None:
        self._fence(epoch)
        for item in sent:
            row = self.rows[item.id]
            row.sent_at = at
            if row.state is FireState.CLAIMED:
                row.state = FireState.SENT

    def mark_missed(self, epoch: int, fire: FireId, reason: str, at: datetime) -> None:
        self._fence(epoch)
        self.rows[fire].state, self.rows[fire].reason = FireState.MISSED, reason

    def _fence(self, epoch: int) -> None:
        if epoch != self.epoch:
            raise LeadershipLost(f"epoch {epoch} is over")
