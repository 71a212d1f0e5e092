"""What the sandbox serves is read whole by the real sources' parsers, before, during and after a match."""

from datetime import date, timedelta

import pytest

from src.collectors.readers import About, Record, reader
from src.domain.match import SourceMatch, TeamStat
from src.domain.odds import Market, OddsQuote, Phase
from src.sandbox.pages.fbref import schedule
from src.sandbox.pages.fbref_match import match_page
from src.sandbox.pages.fotmob import day_list
from src.sandbox.pages.fotmob_details import match_details
from src.sandbox.pages.titan_changes import changes_page
from src.sandbox.pages.titan_euro import euro_js
from src.sandbox.pages.titan_lines import market_page
from src.sandbox.world.fixture import moment
from tests.unit.sandbox.worlds import KICKOFF, fixture, made_world

MOMENTS = (timedelta(days=-2), timedelta(hours=-2), timedelta(minutes=50), timedelta(hours=3))
WORLD = made_world()


def read(source: str, kind: str, body: bytes, after: timedelta) -> tuple[Record, ...]:
    about = About(sha256="ab" * 32, captured_at=KICKOFF + after, kickoff=KICKOFF, match_id="1")
    told = reader(source, kind)(body, about)
    assert told.rejected == ()
    return told.rows


@pytest.mark.parametrize("after", MOMENTS)
def test_fotmob(after: timedelta) -> None:
    match = fixture()
    at = moment(match, KICKOFF + after)
    (listed,) = read("fotmob", "day", day_list(date(2026, 3, 7), [(match, at)]), after)
    detailed = [
        record
        for record in read("fotmob", "details", match_details(match, at), after)
        if isinstance(record, SourceMatch)
    ]
    assert isinstance(listed, SourceMatch)
    assert [(m.source_match_id, m.kickoff_utc, m.status, m.score_90) for m in detailed] == [
        (listed.source_match_id, listed.kickoff_utc, listed.status, listed.score_90)
    ]


@pytest.mark.parametrize("with_xg", [True, False])
@pytest.mark.parametrize("after", MOMENTS)
def test_fbref(after: timedelta, with_xg: bool) -> None:
    matches = [fixture(number=number) for number in range(1, 4)]
    page = schedule("2025-2026", matches, KICKOFF + after, with_xg=with_xg)
    told = [record for record in read("fbref", "schedule", page, after) if isinstance(record, SourceMatch)]
    assert len(told) == len({match.source_match_id for match in told})
    assert told


@pytest.mark.parametrize("after", MOMENTS)
@pytest.mark.parametrize("market", list(Market))
def test_titan007(after: timedelta, market: Market) -> None:
    match, now = WORLD.fixtures[0], WORLD.fixtures[0].kickoff + after
    at, quotes = moment(match, now), WORLD.quotes(WORLD.fixtures[0], market)
    page = euro_js if market is Market.ONE_X_TWO else market_page
    body = page(match, at, quotes, now)
    about = About(sha256="ab" * 32, captured_at=now, kickoff=at.kickoff, match_id="1")
    told = reader("titan007", market)(body, about)
    assert told.rejected == ()
    assert told.rows
    begun = after > timedelta(0)
    assert {quote.phase for quote in told.rows if isinstance(quote, OddsQuote)} <= {
        Phase.OPENING, Phase.CLOSING if begun else Phase.PREMATCH,
    }  # fmt: skip
    assert all(quote.observed_at < at.kickoff for quote in told.rows if isinstance(quote, OddsQuote))


@pytest.mark.parametrize("after", MOMENTS)
@pytest.mark.parametrize("market", [Market.ASIAN_HANDICAP, Market.OVER_UNDER])
def test_titan007_changes(after: timedelta, market: Market) -> None:
    match, now = WORLD.fixtures[0], WORLD.fixtures[0].kickoff + after
    at, quotes = moment(match, now), WORLD.quotes(WORLD.fixtures[0], market)
    about = About(sha256="ab" * 32, captured_at=now, kickoff=at.kickoff, match_id="1", bookmaker="8")
    told = reader("titan007", "changes")(changes_page(match, at, quotes, market, 8, now), about)
    lines = reader("titan007", market)(market_page(match, at, quotes, now), about)
    assert told.rejected == ()
    found = [quote for quote in told.rows if isinstance(quote, OddsQuote)]
    assert {quote.market for quote in found} == {market}
    assert (Phase.INPLAY in {quote.phase for quote in found}) is (after > timedelta(0))
    # The page of lines tells the same prices at both ends.
    ends = {q.phase: q for q in lines.rows if isinstance(q, OddsQuote) and q.bookmaker_id == "8"}
    before = [quote for quote in found if quote.phase is not Phase.INPLAY]
    assert before[0] == ends[Phase.OPENING]
    last = ends.get(Phase.CLOSING) or ends[Phase.PREMATCH]
    assert (before[-1].prices, before[-1].line) == (last.prices, last.line)


def test_titan007_changes_of_a_bookmaker_that_does_not_quote_the_match() -> None:
    match = WORLD.fixtures[0]
    page = changes_page(match, moment(match, KICKOFF), [], Market.OVER_UNDER, 99, KICKOFF)
    assert read("titan007", "changes", page, timedelta(0)) == ()


@pytest.mark.parametrize("with_xg", [True, False])
def test_fbref_match_page(with_xg: bool) -> None:
    match = fixture()
    after = timedelta(hours=2)
    page = match_page(match, moment(match, KICKOFF + after), with_xg=with_xg)
    assert page is not None
    told = {(r.side, r.key): r.value for r in read("fbref", "stats", page, after) if isinstance(r, TeamStat)}
    for side, figures in zip(("home", "away"), match.figures, strict=True):
        assert told[side, "shots"] == figures.shots
        assert told[side, "shots_on_target"] == figures.on_target
        assert told[side, "fouls"] == figures.fouls
        assert told[side, "yellow_cards"] == figures.yellow
        assert ((side, "expected_goals") in told) is with_xg
    assert match_page(match, moment(match, KICKOFF), with_xg=with_xg) is None
