"""When a failing Prefect is asked, and when it is left in peace."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from src.core.breaker import Breaker, Resting
from src.core.errors import Misconfigured, Transient


class Seconds:
    """A monotonic clock that moves when it is told to."""

    at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def breaker(seconds: Seconds) -> Breaker:
    return Breaker(failures=3, rest_s=5, monotonic=seconds)


def away() -> str:
    raise Transient("Prefect is away")


def refused() -> str:
    raise Misconfigured("no")


def here() -> str:
    return "here"


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        with pytest.raises(Transient, match="away") as told:
            breaker.call(away)
        assert not isinstance(told.value, Resting)


def test_calls_rest_after_three_failures_in_a_row(breaker: Breaker) -> None:
    fail(breaker, 3)
    with pytest.raises(Resting, match=r"Prefect is away \(3 times; asked again in 5 s\)"):
        breaker.call(here)


def test_a_success_between_failures_begins_the_count_anew(breaker: Breaker) -> None:
    for _ in range(3):
        fail(breaker, 2)
        assert breaker.call(here) == "here"


def test_a_refusal_is_an_answer(breaker: Breaker) -> None:
    fail(breaker, 2)
    with pytest.raises(Misconfigured):
        breaker.call(refused)
    fail(breaker, 2)
    assert breaker.call(here) == "here"


def test_after_the_rest_one_call_is_let_through_and_opens_the_way(breaker: Breaker, seconds: Seconds) -> None:
    fail(breaker, 3)
    seconds.at += 5

    def try_() -> str:
        with pytest.raises(Resting):
            breaker.call(here)
        return "tried"

    assert breaker.call(try_) == "tried"
    assert breaker.call(here) == "here"


def test_a_failed_try_begins_the_rest_anew(breaker: Breaker, seconds: Seconds) -> None:
    fail(breaker, 3)
    seconds.at += 5
    fail(breaker, 1)
    seconds.at += 4.9
    with pytest.raises(Resting):
        breaker.call(here)
    seconds.at += 0.1
    assert breaker.call(here) == "here"


def test_a_call_that_is_made_anyway_ends_the_rest(breaker: Breaker) -> None:
    fail(breaker, 3)
    assert breaker.call(here, anyway=True) == "here"
    assert breaker.call(here) == "here"


@pytest.mark.parametrize(("ending", "told"), [(here, "here"), (away, "Prefect is away")])
def test_a_patient_breaker_lets_the_others_wait_for_the_outcome_of_the_try(
    seconds: Seconds, ending: Callable[[], str], told: str
) -> None:
    breaker = Breaker(failures=3, rest_s=60, monotonic=seconds, patient=True)
    fail(breaker, 3)
    seconds.at += 60
    begun, may_end = Event(), Event()

    def try_() -> str:
        begun.set()
        may_end.wait(10)
        return ending()

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(breaker.call, try_)
        begun.wait(10)
        others = [pool.submit(breaker.call, here) for _ in range(3)]
        assert not any(other.done() for other in others)
        may_end.set()
        outcomes = [str(one.exception() or one.result()) for one in [first, *others]]
    assert all(told in outcome for outcome in outcomes)


def test_a_try_that_asked_nobody_leaves_the_others_free_to_try(seconds: Seconds) -> None:
    breaker = Breaker(failures=3, rest_s=5, monotonic=seconds, patient=True)
    fail(breaker, 3)
    seconds.at += 5

    def resting() -> str:
        raise Resting("for reasons of its own")

    with pytest.raises(Resting, match="of its own"):
        breaker.call(resting)
    with pytest.raises(Resting, match="asked again in 5 s"):
        breaker.call(here)
    seconds.at += 5
    assert breaker.call(here) == "here"
