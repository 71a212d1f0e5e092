"""Postgres' clock as the scheduler's: read now and then, carried on by the monotonic clock in between."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta


class DatabaseClock:
    """Tells Postgres' time, in UTC, whatever happens to the clock of this machine.

    Between two readings it goes on by the monotonic clock, so that a change of the system's time neither
    stops nor hastens it.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._read_at: datetime | None = None
        self._read = 0.0

    def now(self) -> datetime:
        """Return the present instant; the clock must have been set once."""
        if self._read_at is None:
            raise RuntimeError("the clock has not been set from Postgres yet")
        return self._read_at + timedelta(seconds=self._monotonic() - self._read)

    def set(self, at: datetime) -> timedelta:
        """Take over a reading of Postgres' clock; return by how much it has jumped since the last one."""
        jump = timedelta(0) if self._read_at is None else at - self.now()
        self._read_at, self._read = at, self._monotonic()
        return jump
