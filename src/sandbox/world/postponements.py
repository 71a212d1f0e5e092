"""Postponements: now and then a match was first set four weeks before the day it is played."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from src.sandbox.world.draws import drawn
from src.sandbox.world.fixture import Fixture

SHARE = 0.012
_EARLIER = timedelta(days=28)
#: Before this round the first date would lie before the season.
_FIRST_ROUND = 7


def postpone_some(
    fixtures: Iterable[Fixture], *, share: float = SHARE, draw: str = "postponed"
) -> Iterator[Fixture]:
    """Give a share of the fixtures, by default one in eighty, a first date that they missed."""
    for fixture in fixtures:
        may_be = fixture.round >= _FIRST_ROUND and fixture.postponed_from is None
        if may_be and drawn(fixture.number, draw) < share:
            yield replace(fixture, postponed_from=fixture.kickoff - _EARLIER)
        else:
            yield fixture
