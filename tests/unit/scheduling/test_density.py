"""The match-density cadence against counting second by second."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.domain.entry import Density, DensityStep
from src.scheduling.cadence import check_cadence, describe, due_times, next_due

START = datetime(2026, 3, 7, 12, tzinfo=UTC)
LIVE = Density(
    steps=(
        DensityStep(matches=20, within_s=3600, every_s=120),
        DensityStep(matches=5, within_s=3600, every_s=300),
        DensityStep(matches=1, within_s=7200, every_s=600),
    )
)
SECONDS = st.integers(0, 600).map(lambda second: START + timedelta(seconds=second))
STEPS = st.builds(
    DensityStep, matches=st.integers(1, 4), within_s=st.integers(1, 200), every_s=st.integers(1, 90)
)


def after(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def by_counting(density: Density, after: datetime, kickoffs: list[datetime]) -> datetime | None:
    at = after.replace(microsecond=0) + timedelta(seconds=1)
    while kickoffs and at < kickoffs[-1]:
        for step in density.steps:
            within = at + timedelta(seconds=step.within_s)
            if sum(at < kickoff <= within for kickoff in kickoffs) >= step.matches:
                if int(at.timestamp()) % int(step.every_s) == 0:
                    return at
                break
        at += timedelta(seconds=1)
    return None


@given(
    steps=st.lists(STEPS, min_size=1, max_size=3),
    kickoffs=st.lists(SECONDS, max_size=8).map(sorted),
    start=st.integers(-200_000_000, 650_000_000).map(lambda us: START + timedelta(microseconds=us)),
)
def test_the_next_due_time_is_the_one_that_counting_finds(
    steps: list[DensityStep], kickoffs: list[datetime], start: datetime
) -> None:
    density = Density(steps=tuple(steps))
    assert next_due(density, start, kickoffs) == by_counting(density, start, kickoffs)


def test_the_more_matches_are_about_to_start_the_more_often_it_is_due() -> None:
    for matches, minutes in [(1, 10), (4, 10), (5, 5), (19, 5), (20, 2), (50, 2)]:
        kickoffs = [after(60)] * matches
        assert next_due(LIVE, START, kickoffs) == after(minutes)
    assert next_due(LIVE, START, [after(120)] * 20) == after(10)


def test_without_a_match_in_sight_it_waits_until_one_is() -> None:
    assert next_due(LIVE, START) is None
    assert next_due(LIVE, START, [START]) is None
    assert next_due(LIVE, START, [after(605)]) == after(490)


def test_a_match_counts_until_it_kicks_off() -> None:
    assert due_times(LIVE, after(100), after(600), 100, [after(121)]) == [after(100), after(110), after(120)]
    assert next_due(LIVE, after(110), [after(120)]) is None


def test_the_interval_follows_a_busy_afternoon() -> None:
    kickoffs = sorted([after(180)] * 5 + [after(240)] * 20)
    found = due_times(LIVE, after(60), after(300), 1000, kickoffs)
    gaps = {later - earlier for earlier, later in pairwise(found)}
    assert gaps == {timedelta(minutes=n) for n in (10, 5, 2)}
    # A step takes effect the moment it holds; two steps' times may lie closer together than either's.
    assert found[-1] == after(238)
    assert [due for due in found if after(118) < due < after(132)] == [after(120), after(125), after(130)]


def test_a_season_of_kickoffs_without_a_due_time_is_walked_quickly() -> None:
    crowd = Density(steps=(DensityStep(matches=500, within_s=60, every_s=1),))
    kickoffs = [after(60 * n) for n in range(2_000)]
    assert next_due(crowd, START, kickoffs) is None
    assert next_due(crowd, START, [*kickoffs, *[after(150_000)] * 500]) == after(149_999)


@pytest.mark.parametrize(
    ("steps", "field"),
    [
        ((), "step"),
        ((DensityStep(matches=0, within_s=60, every_s=60),), "matches"),
        ((DensityStep(matches=1, within_s=0, every_s=60),), "within_s"),
        ((DensityStep(matches=1, within_s=float("nan"), every_s=60),), "within_s"),
        ((LIVE.steps[0], DensityStep(matches=1, within_s=60, every_s=0.5)), "step 2: every_s"),
    ],
)
def test_wrong_steps_are_explained(steps: tuple[DensityStep, ...], field: str) -> None:
    fault = check_cadence(Density(steps=steps))
    assert fault is not None
    assert field in fault
    assert "for example" in fault


def test_right_steps_are_not_objected_to_and_read_well() -> None:
    assert check_cadence(LIVE) is None
    assert describe(LIVE) == (
        "every 2 min with 20 matches in 1 h; every 5 min with 5 matches in 1 h;"
        " every 10 min with any match in 2 h; else never"
    )
