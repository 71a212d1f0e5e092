"""Titan007's quotes through real HTTP into a real Postgres."""

from datetime import UTC, date, datetime, timedelta
from unittest.mock import ANY

import pytest
from sqlalchemy import text

from src.core.clock import FixedClock
from src.domain.alignment import Alias
from src.domain.edit import Author
from src.domain.odds import Market
from src.domain.summary import SourceSummary
from src.pipeline.alignment_review import add_aliases
from src.pipeline.check_quality import check_quality
from src.pipeline.clean import clean_old_data
from src.pipeline.collect import collect_fixtures, collect_odds
from src.pipeline.context import Context
from src.pipeline.progress import Progress
from tests.integration.pipeline_collect.upstream import Upstream
from tests.unit.collectors.payloads import (
    euro_item,
    euro_script,
    fotmob_day,
    fotmob_match,
    line_row,
    lines_page,
    titan_day,
)

pytestmark = pytest.mark.integration

KICKOFF = datetime(2026, 3, 7, 15, tzinfo=UTC)
EURO, AH, OU = (
    "/titan/euro/11.js",
    "/titan/pages/AsianOdds_n.aspx?id=11",
    "/titan/pages/OverDown_n.aspx?id=11",
)
TO_COME = {"utcTime": "2026-03-07T15:00:00.000Z", "reason": None, "finished": False, "started": False}
PLAYED = {"utcTime": "2026-03-07T15:00:00.000Z"}


@pytest.fixture
def season(collecting: Context, upstream: Upstream) -> Context:
    """A coming match in both sources."""
    tell(collecting, upstream, TO_COME)
    for day in ("Next_20260306", "Next_20260307", "Over_20260306", "Over_20260307"):
        upstream.bodies[f"/titan/days/football/{day}.htm"] = titan_day((11, "7日23:00"))
    upstream.bodies[EURO] = euro_script(euro_item())
    upstream.bodies[AH] = lines_page(line_row())
    upstream.bodies[OU] = lines_page(
        line_row(("0.9", "2.5", "0.9"), ("0.9", "2.5", "0.9"), ("0.8", "2.75", "1.0"))
    )
    return collecting


def tell(ctx: Context, upstream: Upstream, status: dict[str, object]) -> None:
    upstream.bodies["/fotmob/api/data/matches?date=20260307"] = fotmob_day(fotmob_match(status=dict(status)))
    collect_fixtures(ctx, since=date(2026, 3, 7), until=date(2026, 3, 7))


def collect(ctx: Context, *markets: Market) -> SourceSummary:
    window = {"since": KICKOFF - timedelta(days=1), "until": KICKOFF + timedelta(days=1)}
    return collect_odds(ctx, **window, markets=markets or tuple(Market))


def query(ctx: Context, sql: str) -> list[tuple[object, ...]]:
    with ctx.database.session() as session:
        return [tuple(row) for row in session.execute(text(sql))]


HISTORY = "select market, phase, line, prices from odds_history order by market, phase"


def test_coming_match_is_linked_and_its_quotes_kept(season: Context) -> None:
    first = collect(season)
    assert query(season, HISTORY) == [
        ("1x2", "opening", None, [2.5, 3.2, 2.9]),
        ("1x2", "prematch", None, [2.4, 3.3, 3.0]),
        ("ah", "opening", -0.5, [1.95, 1.85]),
        ("ah", "prematch", -0.75, [1.9, 1.94]),
        ("ou", "opening", 2.5, [1.9, 1.9]),
        ("ou", "prematch", 2.75, [1.8, 2.0]),
    ]
    assert query(season, "select source_match_id, method from match_links where source = 'titan007'") == [
        ("11", "aligned")
    ]
    assert (first.error, first.failed, first.quarantined, first.changed) == (None, 0, 0, 7)
    assert first.requested == first.fetched


def test_twice_changes_nothing_though_time_goes_on(season: Context, clock: FixedClock) -> None:
    collect(season)
    clock.advance(timedelta(minutes=10))
    second = collect(season)
    assert (second.requested, second.changed) == (3, 0)


