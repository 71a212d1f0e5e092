"""Payloads that are wrong in one place, through real HTTP: that record is quarantined, the rest is stored."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from src.domain.odds import Market
from src.pipeline.collect import collect_details, collect_fixtures, collect_odds, collect_schedules
from src.pipeline.context import Context
from tests.integration.pipeline_collect.upstream import Upstream
from tests.unit.collectors.payloads import (
    euro_item,
    euro_script,
    fbref_page,
    fbref_row,
    fotmob_day,
    fotmob_match,
    line_row,
    lines_page,
    titan_day,
)

pytestmark = pytest.mark.integration

DAY = date(2026, 2, 28)
PATH = "/fotmob/api/data/matches?date=20260228"
DETAILS = "/fotmob/api/data/matchDetails?matchId={}"
SCHEDULE = "/fbref/en/comps/9/2025-2026/schedule/2025-2026-Premier-League-Scores-and-Fixtures"
KICKOFF = datetime(2026, 3, 7, 15, tzinfo=UTC)
TO_COME = {"utcTime": "2026-03-07T15:00:00.000Z", "reason": None, "finished": False, "started": False}


def query(ctx: Context, sql: str) -> list[tuple[object, ...]]:
    with ctx.database.session() as session:
        return [tuple(row) for row in session.execute(text(sql))]


def side(team: int, name: object) -> dict[str, object]:
    return {"id": team, "score": 0, "name": name, "longName": name}


@pytest.mark.parametrize(
    "broken",
    [
        {"home": side(7, "Nul\u0000ham")},
        {"home": side(7, "Half\ud800ham")},
        {"tournamentStage": "\u0000"},
        {"home": side(7, None) | {"name": ""}},
        {"status": {"utcTime": "yesterday"}},
        {"status": {"reason": "FT"}},
        {"id": {"\ud800": 1}},
        {"home": []},
    ],
    ids=str,
)
def test_one_bad_match_of_a_day_is_quarantined_and_the_rest_stored(
    collecting: Context, upstream: Upstream, broken: dict[str, object]
) -> None:
    good = fotmob_match()
    bad = fotmob_match(900002, **json.loads(json.dumps(broken)))
    upstream.bodies[PATH] = fotmob_day(bad, good)
    summary = collect_fixtures(collecting, since=DAY, until=DAY)
    assert (summary.requested, summary.fetched, summary.failed, summary.error) == (1, 1, 0, None)
    assert (summary.parsed, summary.quarantined, summary.changed) == (1, 1, 1)
    ((reason, record, raw),) = query(
        collecting,
        "select reason, record, (select count(*) from raw_payloads p where p.sha256 = q.raw_sha256)"
        " from quarantine q",
    )
    assert reason
    assert isinstance(record, memoryview | bytes)
    record = bytes(record)
    assert b"900002" in record or b"ud800" in record
    assert raw == 1


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"leagues": [' + b"[" * 100_000, b'{"leagues": ['])
def test_json_that_cannot_be_read_costs_its_day_alone(
    collecting: Context, upstream: Upstream, body: bytes
) -> None:
    upstream.bodies[PATH] = fotmob_day(fotmob_match())
    upstream.bodies[PATH.replace("28", "27")] = body
    summary = collect_fixtures(collecting, since=DAY - timedelta(days=1), until=DAY)
    assert (summary.fetched, summary.parsed, summary.quarantined, summary.error) == (2, 1, 1, None)


def test_an_empty_day_is_nothing_there(collecting: Context, upstream: Upstream) -> None:
    upstream.bodies[PATH] = b'{"leagues": [], "date": "20260228"}'
    summary = collect_fixtures(collecting, since=DAY, until=DAY)
    assert (summary.fetched, summary.parsed, summary.quarantined, summary.error) == (1, 0, 0, None)
    assert query(collecting, "select 1 from signals") == []


@pytest.mark.parametrize(
    "periods", [["All"], {"All": ["x"]}, {"All": {"stats": [None]}}, {"All": {"stats": 3}}]
)
def test_details_of_another_shape_cost_that_match_alone(
    collecting: Context, upstream: Upstream, periods: object
) -> None:
    upstream.bodies[PATH] = fotmob_day(
        fotmob_match(), fotmob_match(900003, home=side(5, "Carrowby"), away=side(6, "Dunmere"))
    )
    collect_fixtures(collecting, since=DAY, until=DAY)
    items = [{"key": "total_shots", "type": "text", "stats": [12, 7]}]
    for match, told in (("900001", periods), ("900003", {"All": {"stats": [{"stats": items}]}})):
        body = {"general": {"matchId": match}, "content": {"stats": {"Periods": told}}}
        upstream.bodies[DETAILS.format(match)] = json.dumps(body).encode()
    now = collecting.clock.now()
    summary = collect_details(collecting, since=now - timedelta(days=3), until=now)
    assert (summary.fetched, summary.quarantined, summary.changed, summary.error) == (2, 1, 2, None)


@pytest.mark.parametrize(
    "row",
    [
        fbref_row("0a0a0a0a", xg=("nan", "0.7")),
        fbref_row("0a0a0a0a", xg=("inf", "0.7")),
        fbref_row("0a0a0a0a", epoch=10**25),
        fbref_row("0a0a0a0a", score="2:x"),
    ],
    ids=["nan", "inf", "epoch", "score"],
)
def test_one_bad_row_of_a_schedule_is_quarantined(collecting: Context, upstream: Upstream, row: str) -> None:
    upstream.bodies[PATH] = fotmob_day(fotmob_match())
    collect_fixtures(collecting, since=DAY, until=DAY)
    upstream.bodies[SCHEDULE] = fbref_page(row, fbref_row())
    summary = collect_schedules(collecting)
    assert (summary.parsed, summary.quarantined, summary.changed, summary.error) == (1, 1, 3, None)


@pytest.fixture
def season(collecting: Context, upstream: Upstream) -> Context:
    """A coming match in both sources."""
    upstream.bodies["/fotmob/api/data/matches?date=20260307"] = fotmob_day(fotmob_match(status=TO_COME))
    collect_fixtures(collecting, since=date(2026, 3, 7), until=date(2026, 3, 7))
    for day in ("Next_20260306", "Next_20260307"):
        upstream.bodies[f"/titan/days/football/{day}.htm"] = titan_day((11, "7日23:00"))
    upstream.bodies["/titan/euro/11.js"] = euro_script(euro_item())
    upstream.bodies["/titan/pages/AsianOdds_n.aspx?id=11"] = lines_page(line_row(company=47))
    return collecting


@pytest.mark.parametrize(
    "item",
    [
        euro_item(bookmaker=9).replace("Some Bookmaker", "Nul\0"),
        euro_item(bookmaker=9, at="0001,1-1,01,00,00,00", opening="1|2|3"),
        euro_item(bookmaker=9, current="nan|3|3"),
        euro_item(bookmaker=9, odds_id=5),
    ],
    ids=["nul", "price", "nan", "change of the year 1"],
)
def test_one_bad_bookmaker_of_a_script_is_quarantined(season: Context, upstream: Upstream, item: str) -> None:
    details = ("5^2.4|3.3|3.0|01-01 00:00|0.9|0.9|0.9|0001;",) if "|5|" in item else ()
    upstream.bodies["/titan/euro/11.js"] = euro_script(item, euro_item(), details=details)
    since, until = KICKOFF - timedelta(days=1), KICKOFF + timedelta(days=1)
    summary = collect_odds(season, since=since, until=until, markets=[Market.ONE_X_TWO])
    assert (summary.quarantined, summary.error) == (1, None)
    assert query(season, "select count(distinct bookmaker_id) from odds_latest") == [(1,)]


@pytest.mark.parametrize("goals", ["nan", "inf", "1e400", "x"])
def test_one_bad_line_of_a_page_is_quarantined(season: Context, upstream: Upstream, goals: str) -> None:
    upstream.bodies["/titan/pages/AsianOdds_n.aspx?id=11"] = lines_page(
        line_row(("0.9", goals, "0.9")), line_row(company=47)
    )
    since, until = KICKOFF - timedelta(days=1), KICKOFF + timedelta(days=1)
    summary = collect_odds(season, since=since, until=until, markets=[Market.ASIAN_HANDICAP])
    assert (summary.quarantined, summary.error) == (1, None)
    assert query(season, "select distinct market from odds_latest") == [("ah",)]
