"""A carrier that remembers what it was given, and can be away."""

from dataclasses import dataclass, field

from src.core.errors import Misconfigured, Transient
from src.domain.entry import Entry
from src.domain.fire import Fire, FireId
from src.domain.ports import Sent


@dataclass
class MemoryCarrier:
    taken: list[FireId] = field(default_factory=list)
    away: bool = False
    unknown: set[str] = field(default_factory=set)

    def send(self, fire: Fire, entry: Entry) -> Sent:
        if self.away:
            raise Transient("the carrier is away")
        if entry.target in self.unknown:
            raise Misconfigured(f"nobody knows {entry.target}")
        if fire.id not in self.taken:
            self.taken.append(fire.id)
        return Sent(id=fire.id)
