"""Rules of alignment that hold for any fixtures: order, shifts and unrelated fixtures change nothing."""

import random
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from src.collectors.alignment.align import Fixture, Verdict, judge
from tests.unit.collectors.alignment.fixtures import AT

_TOWNS = ("Aldham", "Brixworth", "Carrowby", "Denholme", "Esk")
_FORMS = ("{}", "FC {}", "{} United", "{} Town", "{} II", "{} (W)", "{:.4}")

_NAMES = st.builds(lambda town, form: form.format(town), st.sampled_from(_TOWNS), st.sampled_from(_FORMS))
_KICKOFFS = st.integers(-30, 30).map(lambda half_hours: AT + timedelta(minutes=30 * half_hours))


def sides(prefix: str) -> st.SearchStrategy[list[Fixture]]:
    rows = st.lists(st.tuples(_NAMES, _NAMES, _KICKOFFS), max_size=7)
    return rows.map(
        lambda found: [
            Fixture(key=f"{prefix}{number}", kickoff_utc=at, home=(home,), away=(away,))
            for number, (home, away, at) in enumerate(found)
        ]
    )


def content(verdict: Verdict) -> tuple[set[object], set[object]]:
    return set(verdict.links), {(doubt.key, doubt.confidence) for doubt in verdict.doubts}


@given(sides("l"), sides("r"), st.randoms())
@settings(max_examples=150, deadline=None)
def test_order_of_the_fixtures_does_not_matter(
    left: list[Fixture], right: list[Fixture], chance: random.Random
) -> None:
    shuffled = chance.sample(left, len(left)), chance.sample(right, len(right))
    assert judge(*shuffled) == judge(left, right)


@given(sides("l"), sides("r"))
@settings(max_examples=150, deadline=None)
def test_no_fixture_is_linked_twice_nor_both_linked_and_doubtful(
    left: list[Fixture], right: list[Fixture]
) -> None:
    verdict = judge(left, right)
    told = [*verdict.links, *verdict.doubts]
    assert len({item.key for item in told}) == len({item.canonical for item in told}) == len(told)
    assert all(0.0 <= item.confidence <= 1.0 for item in told)


@given(sides("l"), sides("r"), st.timedeltas(timedelta(days=-400), timedelta(days=400)))
@settings(max_examples=100, deadline=None)
def test_shifting_all_kickoffs_alike_changes_nothing(
    left: list[Fixture], right: list[Fixture], by: timedelta
) -> None:
    moved = [[replace(one, kickoff_utc=one.kickoff_utc + by) for one in side] for side in (left, right)]
    assert judge(*moved) == judge(left, right)


@given(sides("l"), sides("r"), sides("far"), st.booleans())
@settings(max_examples=100, deadline=None)
def test_fixtures_far_away_change_nothing(
    left: list[Fixture], right: list[Fixture], far: list[Fixture], on_the_left: bool
) -> None:
    away = [replace(one, kickoff_utc=one.kickoff_utc + timedelta(days=90)) for one in far]
    more = (left + away, right) if on_the_left else (left, right + away)
    assert judge(*more) == judge(left, right)


@given(sides("l"), sides("r"))
@settings(max_examples=100, deadline=None)
def test_who_is_asked_about_whom_does_not_matter(left: list[Fixture], right: list[Fixture]) -> None:
    turned = {(item.canonical, item.key, item.confidence) for item in judge(right, left).links}
    assert turned == {(item.key, item.canonical, item.confidence) for item in judge(left, right).links}
