"""Prices move from opening to closing, in steps, and not a week before kick-off."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.domain.odds import Market
from src.sandbox.world.bookmakers import BOOKMAKERS
from src.sandbox.world.quotes import QUOTED_AHEAD, Prices, Quote, path
from tests.unit.sandbox.worlds import KICKOFF

FIXED = Quote(BOOKMAKERS[0], Market.ONE_X_TWO, Prices((1.9, 3.6, 4.2)), Prices((1.7, 3.9, 5.0)))
MOVED = Quote(BOOKMAKERS[0], Market.ASIAN_HANDICAP, Prices((1.92, 1.98), -0.5), Prices((1.95, 1.95), -0.75))


@given(st.integers(0, 999_999), st.sampled_from([FIXED, MOVED]))
def test_a_path_begins_with_the_opening_and_ends_with_the_closing_price(number: int, quote: Quote) -> None:
    changes = path(number, quote, KICKOFF, KICKOFF)
    times = [change.at for change in changes]
    assert changes[0].prices == quote.opening
    assert changes[-1].prices == quote.closing
    assert times == sorted(set(times))
    assert times[0] >= KICKOFF - QUOTED_AHEAD
    assert times[-1] < KICKOFF
    assert all(price > 1 for change in changes for price in change.prices.prices)


@given(st.integers(0, 999_999), st.timedeltas(timedelta(0), timedelta(days=9)))
def test_what_was_seen_earlier_is_never_rewritten(number: int, ahead: timedelta) -> None:
    seen = path(number, FIXED, KICKOFF, KICKOFF - ahead)
    assert seen == path(number, FIXED, KICKOFF, KICKOFF)[: len(seen)]


def test_nothing_is_quoted_before_a_week_ahead_and_nothing_changes_after_kick_off() -> None:
    assert path(1, FIXED, KICKOFF, KICKOFF - QUOTED_AHEAD - timedelta(seconds=1)) == []
    assert path(1, FIXED, KICKOFF, KICKOFF + timedelta(days=3)) == path(1, FIXED, KICKOFF, KICKOFF)


def test_a_line_moves_at_once_between_its_two_values() -> None:
    assert {change.prices.line for change in path(5, MOVED, KICKOFF, KICKOFF)} == {-0.5, -0.75}


@pytest.mark.parametrize("number", range(5))
def test_prices_that_do_not_move_are_listed_once(number: int) -> None:
    still = Quote(BOOKMAKERS[0], Market.ONE_X_TWO, FIXED.opening, FIXED.opening)
    assert len(path(number, still, KICKOFF, KICKOFF)) == 1
