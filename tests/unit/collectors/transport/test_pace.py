import itertools

from hypothesis import given
from hypothesis import strategies as st

from src.collectors.transport.conduct import Conduct
from src.collectors.transport.pace import LocalPace
from tests.stopwatch import Stopwatch


@given(
    interval_s=st.floats(0.001, 60),
    pauses=st.lists(st.floats(0, 100), min_size=1, max_size=30),
)
def test_permits_are_never_closer_than_the_interval(interval_s: float, pauses: list[float]) -> None:
    watch = Stopwatch()
    pace = LocalPace(interval_s, watch.monotonic)
    taken = []
    for pause in pauses:
        watch.at += pause
        while wait := pace.permit():
            watch.sleep(wait)
        taken.append(watch.at)
    # The clock is read in whole milliseconds.
    assert all(b - a >= interval_s - 0.001001 for a, b in itertools.pairwise(taken))


def test_waiting_as_long_as_was_said_is_enough() -> None:
    watch = Stopwatch()
    pace = LocalPace(7, watch.monotonic)
    assert pace.permit() == 0
    watch.at += 2.5
    assert pace.permit() == 4.5
    watch.at += 4.5
    assert pace.permit() == 0


def test_no_interval_is_no_limit() -> None:
    pace = LocalPace(0)
    assert [pace.permit() for _ in range(100)] == [0] * 100


def test_longer_rest_stays() -> None:
    watch = Stopwatch()
    pace = LocalPace(0, watch.monotonic)
    pace.rest(30)
    pace.rest(10)
    watch.at += 12
    assert (pace.resting_s(), pace.permit()) == (18, 18)
    watch.at += 18
    assert (pace.resting_s(), pace.permit()) == (0, 0)


def test_refusals_between_answers_do_not_add_up() -> None:
    watch = Stopwatch()
    conduct = Conduct(pace=LocalPace(0, watch.monotonic))
    for _ in range(10):
        for _ in range(4):
            conduct.refused()
        conduct.answered()
    assert conduct.pace.resting_s() == 0
    for _ in range(5):
        conduct.refused()
    assert conduct.pace.resting_s() == 300
