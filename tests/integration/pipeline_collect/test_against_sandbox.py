"""The true collectors against the sandbox, through real HTTP, over ten days of its made world."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from src.core.clock import FixedClock
from src.domain.odds import Market
from src.pipeline.check_quality import check_quality
from src.pipeline.collect import (
    collect_details,
    collect_fixtures,
    collect_leagues,
    collect_odds,
    collect_reports,
    collect_schedules,
)
from src.pipeline.context import Context
from src.sandbox.app import Sandbox
from src.sandbox.open_world import open_world
from tests.integration.pipeline_collect.conftest import pointed_at
from tests.integration.pipeline_collect.sandboxes import serving_app

pytestmark = pytest.mark.integration


@pytest.fixture
def made_world(context: Context, clock: FixedClock, tmp_path: Path, database_url: str) -> Iterator[Context]:
    """A context pointed at a sandbox that shares its clock."""
    app = Sandbox(open_world(tmp_path, clock.now()), clock)
    with serving_app(app) as url:
        yield pointed_at(context, url, database_url)


def rows(ctx: Context, sql: str) -> list[tuple[object, ...]]:
    with ctx.database.session() as session:
        return [tuple(row) for row in session.execute(text(sql))]


def test_ten_days_are_collected_whole_and_twice_changes_nothing(
    made_world: Context, clock: FixedClock
) -> None:
    now = clock.now()
    since, until = now - timedelta(days=7), now + timedelta(days=3)

    def collect() -> list[dict[str, object]]:
        return [
            collect_fixtures(made_world, since=since.date(), until=until.date()).as_dict(),
            collect_details(made_world, since=since, until=until).as_dict(),
            collect_schedules(made_world).as_dict(),
            collect_reports(made_world, since=since, until=until).as_dict(),
            collect_odds(made_world, since=since, until=until).as_dict(),
        ]

    first, second = collect(), collect()
    assert all(not part["error"] and not part["failed"] and not part["quarantined"] for part in first)
    assert all(part["changed"] for part in first)
    assert not any(part["changed"] or part["error"] for part in second)

    unlinked = (
        "select m.id from matches m left join match_links l on l.match_id = m.id and l.source = 'titan007'"
        " where l.match_id is null and m.status in ('finished', 'scheduled')"
        f" and m.kickoff_utc between '{since.isoformat()}' and '{until.isoformat()}'"
    )
    assert rows(made_world, unlinked) == []
    in_play = (
        "select 1 from odds_history h join matches m on m.id = match_id where observed_at >= kickoff_utc"
    )
    assert rows(made_world, in_play) == []
    kinds = {(market, phase) for market, phase in rows(made_world, "select market, phase from odds_history")}
    assert kinds == {
        (market.value, phase) for market in Market for phase in ("opening", "prematch", "closing")
    }
    swapped = "select match_id from match_links group by match_id having count(distinct source) > 3"
    assert rows(made_world, swapped) == []


def test_quality_of_a_collected_window_is_good(made_world: Context, clock: FixedClock) -> None:
    now = clock.now()
    since, until = now - timedelta(days=3), now + timedelta(days=2)
    collect_fixtures(made_world, since=since.date(), until=until.date())
    collect_odds(replace(made_world), since=since, until=until)
    assert check_quality(made_world, since=since, until=until).score > 0.99


def test_leagues_bring_the_whole_season_and_say_of_a_day_what_its_list_says(
    made_world: Context, clock: FixedClock
) -> None:
    facts = "select id, season, stage, kickoff_utc, status, home_goals, away_goals, home_team_id from matches"
    today = clock.now().date()
    days = {"since": today - timedelta(days=7), "until": today + timedelta(days=3)}
    collect_fixtures(made_world, **days)
    listed = set(rows(made_world, facts))
    clock.advance(timedelta(seconds=1))
    summary = collect_leagues(made_world)
    assert (summary.requested, summary.fetched, summary.failed, summary.quarantined) == (5, 5, 0, 0)
    told = set(rows(made_world, facts))
    assert listed < told
    assert summary.changed == len(told) - len(listed)
    clock.advance(timedelta(seconds=1))
    assert collect_fixtures(made_world, **days).changed == 0
    assert collect_leagues(made_world).changed == 0
