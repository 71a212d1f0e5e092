"""Titan007's histories of prices through real HTTP into a real Postgres."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from src.core.clock import FixedClock
from src.core.errors import Misconfigured
from src.database.raw_log import fetches
from src.domain.match import Source
from src.domain.odds import Market
from src.domain.summary import SourceSummary
from src.pipeline.collect import collect_changes, collect_fixtures, collect_odds
from src.pipeline.context import Context
from src.pipeline.quarantine_review import Choice, retry
from src.pipeline.replay.anew import read_odds_anew
from src.pipeline.replay.run import replay
from tests.integration.pipeline_collect.upstream import Upstream
from tests.unit.collectors.payloads import (
    changes_page,
    euro_item,
    euro_script,
    fotmob_day,
    fotmob_match,
    line_row,
    lines_page,
    titan_day,
)

pytestmark = pytest.mark.integration

KICKOFF = datetime(2026, 1, 1, 15, tzinfo=UTC)
TO_COME = {"utcTime": "2026-01-01T15:00:00.000Z", "reason": None, "finished": False, "started": False}
PLAYED = {"utcTime": "2026-01-01T15:00:00.000Z"}
EURO, AH = "/titan/euro/11.js", "/titan/pages/AsianOdds_n.aspx?id=11"

DETAIL = (
    "77^9.5|4.2|1.3|01-01 23:40|1|1|1|2026;2.4|3.3|3.0|01-01 18:30|1|1|1|2026;"
    "2.45|3.2|3.0|12-31 23:59|1|1|1|2025;2.5|3.2|2.9|12-27 20:00|1|1|1|2025"
)
SCRIPT = euro_script(euro_item(at="2026,1-1,01,10,30,00"), details=(DETAIL,)).replace(
    b"2026,3-1,07,15,00,00", b"2026,1-1,01,15,00,00"
)
HANDICAP = changes_page(
    ("0.01", "0.3", "49", "1-01 23:20", "滚"),
    ("0.90", "半球/一球", "0.94", "1-01 22:50", "即"),
    ("封", "封", "封", "1-01 22:49", "即"),
    ("0.92", "半球", "0.90", "1-01 00:30", "即"),
    ("0.95", "半球", "0.85", "12-27 20:00", "早"),
)
TOTAL = changes_page(("0.9", "2.5", "0.9", "12-30 07:59", "早"), total=True)


def page(name: str, bookmaker: int = 8) -> str:
    """The address of a bookmaker's changes."""
    return f"/titan/pages/changeDetail/{name}.aspx?id=11&companyID={bookmaker}&l=0"


@pytest.fixture
def evening(collecting: Context, upstream: Upstream, clock: FixedClock) -> Context:
    """A match on New Year's Day, played and linked, of which nothing is stored yet."""
    clock.at = KICKOFF + timedelta(hours=5)
    upstream.bodies["/fotmob/api/data/matches?date=20260101"] = fotmob_day(fotmob_match(status=dict(PLAYED)))
    collect_fixtures(collecting, since=date(2026, 1, 1), until=date(2026, 1, 1))
    for day in ("20251231", "20260101"):
        upstream.bodies[f"/titan/days/football/Over_{day}.htm"] = titan_day((11, "1日23:00"))
    upstream.bodies |= {
        EURO: SCRIPT,
        AH: lines_page(line_row(opened_at="2025-12-27 20:00"), line_row(company=47)),
    }
    for bookmaker in (47, 8, 3):
        upstream.bodies |= {page("handicap", bookmaker): HANDICAP, page("overunder", bookmaker): TOTAL}
    odds(collecting)
    return collecting


def odds(ctx: Context, *markets: Market) -> SourceSummary:
    return collect_odds(
        ctx, since=KICKOFF - timedelta(days=1), until=KICKOFF + timedelta(days=1), markets=markets
    )


def changes(ctx: Context, *markets: Market, bookmakers: tuple[str, ...] = ("8",)) -> SourceSummary:
    return collect_changes(
        ctx,
        since=KICKOFF - timedelta(days=1),
        until=KICKOFF + timedelta(days=1),
        markets=markets or tuple(Market),
        bookmakers=bookmakers,
    )