def test_finished_match_closes_and_is_not_asked_for_again(
    season: Context, upstream: Upstream, clock: FixedClock
) -> None:
    collect(season)
    clock.at = KICKOFF + timedelta(hours=5)
    tell(season, upstream, PLAYED)
    assert collect(season).changed == 3
    assert query(season, "select market, prices from odds_history where phase = 'closing' order by 1") == [
        ("1x2", [2.4, 3.3, 3.0]),
        ("ah", [1.9, 1.94]),
        ("ou", [1.8, 2.0]),
    ]
    late = "select 1 from odds_history h join matches m on m.id = h.match_id where observed_at >= kickoff_utc"
    assert query(season, late) == []
    assert collect(season).requested == 0


def test_broken_page_costs_its_market_and_nothing_else(season: Context, upstream: Upstream) -> None:
    upstream.bodies[AH] = b"<html><title>404</title></html>"
    upstream.bodies[OU] = lines_page(line_row(("x", "2.5", "0.9")), line_row(company=47))
    summary = collect(season)
    assert (summary.failed, summary.unreadable, summary.quarantined, summary.error) == (0, 1, 2, None)
    assert {row[0] for row in query(season, HISTORY)} == {"1x2", "ou"}


def test_what_comes_in_place_of_a_page_is_kept_and_quarantined_whole(
    season: Context, upstream: Upstream, clock: FixedClock
) -> None:
    upstream.bodies[AH] = b"<html><title>404</title></html>"
    collect(season)
    ((flaw,),) = query(season, "select flaw from raw_payloads where flaw is not null")
    assert "404 page answered with 200" in str(flaw)
    assert query(
        season,
        "select q.reason, q.record, r.flaw from quarantine q join raw_payloads r on r.sha256 = q.raw_sha256",
    ) == [(flaw, ANY, flaw)]
    clock.advance(timedelta(minutes=1))
    upstream.bodies[AH] = lines_page(line_row())
    collect(season)
    assert query(season, "select state from quarantine") == [("mended",)]
    assert "ah" in {row[0] for row in query(season, HISTORY)}


def test_cut_script_is_quarantined_whole(season: Context, upstream: Upstream) -> None:
    upstream.bodies[EURO] = upstream.bodies[EURO][:-40]
    assert collect(season, Market.ONE_X_TWO).quarantined == 1
    ((key, reason),) = query(season, "select record_key, reason from quarantine")
    assert key == "payload"
    assert "cut short" in str(reason)


def test_line_that_is_no_quarter_is_quarantined(season: Context, upstream: Upstream) -> None:
    upstream.bodies[AH] = lines_page(line_row(opening=("0.9", "1.2", "0.9")))
    assert collect(season).quarantined == 1
    assert ("ah", "prematch") in {row[:2] for row in query(season, HISTORY)}


def test_other_teams_at_that_time_are_not_linked(season: Context, upstream: Upstream) -> None:
    upstream.bodies[EURO] = euro_script(euro_item(), home="Carrowby", away="Dunmere")
    collect(season)
    assert query(season, HISTORY) == []


def test_league_of_another_name_is_not_asked_for(season: Context, upstream: Upstream) -> None:
    for path in [path for path in upstream.bodies if "/days/" in path]:
        upstream.bodies[path] = titan_day((11, "7日23:00"), name="英乙")
    collect(season)
    assert EURO not in upstream.asked


def test_linked_match_needs_no_day_list(season: Context, upstream: Upstream) -> None:
    collect(season)
    upstream.asked.clear()
    collect(season, Market.ONE_X_TWO)
    assert upstream.asked == [EURO]


def test_a_bookmaker_without_a_name_of_ours_is_kept_and_told_until_it_has_one(
    season: Context, upstream: Upstream
) -> None:
    known = upstream.bodies[EURO]
    upstream.bodies[EURO] = euro_script(euro_item(), euro_item(bookmaker=98765, odds_id=78))
    collect(season)
    still_open = "select kind, subject, severity from signals where resolved_at is null"
    assert query(season, "select count(distinct bookmaker_id) from odds_latest where market = '1x2'") == [
        (2,)
    ]
    assert query(season, still_open) == [("unmapped", "titan007/bookmakers", "info")]
    upstream.bodies[EURO] = known
    collect(season)
    assert query(season, still_open) == []


