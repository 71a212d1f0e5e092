"""What a measured scheduler is given: entries, and when they are due."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

#: Each entry of a workload is due once in a measurement: the next time is a day later.
PERIOD = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Workload:
    """`entries` entries; entry i is due at `first` + i times `spacing_s` (Unix seconds), and a day later.

    With `always` each entry is due again as soon as it has fired, without end. With `every_s` each is due
    again so many seconds later. With `now` (Unix seconds) the first entry is due then, before the others.
    """

    entries: int
    first: float
    spacing_s: float = 0.0
    always: bool = False
    every_s: float | None = None
    now: float | None = None

    def names(self) -> list[str]:
        return [f"entry-{number:06}" for number in range(self.entries)]

    def due_s(self, number: int) -> float:
        if self.now is not None and number == 0:
            return self.now
        return self.first + number * self.spacing_s

    def due(self, number: int) -> datetime:
        return datetime.fromtimestamp(self.due_s(number), UTC)

    @property
    def period(self) -> timedelta:
        return PERIOD if self.every_s is None else timedelta(seconds=self.every_s)

    def dumps(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def loads(cls, text: str) -> "Workload":
        return cls(**json.loads(text))
