"""A circuit breaker: who does not answer is left in peace for a while."""

import math
import time
from collections.abc import Callable
from threading import Condition
from typing import TypeVar

from src.core.errors import Transient

T = TypeVar("T")


class Resting(Transient):
    """The call was not made: the ones before it failed, one after the other."""


class Breaker:
    """Lets no call through for `rest_s` seconds once `failures` of them in a row raised Transient.

    Then one call is let through: if it succeeds all are again, if not the rest begins anew. Meanwhile the
    others are refused, or wait for its outcome where the breaker is `patient`. Any other error than Transient
    is an answer. Threads may share it; `monotonic` tells seconds.
    """

    def __init__(
        self,
        failures: int = 5,
        rest_s: float = 5.0,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        patient: bool = False,
    ) -> None:
        self._limit, self._rest_s, self._monotonic = failures, rest_s, monotonic
        self._patient, self._trying = patient, False
        self._lock = Condition()
        self._failed = 0
        self._opens_at = 0.0
        self._last = ""

    def call(self, work: Callable[[], T], *, anyway: bool = False) -> T:
        """Return what `work` returns; raise Resting in its stead while the rest lasts, unless `anyway`."""
        if not anyway:
            self._enter()
        try:
            result = work()
        except Resting:
            # Nobody was asked, so nothing was learnt.
            self._end_try()
            raise
        except Transient as error:
            self._count(error)
            raise
        except Exception:
            self._forget()
            raise
        self._forget()
        return result

    def _enter(self) -> None:
        with self._lock:
            while self._failed >= self._limit:
                left = self._opens_at - self._monotonic()
                if left <= 0:
                    # This call is the try; the others rest meanwhile.
                    self._opens_at = self._monotonic() + self._rest_s
                    self._trying = True
                    return
                if not (self._patient and self._trying):
                    raise Resting(f"{self._last} ({self._failed} times; asked again in {math.ceil(left)} s)")
                self._lock.wait(left)

    def _count(self, error: Transient) -> None:
        with self._lock:
            self._failed += 1
            self._last = str(error)
            self._opens_at = self._monotonic() + self._rest_s
        self._end_try()

    def _forget(self) -> None:
        with self._lock:
            self._failed = 0
        self._end_try()

    def _end_try(self) -> None:
        with self._lock:
            self._trying = False
            self._lock.notify_all()
