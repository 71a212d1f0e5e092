"""A monotonic clock and a wall clock that move only when somebody sleeps on them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock


@dataclass
class Stopwatch:
    """Seconds since it was made; `slept` are the waits in the order they were asked for."""

    at: float = 1000.0
    slept: list[float] = field(default_factory=list)
    began: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    _lock: Lock = field(default_factory=Lock)

    def monotonic(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.at += seconds

    def now(self) -> datetime:
        return self.began + timedelta(seconds=self.at - 1000.0)
