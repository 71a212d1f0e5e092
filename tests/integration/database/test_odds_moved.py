"""Quotes that are taken away or put together: the tables are as if they had been told so from the first."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from src.database.connection import Database
from src.database.odds_moved import forget_quotes, move_quotes, retime_quotes
from src.domain.match import Source
from src.domain.odds import OddsQuote, Phase
from tests.integration.database.matches import KICKOFF, one_match
from tests.integration.database.test_odds import QUOTES, empty, prices_of, quote, repeats, store, tables

pytestmark = pytest.mark.integration

A, B = (1.9, 1.95), (1.8, 2.05)


def forget(database: Database, match: int, source: Source) -> int:
    with database.session() as session:
        return forget_quotes(session, match, source)


def all_tables(database: Database) -> tuple[Any, ...]:
    return (*tables(database), repeats(database))


def test_what_a_source_told_goes_and_a_change_that_it_hid_is_one_again(database: Database) -> None:
    match = one_match(database)
    store(database, match, [quote(0, A), quote(20, B)])
    store(database, match, [replace(quote(10, B), source=Source.FBREF)])
    assert [row[9] for row in tables(database)[1]] == [quote(0).captured_at, quote(10).captured_at]
    assert forget(database, match, Source.FBREF) == 1
    latest, history, _ = all_tables(database)
    assert prices_of(history) == [A, B]
    assert [row[9] for row in history] == [quote(0).captured_at, quote(20).captured_at]
    assert prices_of(latest) == [B]


def test_latest_steps_back_to_what_others_told(database: Database) -> None:
    match = one_match(database)
    store(database, match, [quote(0, A), replace(quote(30, B), source=Source.FBREF)])
    forget(database, match, Source.FBREF)
    latest, history, _ = all_tables(database)
    assert (prices_of(latest), prices_of(history)) == ([A], [A])
    assert store(database, match, [quote(40, B)]) == 1


def test_other_matches_and_lines_are_left_alone_and_twice_changes_nothing(database: Database) -> None:
    match, other = one_match(database), one_match(database, match_id="2")
    wrong = [replace(item, source=Source.FBREF) for item in (quote(0, bookmaker="47"), quote(50, B))]
    store(database, match, [quote(0), quote(1), quote(0, phase=Phase.OPENING)])
    store(database, other, wrong)
    before = all_tables(database)
    store(database, match, wrong)
    assert forget(database, match, Source.FBREF) == 2
    assert all_tables(database) == before
    assert forget(database, match, Source.FBREF) == 0
    assert all_tables(database) == before


#: A quote that only one source tells: of one told by two, the store keeps that both did not.
_OF_TWO_SOURCES = QUOTES.map(
    lambda item: (
        replace(item, source=Source.TITAN007)
        if item.line == 0.0
        else replace(item, source=Source.FOOTBALL_DATA)
    )
)


@given(quotes=st.lists(_OF_TWO_SOURCES, min_size=1, max_size=10))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
def test_a_source_that_is_taken_away_is_as_if_it_had_never_told(
    database: Database, quotes: list[OddsQuote]
) -> None:
    match = one_match(database)
    empty(database)
    store(database, match, [item for item in quotes if item.source is Source.TITAN007])
    expected = without_last_capture(database)
    empty(database)
    store(database, match, quotes)
    forget(database, match, Source.FOOTBALL_DATA)
    assert without_last_capture(database) == expected


@given(quotes=st.lists(QUOTES, min_size=1, max_size=10), cut=st.integers(0, 10))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
def test_quotes_of_two_matches_put_together_are_as_if_told_of_one(
    database: Database, quotes: list[OddsQuote], cut: int
) -> None:
    match, double = one_match(database), one_match(database, match_id="2")
    empty(database)
    store(database, match, quotes)
    expected = without_last_capture(database)
    empty(database)
    store(database, match, quotes[:cut])
    store(database, double, quotes[cut:])
    with database.session() as session:
        move_quotes(session, double, match)
    assert without_last_capture(database) == expected


def without_last_capture(database: Database) -> tuple[Any, ...]:
    # When a sighting was captured last is known of the row of Latest alone, and settles ties of rank.
    told = text("select match_id, bookmaker_id, market, period, line_rank, first_observed_at,"
                " last_observed_at from odds_latest order by 1, 2, 3, 4, 5")  # fmt: skip
    with database.session() as session:
        latest = [tuple(row) for row in session.execute(told)]
    return (latest, *all_tables(database)[1:])


def test_quotes_timed_anew_are_as_if_told_so_and_others_keep_their_times(database: Database) -> None:
    match = one_match(database)
    month = timedelta(days=30)

    def told(shift: timedelta) -> list[OddsQuote]:
        return [
            replace(item, source=Source.FOOTBALL_DATA, source_time_utc=KICKOFF - month * (2 - n) + shift)
            for n, item in enumerate((quote(0, A, phase=Phase.OPENING), quote(0, B, phase=Phase.CLOSING)))
        ]

    others = [quote(0), quote(0, phase=Phase.OPENING, bookmaker="47")]
    shift = timedelta(days=-40)
    store(database, match, [*told(shift), *others])
    expected = all_tables(database)
    empty(database)
    store(database, match, [*told(timedelta(0)), *others])
    with database.session() as session:
        retime_quotes(
            session, match, Source.FOOTBALL_DATA, KICKOFF - 2 * month + shift, KICKOFF - month + shift
        )
    assert all_tables(database) == expected