def query(ctx: Context, sql: str) -> list[tuple[object, ...]]:
    with ctx.database.session() as session:
        return [tuple(row) for row in session.execute(text(sql))]


HISTORY = (
    "select market, phase, line, prices, observed_at from odds_history order by market, observed_at, phase"
)


def utc(day: int, hour: int, minute: int, month: int = 1) -> datetime:
    return datetime(2026 if month == 1 else 2025, month, day, hour, minute, tzinfo=UTC)


def test_every_change_before_the_kick_off_is_stored_and_none_in_play(evening: Context) -> None:
    told = changes(evening)
    assert (told.requested, told.fetched, told.quarantined, told.error) == (3, 3, 0, None)
    assert query(evening, HISTORY) == [
        ("1x2", "opening", None, [2.5, 3.2, 2.9], utc(27, 12, 0, 12)),
        ("1x2", "prematch", None, [2.45, 3.2, 3.0], utc(31, 15, 59, 12)),
        ("1x2", "closing", None, [2.4, 3.3, 3.0], utc(1, 10, 30)),
        ("ah", "opening", -0.5, [1.95, 1.85], utc(27, 12, 0, 12)),
        ("ah", "prematch", -0.5, [1.92, 1.9], utc(31, 16, 30, 12)),
        ("ah", "prematch", None, [], utc(1, 14, 49)),
        ("ah", "prematch", -0.75, [1.9, 1.94], utc(1, 14, 50)),
        ("ou", "opening", 2.5, [1.9, 1.9], utc(29, 23, 59, 12)),
    ]
    assert query(evening, "select name from bookmakers") == [("Bet365",)]
    assert changes(evening).changed == 0


def test_changes_of_some_do_not_close_a_market_for_the_others(evening: Context) -> None:
    changes(evening, Market.ASIAN_HANDICAP)
    odds(evening, Market.ASIAN_HANDICAP)
    closing = "select b.name, o.prices from odds_latest o join bookmakers b on b.id = o.bookmaker_id"
    assert query(evening, f"{closing} where phase = 'closing' order by 1") == [
        ("Bet365", [1.9, 1.94]),
        ("Pinnacle", [1.9, 1.94]),
    ]
    assert odds(evening, Market.ASIAN_HANDICAP).requested == 0


def test_a_closing_quote_that_is_stored_stays_the_latest(evening: Context) -> None:
    odds(evening, *Market)
    latest = query(evening, "select * from odds_latest where market in ('1x2', 'ah') order by 1, 2, 3")
    assert {row[5] for row in latest} == {"closing"}
    assert changes(evening).changed > 0
    assert (
        query(evening, "select * from odds_latest where market in ('1x2', 'ah') order by 1, 2, 3") == latest
    )


def test_three_bookmakers_are_asked_for_unless_others_are_named(evening: Context, upstream: Upstream) -> None:
    upstream.asked.clear()
    told = collect_changes(evening, since=KICKOFF, until=KICKOFF + timedelta(minutes=1))
    assert sorted(upstream.asked) == sorted(
        [EURO, *(page(name, number) for name in ("handicap", "overunder") for number in (47, 8, 3))]
    )
    assert told.requested == 7
    assert query(evening, "select name from bookmakers order by 1") == [
        ("Bet365",),
        ("Crown",),
        ("Pinnacle",),
    ]


def test_matches_outside_the_window_or_without_a_link_are_not_asked_for(
    evening: Context, upstream: Upstream
) -> None:
    upstream.asked.clear()
    collect_changes(evening, since=KICKOFF - timedelta(days=1), until=KICKOFF)
    with evening.database.session() as session:
        session.execute(text("delete from match_links where source = 'titan007'"))
    assert changes(evening).requested == 0
    assert upstream.asked == []


def test_a_bookmaker_without_a_name_is_refused_and_made_by_no_page(
    evening: Context, upstream: Upstream
) -> None:
    upstream.asked.clear()
    with pytest.raises(Misconfigured, match="number 9999"):
        changes(evening, bookmakers=("8", "9999"))
    assert upstream.asked == []


