"""How a process treats one source, whichever of its transports asks."""

from threading import BoundedSemaphore, Lock

from src.collectors.transport.pace import LocalPace, Pace
from src.core.breaker import Breaker

#: So many refusals in a row, and the source means us, not an address; it is then left alone for so long.
_REFUSALS = 5
_REFUSED_REST_S = 300.0

#: So many requests in a row that failed after all their retries, and the source is away. Its rest is short
#: enough for the later tries of a task, after 6 and 14 s, to find it over.
_FAILURES = 5
_AWAY_REST_S = 5.0


class Conduct:
    """The pace, the breaker and the number of requests under way, shared by the threads of this process.

    What the source says (429 and Retry-After, refusals) is heard by all processes, through `pace`. What only
    this process sees (time-outs, broken connections, 5xx) may be its own fault: the breaker is its own.
    """

    def __init__(
        self, *, pace: Pace | None = None, breaker: Breaker | None = None, max_concurrency: int = 10
    ) -> None:
        self.pace: Pace = pace or LocalPace(0)
        self.breaker = breaker or Breaker(_FAILURES, _AWAY_REST_S, patient=True)
        self.slots = BoundedSemaphore(max_concurrency)
        self._refusals, self._lock = 0, Lock()

    def refused(self) -> None:
        """Note a refusal; after several in a row everybody leaves the source alone."""
        with self._lock:
            self._refusals += 1
            enough = self._refusals >= _REFUSALS
            self._refusals = 0 if enough else self._refusals
        if enough:
            self.pace.rest(_REFUSED_REST_S)

    def answered(self) -> None:
        """Note that the source gave what was asked for."""
        with self._lock:
            self._refusals = 0