def test_a_part_that_did_well_does_not_close_what_another_part_has_raised(
    season: Context, upstream: Upstream
) -> None:
    window = {"since": KICKOFF - timedelta(days=1), "until": KICKOFF + timedelta(days=1)}
    still_open = "select subject from signals where kind = 'success_rate' and resolved_at is null order by 1"

    def run(step: str) -> None:
        collect_odds(season, **window, progress=Progress(season.database, None, step))

    page = upstream.bodies.pop(AH)
    run("titan007")
    run("titan007/live")
    upstream.bodies[AH] = page
    run("titan007/live")
    assert query(season, still_open) == [("titan007",)]
    upstream.bodies.pop(AH)
    run("titan007/live")
    upstream.bodies[AH] = page
    run("titan007")
    assert query(season, still_open) == []


def test_dead_source_says_so_in_its_summary(season: Context, upstream: Upstream) -> None:
    for path in [path for path in upstream.bodies if path.startswith("/titan")]:
        del upstream.bodies[path]
    summary = collect(season)
    assert summary.error is not None
    assert query(season, "select kind, subject from signals order by 1") == [
        ("source_changed", "titan007/day"), ("success_rate", "titan007")
    ]  # fmt: skip


def test_quality_of_the_collected_window(season: Context, clock: FixedClock) -> None:
    window = {"since": KICKOFF - timedelta(days=1), "until": KICKOFF + timedelta(days=1)}
    clock.at = KICKOFF - timedelta(hours=5)
    poor = check_quality(season, **window)
    assert poor.failures == {"odds_present": 1, "collected_recently": 2}
    assert query(season, "select kind from signals where resolved_at is null") == [("low_quality",)]
    tell_again(season)
    good = check_quality(season, **window)
    assert (good.score, good.failures) == (1.0, {})
    assert query(season, "select kind from signals where resolved_at is null") == []
    assert len(query(season, "select id from quality_reports")) == 2


def tell_again(ctx: Context) -> None:
    collect_fixtures(ctx, since=date(2026, 3, 7), until=date(2026, 3, 7))
    collect(ctx)


def test_cleaning_keeps_opening_and_closing(season: Context, upstream: Upstream, clock: FixedClock) -> None:
    collect(season)
    clock.at = KICKOFF + timedelta(hours=5)
    tell(season, upstream, PLAYED)
    collect(season)
    latest = query(season, "select * from odds_latest order by market")
    clock.advance(timedelta(days=100))
    done = clean_old_data(season)
    assert (done["odds_history"], done["raw_payloads"] > 0) == (3, True)
    assert {row[1] for row in query(season, HISTORY)} == {"opening", "closing"}
    assert query(season, "select * from odds_latest order by market") == latest
    assert set(clean_old_data(season).values()) == {0}


def test_a_competition_that_is_not_watched_does_not_count_in_quality(
    season: Context, upstream: Upstream, clock: FixedClock
) -> None:
    collect(season)
    clock.at = KICKOFF - timedelta(hours=5)
    collect(season)
    stale = fotmob_match(900009, status={**TO_COME, "utcTime": "2026-03-06T12:00:00.000Z"})
    upstream.bodies["/fotmob/api/data/matches?date=20260306"] = fotmob_day(stale, primary_id=9999)
    collect_fixtures(season, since=date(2026, 3, 6), until=date(2026, 3, 6))
    report = check_quality(season, since=KICKOFF - timedelta(days=2), until=KICKOFF + timedelta(days=1))
    assert report.failures == {}


def test_match_told_in_chinese_alone_is_linked_by_an_operators_aliases(
    season: Context, upstream: Upstream
) -> None:
    upstream.bodies[EURO] = euro_script(euro_item(), home="", away="")
    linked = "select source_match_id from match_links where source = 'titan007'"
    collect(season)
    assert query(season, linked) == []
    names = [Alias(alias="甲队", club="Aldham United"), Alias(alias="乙队", club="Brixworth")]
    add_aliases(season, names, Author(who="lena", why="the list's names"))
    collect(season)
    assert query(season, linked) == [("11",)]