def test_a_bookmaker_that_a_page_of_lines_has_named_keeps_that_name(
    evening: Context, upstream: Upstream
) -> None:
    upstream.bodies[AH] = lines_page(line_row(company=9999, opened_at="2025-12-27 20:00"))
    upstream.bodies[page("handicap", 9999)] = HANDICAP
    odds(evening, Market.ASIAN_HANDICAP)
    named = query(evening, "select id, name from bookmakers")
    assert named == [(1, "36* (titan-ah-ou 9999)")]
    assert changes(evening, Market.ASIAN_HANDICAP, bookmakers=("9999",)).changed == 3
    assert query(evening, "select id, name from bookmakers") == named
    assert query(evening, "select message from signals where kind = 'unmapped'") != []


def test_prices_that_nobody_would_offer_are_quarantined_one_by_one(
    evening: Context, upstream: Upstream
) -> None:
    upstream.bodies[page("handicap")] = changes_page(
        ("0.10", "半球", "0.10", "1-01 22:50", "即"),
        ("0.90", "半球", "0.94", "1-01 22:40", "即"),
        ("0.20", "半球", "0.20", "1-01 22:30", "即"),
        ("0.11", "半球", "0.11", "1-01 22:20", "即"),
        ("0.9", "很多球", "0.9", "1-01 22:10", "即"),
        ("0.80", "平手", "1.04", "12-30 21:24", "早"),
    )
    assert (changes(evening, Market.ASIAN_HANDICAP).quarantined, len(query(evening, HISTORY))) == (4, 2)
    assert query(evening, "select count(distinct record_key) from quarantine where kind = 'changes'") == [
        (4,)
    ]


def test_a_total_in_place_of_a_handicap_is_refused_and_read_once_it_can_be(
    evening: Context, upstream: Upstream, clock: FixedClock
) -> None:
    upstream.bodies[page("handicap")] = TOTAL
    assert changes(evening, Market.ASIAN_HANDICAP).unreadable == 1
    assert query(evening, HISTORY) == []
    upstream.bodies[page("handicap")] = HANDICAP
    clock.advance(timedelta(minutes=1))
    changes(evening, Market.ASIAN_HANDICAP)
    assert query(evening, "select state from quarantine") == [("mended",)]


def test_a_history_that_was_not_understood_is_stored_when_it_is_retried(evening: Context) -> None:
    changes(evening)
    history = query(evening, HISTORY)
    with evening.database.session() as session:
        # As parsers that could not read them would have left them.
        session.execute(text("truncate odds_latest, odds_history, odds_repeats"))
        session.execute(
            text(
                "insert into quarantine (source, kind, record_key, reason, record, raw_sha256, created_at)"
                " select source, kind, 'payload', 'unknown', '', sha256, fetched_at from raw_payloads"
                " where kind = 'changes'"
            )
        )
    told = retry(evening, Choice(kind="changes"))
    assert (told.records, told.mended, told.left) == (3, 3, 0)
    assert query(evening, HISTORY) == history


def test_a_replay_reads_changes_again_and_finds_nothing_new(evening: Context, clock: FixedClock) -> None:
    odds(evening, *Market)
    changes(evening)
    everything = [query(evening, f"select * from {table} order by 1, 2, 3, 6, 10") for table in TABLES]
    since = KICKOFF - timedelta(days=1)
    for _ in range(2):
        [told] = replay(evening, since=since, sources=[Source.TITAN007])
        assert (told.summary.changed, told.left, told.summary.quarantined) == (0, 0, 0)
    clock.advance(timedelta(minutes=1))
    anew = read_odds_anew(evening, since=since)
    assert (anew.matches, anew.kept, anew.taken, anew.stored > 0) == (1, 0, sightings(everything), True)
    again = [query(evening, f"select * from {table} order by 1, 2, 3, 6, 10") for table in TABLES]
    assert again == everything


TABLES = ("odds_latest", "odds_history", "odds_repeats")


