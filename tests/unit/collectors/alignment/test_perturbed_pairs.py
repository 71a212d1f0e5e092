"""The labelled pairs as other days might tell them: nothing is linked to what is not its partner."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from src.collectors.alignment.align import judge
from src.collectors.alignment.fixture import Fixture
from tests.unit.collectors.alignment.labelled import SETS, Sides

#: What a link may be wrong in, at most.
ALLOWED = 0.005
_SQUADS = (
    "{} (W)", "{} Women", "{} Ladies", "{} Féminines", "{} Femenino", "{}女足", "{} U21", "{} U-19",
    "{} Under 21", "{} Sub-20", "{} B", "{} II", "{} 2", "{} Reserves", "{} U23", "Jong {}", "{} III",
    "{} Primavera", "{}后备",
)  # fmt: skip
_LEAGUES = (
    "Women's Super League", "Frauen-Bundesliga", "Liga F", "UEFA Youth League", "Premier League 2",
    "Primavera 1", "Reserve League", "U19 League",
)  # fmt: skip

Change = Callable[[Fixture, random.Random], Fixture | None]


def dropped(fixture: Fixture, chance: random.Random) -> None:
    """The other source does not have it."""


def another_squad(fixture: Fixture, chance: random.Random) -> Fixture | None:
    """The women, a youth or a second squad of both clubs play each other at the same time instead."""
    if fixture.women:
        return None
    form = chance.choice(_SQUADS)
    home, away = (tuple(form.format(name) for name in names) for names in (fixture.home, fixture.away))
    return replace(fixture, home=home, away=away, competition=None, gender=None)


def another_competition(fixture: Fixture, chance: random.Random) -> Fixture | None:
    """They do so under their clubs' plain names: the competition alone tells."""
    if fixture.women:
        return None
    return replace(fixture, competition=chance.choice(_LEAGUES), gender=None)


def turned(fixture: Fixture, chance: random.Random) -> Fixture:
    """The second leg at the first one's time."""
    return replace(fixture, home=fixture.away, away=fixture.home)


def another_day(fixture: Fixture, chance: random.Random) -> Fixture:
    """The same clubs on another day."""
    by = timedelta(days=chance.choice([-7, -3, -1, 1, 2, 14]))
    return replace(fixture, kickoff_utc=fixture.kickoff_utc + by)


def hours_away(fixture: Fixture, chance: random.Random) -> Fixture:
    """Too far apart to be linked without a person, even where the sources disagree by an hour already."""
    by = timedelta(minutes=chance.choice([-1, 1]) * chance.randint(300, 720))
    return replace(fixture, kickoff_utc=fixture.kickoff_utc + by)


CHANGES: tuple[Change, ...] = (
    dropped, another_squad, another_competition, turned, another_day, hours_away,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Told:
    left: list[Fixture]
    right: list[Fixture]
    truth: dict[str, str]


def perturbed(
    left: Sequence[Fixture], right: Sequence[Fixture], truth: set[tuple[str, str]], chance: random.Random
) -> _Told:
    """Take a share of both sides away, change a share of the rest, and move the others by up to two hours."""
    partner = {theirs: ours for ours, theirs in truth}
    kept = {}
    others: list[Fixture] = []
    for one in right:
        roll = chance.random()
        if one.key not in partner or roll < 0.5:
            minutes = chance.choice([0, 0, 0, 5, 15, 30, 60, 120]) * chance.choice([-1, 1])
            others.append(replace(one, kickoff_utc=one.kickoff_utc + timedelta(minutes=minutes)))
            if one.key in partner:
                kept[partner[one.key]] = one.key
        elif changed := chance.choice(CHANGES)(one, chance):
            others.append(replace(changed, key=f"{one.key} changed"))
    ours = [one for one in left if chance.random() > 0.1]
    there = {one.key for one in ours}
    return _Told(left=ours, right=others, truth={a: b for a, b in kept.items() if a in there})


@pytest.mark.parametrize(("name", "source"), SETS)
@given(seed=st.integers(0, 10_000))
@example(seed=0)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_perturbed_labelled_pairs_yield_no_wrong_link_above_the_allowed_rate(
    sides: Sides, name: str, source: str, seed: int
) -> None:
    left, right, truth = sides(name, source)
    told = perturbed(left.fixtures, right.fixtures, truth, random.Random(seed))
    labelled = {ours for ours, _ in truth} | {theirs for _, theirs in truth}
    links = [
        link for link in judge(told.left, told.right).links
        if link.key in labelled or link.canonical.removesuffix(" changed") in labelled
    ]  # fmt: skip
    wrong = [link for link in links if told.truth.get(link.key) != link.canonical]
    assert len(wrong) <= ALLOWED * len(links), wrong
    found = {link.key for link in links} & told.truth.keys()
    assert len(found) >= 0.97 * len(told.truth)
