"""FBref's schedules and FotMob's details through real HTTP into a real Postgres."""

import json
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text

from src.core.clock import FixedClock
from src.pipeline.collect import collect_details, collect_fixtures, collect_schedules
from src.pipeline.context import Context
from tests.integration.pipeline_collect.upstream import Upstream
from tests.unit.collectors.payloads import fbref_page, fbref_row, fotmob_day, fotmob_match

pytestmark = pytest.mark.integration

DAY = date(2026, 2, 28)
SCHEDULE = "/fbref/en/comps/9/2025-2026/schedule/2025-2026-Premier-League-Scores-and-Fixtures"


@pytest.fixture
def played(collecting: Context, upstream: Upstream) -> Context:
    upstream.bodies["/fotmob/api/data/matches?date=20260228"] = fotmob_day(fotmob_match())
    collect_fixtures(collecting, since=DAY, until=DAY)
    return collecting


def query(ctx: Context, sql: str) -> list[tuple[object, ...]]:
    with ctx.database.session() as session:
        return [tuple(row) for row in session.execute(text(sql))]


def test_schedule_links_matches_and_brings_expected_goals(played: Context, upstream: Upstream) -> None:
    upstream.bodies[SCHEDULE] = fbref_page(fbref_row(), fbref_row("ffff0000", home="Carrowby"))
    summary = collect_schedules(played)
    assert (summary.requested, summary.failed, summary.parsed, summary.changed) == (5, 4, 2, 3)
    assert query(played, "select side, key, value from team_stats order by side") == [
        ("away", "expected_goals", 0.7),
        ("home", "expected_goals", 1.8),
    ]
    assert collect_schedules(played).changed == 0


def test_page_of_another_competition_is_quarantined(played: Context, upstream: Upstream) -> None:
    upstream.bodies[SCHEDULE] = fbref_page(fbref_row(), competition=208)
    assert collect_schedules(played).quarantined == 1
    assert query(played, "select 1 from match_links where source = 'fbref'") == []


def test_details_of_a_finished_match_are_fetched_once(
    played: Context, upstream: Upstream, clock: FixedClock
) -> None:
    stats = [{"key": "total_shots", "type": "text", "stats": [12, 7]}]
    block = {"All": {"stats": [{"stats": stats}]}}
    body = {"general": {"matchId": "900001"}, "content": {"stats": {"Periods": block}}}
    path = "/fotmob/api/data/matchDetails?matchId=900001"
    upstream.bodies[path] = json.dumps(body).encode()
    window: dict[str, datetime] = {"since": clock.at - timedelta(days=3), "until": clock.at}
    assert collect_details(played, **window).changed == 2
    assert collect_details(played, **window).requested == 0
    assert upstream.asked.count(path) == 1