def sightings(tables: list[list[tuple[object, ...]]]) -> int:
    return len(tables[1]) + len(tables[2])


def test_changes_of_whom_nothing_has_named_wait(evening: Context, clock: FixedClock) -> None:
    changes(evening, Market.ASIAN_HANDICAP)
    with evening.database.session() as session:
        session.execute(text("update raw_payloads set url = replace(url, 'companyID=8', 'companyID=9999')"))
        session.execute(text("truncate odds_latest, odds_history, odds_repeats"))
    [told] = replay(evening, since=KICKOFF, sources=[Source.TITAN007])
    clock.advance(timedelta(minutes=1))
    read_odds_anew(evening, since=KICKOFF)
    assert told.left == 1
    assert query(evening, "select distinct market from odds_history") == [("1x2",)]
    assert query(evening, "select name from bookmakers") == [("Bet365",)]


def test_a_script_that_was_asked_for_its_odds_alone_has_no_changes_in_a_replay(
    evening: Context, clock: FixedClock
) -> None:
    odds(evening, Market.ONE_X_TWO)
    clock.advance(timedelta(minutes=1))
    read_odds_anew(evening, since=KICKOFF)
    assert [row[1] for row in query(evening, HISTORY)] == ["opening", "closing"]
    changes(evening, Market.ONE_X_TWO)
    with evening.database.session() as session:
        kinds = [fetch.kind for fetch in fetches(session, Source.TITAN007, KICKOFF, None)]
    assert sorted(set(kinds)) == ["1x2", "changes", "day"]
    clock.advance(timedelta(minutes=1))
    read_odds_anew(evening, since=KICKOFF)
    assert [row[1] for row in query(evening, HISTORY)] == ["opening", "prematch", "closing"]


def test_a_broken_page_costs_its_own_changes_alone(evening: Context, upstream: Upstream) -> None:
    upstream.bodies[page("handicap", 47)] = HANDICAP[: len(HANDICAP) // 2]
    upstream.bodies[page("handicap", 3)] = b"<html><title>404</title></html>"
    del upstream.bodies[page("overunder", 3)]
    told = changes(evening, bookmakers=("47", "8", "3"))
    assert (told.requested, told.failed, told.unreadable, told.error) == (7, 1, 2, None)
    assert len(query(evening, "select distinct market, bookmaker_id from odds_history")) == 4


def test_what_was_read_of_a_match_that_is_over_is_not_asked_for_again(
    evening: Context, upstream: Upstream, clock: FixedClock
) -> None:
    clock.at = KICKOFF + timedelta(hours=2)
    changes(evening)
    clock.at = KICKOFF + timedelta(hours=3)
    assert changes(evening).fetched == 3
    upstream.asked.clear()
    clock.advance(timedelta(days=1))
    again = changes(evening)
    assert (again.requested, again.from_cache, again.parsed > 0, again.changed) == (3, 3, True, 0)
    assert upstream.asked == []


def test_a_match_to_come_closes_later(evening: Context, upstream: Upstream, clock: FixedClock) -> None:
    clock.at = KICKOFF - timedelta(hours=1)
    before = SCRIPT.replace(b"9.5|4.2|1.3|01-01 23:40|1|1|1|2026;", b"")
    upstream.bodies[EURO] = before
    upstream.bodies[page("handicap")] = changes_page(
        ("0.92", "半球", "0.90", "1-01 00:30", "即"), ("0.95", "半球", "0.85", "12-27 20:00", "早")
    )
    changes(evening)
    latest = "select market, phase, prices from odds_latest order by 1"
    assert query(evening, latest)[:2] == [
        ("1x2", "prematch", [2.4, 3.3, 3.0]),
        ("ah", "prematch", [1.92, 1.9]),
    ]
    clock.at = KICKOFF + timedelta(hours=5)
    upstream.bodies |= {EURO: SCRIPT, page("handicap"): HANDICAP}
    changes(evening)
    assert query(evening, latest)[:2] == [
        ("1x2", "closing", [2.4, 3.3, 3.0]),
        ("ah", "prematch", [1.9, 1.94]),
    ]
