"""What cleaning leaves of the odds: the way between goes, the two ends stay."""

from datetime import timedelta

import pytest

from src.database.connection import Database
from src.database.retention import delete_fine_odds
from src.domain.odds import OddsQuote, Phase
from tests.integration.database.matches import KICKOFF, one_match
from tests.integration.database.test_odds import prices_of, quote, store, tables

pytestmark = pytest.mark.integration

A, B, C, D = (1.9, 1.95), (1.8, 2.05), (1.7, 2.2), (1.6, 2.3)
WAY = [quote(10, A), quote(20, B), quote(30, C), quote(40, D), quote(50, D)]
OPENING = quote(0, (2.1, 1.75), phase=Phase.OPENING)
CLOSING = quote(60, (1.5, 2.6), phase=Phase.CLOSING)


def after_cleaning(database: Database, quotes: list[OddsQuote]) -> list[tuple[float, ...]]:
    store(database, one_match(database), quotes)
    with database.session() as session:
        delete_fine_odds(session, KICKOFF + timedelta(days=30))
    return prices_of(tables(database)[1])


def test_opening_and_closing_quotes_stay(database: Database) -> None:
    assert sorted(after_cleaning(database, [OPENING, *WAY, CLOSING])) == sorted(
        [tuple(OPENING.prices), tuple(CLOSING.prices)]
    )


def test_without_them_the_first_and_the_last_price_stay(database: Database) -> None:
    assert after_cleaning(database, WAY) == [A, D]


def test_without_a_closing_quote_the_last_price_before_the_kick_off_stays(database: Database) -> None:
    in_play = quote(2000, (9.0, 1.05))
    assert sorted(after_cleaning(database, [OPENING, *WAY, in_play])) == sorted([tuple(OPENING.prices), D])


def test_cleaning_twice_takes_no_more(database: Database) -> None:
    left = after_cleaning(database, WAY)
    with database.session() as session:
        assert delete_fine_odds(session, KICKOFF + timedelta(days=30)) == (0, 0)
    assert prices_of(tables(database)[1]) == left


def test_a_match_to_come_keeps_all(database: Database) -> None:
    store(database, one_match(database), WAY)
    with database.session() as session:
        assert delete_fine_odds(session, KICKOFF) == (0, 0)


def test_a_cleaned_line_still_knows_its_latest_price(database: Database) -> None:
    after_cleaning(database, [OPENING, *WAY, CLOSING])
    latest = tables(database)[0]
    assert prices_of(latest) == [tuple(CLOSING.prices)]
