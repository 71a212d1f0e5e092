"""The one place that reads the wall clock; everything else takes time as an argument."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time as an aware UTC datetime."""

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - the one reader


@dataclass
class FixedClock:
    """A clock that stands still until it is moved, for tests and replays."""

    at: datetime = field(default=datetime(2026, 1, 1, tzinfo=UTC))

    def now(self) -> datetime:
        """Return the instant the clock was set to."""
        return self.at

    def advance(self, by: timedelta) -> datetime:
        """Move the clock by `by` and return the new time."""
        self.at += by
        return self.at
