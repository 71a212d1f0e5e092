"""A carrier that remembers what it was given, and can be away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from src.core.errors import Transient
from src.domain.fire import FireId, FireState
from src.domain.ports import Closed, Sent, Unsent


@dataclass
class MemoryCarrier:
    taken: list[FireId] = field(default_factory=list)
    handed: int = 0
    cancelled: list[FireId] = field(default_factory=list)
    away: bool = False
    goes_after: int | None = None
    unknown: set[str] = field(default_factory=set)

    def send(self, fires: Sequence[Unsent], taken: Callable[[Sent], None]) -> list[Closed]:
        refused = []
        for item in fires:
            self.handed += 1
            if self.away or (self.goes_after is not None and len(self.taken) >= self.goes_after):
                raise Transient("the carrier is away")
            if item.entry.target in self.unknown:
                why = f"refused: nobody knows {item.entry.target}"
                refused.append(Closed(id=item.fire.id, state=FireState.MISSED, reason=why))
                continue
            if item.fire.id not in self.taken:
                self.taken.append(item.fire.id)
            taken(Sent(id=item.fire.id))
        return refused

    def waiting(self) -> int:
        return len(self.taken)

    def cancel(self, fires: Sequence[FireId]) -> None:
        if self.away:
            raise Transient("the carrier is away")
        self.cancelled += fires
