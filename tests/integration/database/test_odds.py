"""Latest and History on a real Postgres."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise, permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from src.core.errors import Transient
from src.database.connection import Database
from src.database.copying import copy_rows
from src.database.migrate import drift
from src.database.odds import LinkedQuote, closed_markets, store_quotes
from src.domain.bookmaker import FOOTBALL_DATA_MARKET
from src.domain.match import Source
from src.domain.odds import Market, OddsQuote, Phase
from tests.integration.database.matches import KICKOFF, one_match

pytestmark = pytest.mark.integration


def quote(
    minutes: int,
    prices: tuple[float, ...] = (1.9, 1.95),
    *,
    line: float | None = -0.5,
    phase: Phase = Phase.PREMATCH,
    market: Market = Market.ASIAN_HANDICAP,
    bookmaker: str = "8",
    source_time: datetime | None = None,
) -> OddsQuote:
    """A quote captured so many minutes after a day before the kick-off."""
    return OddsQuote(
        source=Source.TITAN007,
        source_match_id="t1",
        bookmaker_namespace="titan-ah-ou",
        bookmaker_id=bookmaker,
        bookmaker_name=f"Bookmaker {bookmaker}",
        market=market,
        phase=phase,
        line=line,
        prices=prices,
        source_time_utc=source_time,
        captured_at=KICKOFF - timedelta(days=1) + timedelta(minutes=minutes),
    )


def store(database: Database, match: int, quotes: Iterable[OddsQuote]) -> int:
    with database.session() as session:
        return store_quotes(session, [LinkedQuote(match_id=match, quote=item) for item in quotes])


def tables(database: Database) -> tuple[list[Any], list[Any]]:
    """Latest and History without ids and fires, in a fixed order."""
    with database.session() as session:
        latest = session.execute(text("select * from odds_latest order by 1, 2, 3, 4, 5"))
        history = session.execute(
            text(
                "select match_id, bookmaker_id, market, period, line_rank, phase, line, prices, suspended,"
                " observed_at, captured_at, source from odds_history"
                " order by 1, 2, 3, 4, 5, 6, observed_at, line, prices"
            )
        )
        return [tuple(row) for row in latest], [tuple(row) for row in history]


def prices_of(rows: Sequence[Any]) -> list[tuple[float, ...]]:
    return [tuple(next(cell for cell in row if isinstance(cell, list))) for row in rows]


def test_twice_changes_nothing(database: Database) -> None:
    match = one_match(database)
    quotes = [quote(0, phase=Phase.OPENING), quote(0), quote(0, bookmaker="47")]
    assert store(database, match, quotes) == 3
    before = tables(database)
    assert store(database, match, quotes) == 0
    assert tables(database) == before


def test_history_grows_on_change_only_and_latest_tells_the_last_sighting(database: Database) -> None:
    match = one_match(database)
    a, b = (1.9, 1.95), (1.8, 2.05)
    for minutes, prices in ((0, a), (10, a), (20, b), (30, b), (40, a)):
        store(database, match, [quote(minutes, prices)])
    latest, history = tables(database)
    assert prices_of(history) == [a, b, a]
    assert [row[9] for row in history] == [quote(minutes).captured_at for minutes in (0, 20, 40)]
    assert latest[0][9] == quote(40).captured_at


def test_late_price_between_two_sightings_splits_them(database: Database) -> None:
    match = one_match(database)
    a, b = (1.9, 1.95), (1.8, 2.05)
    for minutes, prices in ((0, a), (25, a), (30, a), (10, b)):
        store(database, match, [quote(minutes, prices)])
    latest, history = tables(database)
    assert [(prices, row[9]) for prices, row in zip(prices_of(history), history, strict=True)] == [
        (a, quote(0).captured_at),
        (b, quote(10).captured_at),
        (a, quote(25).captured_at),
    ]
    assert prices_of(latest) == [a]


def test_opening_captured_late_does_not_hide_the_present_price(database: Database) -> None:
    match = one_match(database)
    store(database, match, [quote(0, (1.8, 2.05))])
    store(database, match, [quote(30, phase=Phase.OPENING)])
    assert prices_of(tables(database)[0]) == [(1.8, 2.05)]


def test_closing_wins_over_prematch_and_marks_its_market(database: Database) -> None:
    match = one_match(database)
    closing = quote(3000, (1.7, 2.2), phase=Phase.CLOSING, source_time=KICKOFF - timedelta(seconds=1))
    store(database, match, [closing, quote(0)])
    assert prices_of(tables(database)[0]) == [(1.7, 2.2)]
    with database.session() as session:
        assert closed_markets(session, [match]) == {(match, Market.ASIAN_HANDICAP)}


def test_in_play_quote_is_refused(database: Database) -> None:
    match = one_match(database)
    with pytest.raises(ValueError, match="in-play"):
        store(database, match, [quote(0, phase=Phase.INPLAY)])
    assert tables(database) == ([], [])


def test_both_numbers_of_a_bookmaker_are_one(database: Database) -> None:
    match = one_match(database)
    euro = OddsQuote(
        source=Source.TITAN007, source_match_id="t1", bookmaker_namespace="titan-euro", bookmaker_id="281",
        bookmaker_name="Bet365", market=Market.ONE_X_TWO, phase=Phase.PREMATCH, prices=(2.0, 3.4, 4.0),
        source_time_utc=None, captured_at=KICKOFF - timedelta(days=1),
    )  # fmt: skip
    lines = OddsQuote(**{**vars(quote(0)), "bookmaker_name": "Bet365"})
    store(database, match, [euro, lines])
    with database.session() as session:
        assert session.execute(text("select name from bookmakers")).scalars().all() == ["Bet365"]
        assert len(session.execute(text("select * from bookmaker_ids")).all()) == 2


STATES = st.sampled_from([(1.9, 1.95), (1.8, 2.05)])
_MONTH = 43_200
#: Of few times and prices, so that they collide; some are of other months than the rest.
QUOTES = st.builds(
    lambda minutes, month, prices, line, phase, timed, later, more: replace(
        quote(
            minutes + month * _MONTH + later,
            prices,
            line=line,
            phase=phase,
            source_time=(
                KICKOFF - timedelta(days=2) + timedelta(minutes=minutes + month * _MONTH) if timed else None
            ),
        ),
        **more,
    ),
    st.integers(0, 4),
    st.sampled_from([0, 0, 0, -1, 1]),
    STATES,
    st.sampled_from([-0.5, 0.0]),
    st.sampled_from([Phase.OPENING, Phase.PREMATCH, Phase.CLOSING]),
    st.booleans(),
    st.integers(0, 2),
    st.fixed_dictionaries(
        {},
        optional={
            "suspended": st.just(True),
            "source": st.just(Source.FBREF),
            "line_rank": st.just(2),
            "bookmaker_id": st.just("47"),
        },
    ),
)


@given(data=st.data(), quotes=st.lists(QUOTES, min_size=1, max_size=10))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
def test_any_order_and_any_batches_and_transactions_end_in_the_same_tables(
    database: Database, data: st.DataObject, quotes: list[OddsQuote]
) -> None:
    match = one_match(database)
    empty(database)
    store(database, match, quotes)
    expected = tables(database)
    empty(database)
    told = data.draw(st.permutations(quotes + quotes[:4]))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(told)))))
    batches = [told[begin:end] for begin, end in pairwise([0, *cuts, len(told)])]
    if data.draw(st.booleans()):
        with database.session() as session:
            for batch in batches:
                store_quotes(session, [LinkedQuote(match_id=match, quote=item) for item in batch])
    else:
        for batch in batches:
            store(database, match, batch)
    assert tables(database) == expected
    assert_no_change_is_repeated(expected[1])


def test_all_permutations_of_late_doubled_and_out_of_order_payloads_end_in_the_same_tables(
    database: Database,
) -> None:
    match = one_match(database)
    payloads = [
        [quote(0, phase=Phase.OPENING), quote(1)],
        [quote(0, phase=Phase.OPENING), quote(5, (1.8, 2.05))],
        [quote(3, (1.8, 2.05)), quote(3, (1.9, 1.95))],
        [replace(quote(5, (1.8, 2.05)), suspended=True), quote(7, (1.8, 2.05))],
        [quote(9, (1.7, 2.2), phase=Phase.CLOSING), quote(5, (1.8, 2.05))],
    ]
    ends = set()
    for order in permutations(payloads):
        empty(database)
        for payload in (*order, order[0]):
            store(database, match, payload)
        ends.add(str((*tables(database), repeats(database))))
    assert len(ends) == 1


def repeats(database: Database) -> list[Any]:
    with database.session() as session:
        found = session.execute(
            text("select phase, line, prices, observed_at from odds_repeats order by 1, 4")
        )
        return [tuple(row) for row in found]


def test_a_month_gets_its_partition_when_its_first_quote_arrives(database: Database) -> None:
    match = one_match(database)
    store(database, match, [quote(0), quote(-2 * _MONTH, (1.8, 2.05))])
    with database.session() as session:
        names = session.scalars(
            text("select tableoid::regclass::text from odds_history order by observed_at")
        ).all()
    assert names == ["odds_history_2026_01", "odds_history_2026_03"]
    assert drift(database) == []


def test_a_repeat_of_another_month_can_become_a_change(database: Database) -> None:
    match = one_match(database)
    store(database, match, [quote(-_MONTH), quote(0)])
    store(database, match, [quote(-10, (1.8, 2.05))])
    assert prices_of(tables(database)[1]) == [(1.9, 1.95), (1.8, 2.05), (1.9, 1.95)]


def test_the_best_and_the_mean_of_the_market_are_no_bookmakers(database: Database) -> None:
    match = one_match(database)
    best = replace(quote(0), bookmaker_namespace=FOOTBALL_DATA_MARKET, bookmaker_name="Market maximum")
    store(database, match, [best, quote(0)])
    with database.session() as session:
        kinds = dict(session.execute(text("select name, kind from bookmakers")).all())  # type: ignore[arg-type]
    assert kinds == {"Market maximum": "aggregate", "Bookmaker 8": "bookmaker"}


def test_the_same_identity_is_refused_by_the_table_itself(database: Database) -> None:
    match = one_match(database)
    store(database, match, [quote(0, line=None, market=Market.ONE_X_TWO, prices=(2.5, 3.2, 2.9))])
    twice = text("insert into odds_history select * from odds_history")
    with pytest.raises(IntegrityError), database.session() as session:
        session.execute(twice)


def test_a_lost_connection_is_told_as_one(database: Database) -> None:
    match = one_match(database)
    with pytest.raises(Transient, match="Postgres is not answering"):
        copy_on_a_lost_connection(database)
    assert store(database, match, [quote(0)]) == 1


def copy_on_a_lost_connection(database: Database) -> None:
    with database.session() as session:
        pid = session.scalar(text("select pg_backend_pid()"))
        with database.session() as other:
            other.execute(text("select pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        copy_rows(session, "odds_repeats", ["match_id"], [(1,)])


def assert_no_change_is_repeated(history: list[Any]) -> None:
    for before, after in pairwise(history):
        if before[:6] == after[:6]:
            assert before[6:9] != after[6:9]


def empty(database: Database) -> None:
    with database.session() as session:
        session.execute(text("delete from odds_latest"))
        session.execute(text("delete from odds_history"))
        session.execute(text("delete from odds_repeats"))


def test_a_close_before_the_kick_off_was_moved_is_none(database: Database) -> None:
    match = one_match(database)
    store(database, match, [quote(1450, phase=Phase.CLOSING, source_time=KICKOFF - timedelta(seconds=1))])
    moved = KICKOFF + timedelta(days=3)
    with database.session() as session:
        session.execute(text("update matches set kickoff_utc = :at"), {"at": moved})
        assert closed_markets(session, [match]) == set()
    again = quote(1450 + 3 * 1440, phase=Phase.CLOSING, source_time=moved - timedelta(seconds=1))
    store(database, match, [again])
    with database.session() as session:
        assert closed_markets(session, [match]) == {(match, Market.ASIAN_HANDICAP)}
