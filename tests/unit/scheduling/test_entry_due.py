"""An entry's due times between its start and its end, and the jitter that delays them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from src.domain.entry import Cadence, Cron, Density, DensityStep, Entry, Interval, OneOff
from src.domain.policy import Policy
from src.scheduling.cadence import jitter_of, next_due, next_due_of
from tests.entries import MINUTELY, NIGHTLY

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MOMENTS = st.integers(-5_000, 5_000).map(lambda second: AT + timedelta(seconds=second))
CADENCES = st.sampled_from(
    [
        Interval(every_s=60),
        Interval(every_s=90.5, anchor=AT),
        Cron(expression="*/5 * * * *"),
        OneOff(at=AT),
        Density(steps=(DensityStep(matches=1, within_s=600, every_s=60),)),
    ]
)


def between(start: datetime | None, end: datetime | None, cadence: Cadence = MINUTELY.cadence) -> Entry:
    return replace(MINUTELY, cadence=cadence, policy=Policy(start=start, end=end))


def test_the_first_due_time_may_be_the_start_itself() -> None:
    assert next_due_of(between(AT, None), AT - 5 * MINUTE) == AT
    assert next_due_of(between(AT, None), AT) == AT + MINUTE
    assert next_due_of(between(AT + MINUTE / 2, None), AT) == AT + MINUTE
    assert next_due_of(between(AT, None, Cron(expression="0 12 * * *")), AT - 99 * MINUTE) == AT


def test_the_last_due_time_may_be_the_end_itself() -> None:
    assert next_due_of(between(None, AT), AT - MINUTE) == AT
    assert next_due_of(between(None, AT), AT) is None
    assert next_due_of(between(None, AT - MINUTE / 2), AT - MINUTE) is None


def test_bounds_may_be_in_another_zone() -> None:
    start = AT.astimezone(ZoneInfo("Australia/Lord_Howe"))
    assert next_due_of(between(start, start), AT - MINUTE) == AT


@given(cadence=CADENCES, after=MOMENTS, start=st.none() | MOMENTS, end=st.none() | MOMENTS)
def test_bounds_take_due_times_away_and_move_none(
    cadence: Cadence, after: datetime, start: datetime | None, end: datetime | None
) -> None:
    kickoffs = [AT, AT + 20 * MINUTE]
    expected = next_due(cadence, after, kickoffs)
    while expected is not None and start is not None and expected < start:
        expected = next_due(cadence, expected, kickoffs)
    if expected is not None and end is not None and expected > end:
        expected = None
    assert next_due_of(between(start, end, cadence), after, kickoffs) == expected


def test_an_entry_without_jitter_is_not_delayed() -> None:
    assert jitter_of(MINUTELY, AT) == timedelta(0)


def test_jitter_is_the_same_on_every_machine() -> None:
    jittery = replace(MINUTELY, policy=Policy(jitter=timedelta(minutes=1)))
    assert jitter_of(jittery, AT) == timedelta(microseconds=15_504_572)
    assert jitter_of(jittery, AT.astimezone(ZoneInfo("Asia/Shanghai"))) == timedelta(microseconds=15_504_572)


@given(micros=st.integers(1, 86_399_999_999), due_at=MOMENTS)
def test_jitter_is_less_than_the_policy_s(micros: int, due_at: datetime) -> None:
    policy = Policy(jitter=timedelta(microseconds=micros))
    assert timedelta(0) <= jitter_of(replace(NIGHTLY, policy=policy), due_at) < policy.jitter


def test_jitter_spreads_due_times_and_entries_evenly() -> None:
    policy = Policy(jitter=timedelta(seconds=10))
    over_time = [jitter_of(replace(MINUTELY, policy=policy), AT + n * MINUTE) for n in range(2_000)]
    over_entries = [jitter_of(replace(MINUTELY, name=f"e{n}", policy=policy), AT) for n in range(2_000)]
    for delays in (over_time, over_entries):
        tenths = [sum(delay // timedelta(seconds=1) == n for delay in delays) for n in range(10)]
        assert all(150 <= count <= 250 for count in tenths)
