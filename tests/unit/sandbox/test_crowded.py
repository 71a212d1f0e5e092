"""The crowded world: as many matches and quotes as a busy afternoon has, and each of them a different one."""

from datetime import timedelta

import pytest

from src.domain.odds import Market
from src.sandbox.made.crowded_world import CrowdedWorld
from src.sandbox.world.quotes import path
from tests.unit.sandbox.worlds import KICKOFF

WORLD = CrowdedWorld(KICKOFF)


def test_three_hundred_matches_have_six_hundred_clubs_and_fifteen_bookmakers_on_every_market() -> None:
    assert len(WORLD.fixtures) == 300
    clubs = {club.key: club for fixture in WORLD.fixtures for club in (fixture.home, fixture.away)}
    assert len(clubs) == 600
    assert len({club.fotmob_id for club in clubs.values()}) == 600
    assert {len(WORLD.quotes(WORLD.fixtures[n], market)) for n in (0, 299) for market in Market} == {15}


def test_ids_and_names_of_one_competition_are_different_ones() -> None:
    for name in ("number", "fotmob_id", "titan_id", "fbref_id"):
        assert len({getattr(fixture, name) for fixture in WORLD.fixtures}) == 300
    first = [f for f in WORLD.fixtures if f.competition is WORLD.fixtures[0].competition]
    assert len({club.fotmob_long_name for f in first for club in (f.home, f.away)}) == 2 * len(first)


def test_the_same_seed_gives_the_same_world_and_slots_spread_it() -> None:
    assert CrowdedWorld(KICKOFF).fixtures == WORLD.fixtures
    spread = CrowdedWorld(KICKOFF, 42, slots=4)
    assert len(spread.fixtures) == 42
    assert {f.kickoff - KICKOFF for f in spread.fixtures} == {timedelta(minutes=15 * n) for n in range(4)}


def test_many_prices_change_between_an_hour_before_and_the_kick_off() -> None:
    fixture = WORLD.fixtures[0]
    quotes = [quote for market in Market for quote in WORLD.quotes(fixture, market)]
    before, after = (
        [path(fixture.number, quote, KICKOFF, KICKOFF - timedelta(minutes=n))[-1].prices for quote in quotes]
        for n in (60, 2)
    )
    assert sum(old != new for old, new in zip(before, after, strict=True)) > 0.3 * len(quotes)


def test_more_clubs_than_there_are_names_for_are_refused() -> None:
    with pytest.raises(ValueError, match="301"):
        CrowdedWorld(KICKOFF, 301 * 5)
