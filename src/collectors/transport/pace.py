"""How often a source may be asked: evenly spaced permits, and rests that it asked for."""

import math
import time
from collections.abc import Callable
from threading import Lock
from typing import Any, Protocol

import redis
from pyrate_limiter import GCRA, InMemoryStateStore, Rate, RedisStateStore

from src.core.logging import get_logger

log = get_logger(__name__)

#: Redis that did not answer is left alone for so long.
_REDIS_RESTS_S = 5.0

_GCRA: Any = GCRA()


class Pace(Protocol):
    """Spaces requests to one source."""

    def permit(self) -> float:
        """Take the next permit: 0 where it was taken, else the seconds after which to ask again."""
        ...

    def rest(self, seconds: float) -> None:
        """Let nobody ask the source for so long; a longer rest that was begun before stays."""
        ...

    def resting_s(self) -> float:
        """Return for how many seconds the source is still left alone."""
        ...


class LocalPace:
    """Permits `interval_s` apart for the threads of this process; 0 is no limit."""

    def __init__(self, interval_s: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._rates, self._monotonic = _rates(interval_s), monotonic
        self._store: Any = InMemoryStateStore()
        self._rests_until, self._lock = -math.inf, Lock()

    def permit(self) -> float:
        """Take the next permit: 0 where it was taken, else the seconds after which to ask again."""
        return self.resting_s() or _taken(self._store, self._rates, lambda: int(self._monotonic() * 1000))

    def rest(self, seconds: float) -> None:
        """Let no thread ask the source for so long; a longer rest stays."""
        with self._lock:
            self._rests_until = max(self._rests_until, self._monotonic() + seconds)

    def resting_s(self) -> float:
        """Return for how many seconds the source is still left alone."""
        return max(0.0, self._rests_until - self._monotonic())


class RedisPace:
    """Permits `interval_s` apart for all processes that share a Redis, on Redis' own clock; 0 is no limit.

    Raises redis.RedisError where Redis is away.
    """

    def __init__(self, client: redis.Redis, name: str, interval_s: float) -> None:
        self._client, self._rates = client, _rates(interval_s)
        # In braces: on a cluster both keys lie on one node.
        self._store: Any = RedisStateStore(client, f"matchbeat:upstream:{{{name}}}:pace")
        self._rest = f"matchbeat:upstream:{{{name}}}:rest"

    def permit(self) -> float:
        """Take the next permit: 0 where it was taken, else the seconds after which to ask again."""
        return _taken(self._store, self._rates, self._redis_ms)

    def rest(self, seconds: float) -> None:
        """Let nobody ask the source for so long; a longer rest stays."""
        duration_ms = math.ceil(seconds * 1000)
        if duration_ms > 0 and not self._client.set(self._rest, "1", px=duration_ms, nx=True):
            self._client.pexpire(self._rest, duration_ms, gt=True)

    def resting_s(self) -> float:
        """Return for how many seconds the source is still left alone."""
        return max(0, int(self._client.pttl(self._rest))) / 1000

    def _redis_ms(self) -> int:
        # The machines' own clocks may be seconds apart.
        seconds, microseconds = self._client.time()
        return int(seconds) * 1000 + int(microseconds) // 1000


class SharedPace:
    """The pace shared through Redis; while Redis is away, a slower one of this process alone.

    `alone` has this process' part of the whole pace. It begins with one of its own intervals of silence, for
    the last permit of all may be a moment old.
    """

    def __init__(
        self, shared: Pace, alone: Pace, silence_s: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._shared, self._alone, self._silence_s = shared, alone, silence_s
        self._monotonic, self._away_until = monotonic, -math.inf

    def permit(self) -> float:
        """Take the next permit: 0 where it was taken, else the seconds after which to ask again."""
        wait_s: float = self._ask(lambda pace: pace.permit())
        return wait_s

    def rest(self, seconds: float) -> None:
        """Let nobody ask the source for so long, and this process in any case."""
        self._alone.rest(seconds)
        self._ask(lambda pace: pace.rest(seconds))

    def resting_s(self) -> float:
        """Return for how many seconds the source is still left alone."""
        rest_s: float = self._ask(lambda pace: pace.resting_s())
        return max(rest_s, self._alone.resting_s())

    def _ask(self, question: Callable[[Pace], Any]) -> Any:
        now = self._monotonic()
        if now >= self._away_until:
            try:
                return question(self._shared)
            except redis.RedisError as error:
                log.warning("redis_away", error=type(error).__name__, instead="a slower pace of its own")
                if now - self._away_until > _REDIS_RESTS_S:
                    self._alone.rest(self._silence_s)
                self._away_until = self._monotonic() + _REDIS_RESTS_S
        return question(self._alone)


def _rates(interval_s: float) -> list[Any]:
    # Rounded up, to the polite side.
    return [Rate(1, math.ceil(interval_s * 1000), burst=1)] if interval_s > 0 else []


def _taken(store: Any, rates: list[Any], now_ms: Callable[[], int]) -> float:
    if not rates:
        return 0.0
    decision = store.check(_GCRA, rates, now_ms(), 1)
    # At least a moment: the clocks count whole milliseconds.
    return 0.0 if decision.allowed else max(0.001, (decision.retry_after_ms or 0) / 1000)
