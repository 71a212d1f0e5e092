"""FotMob's day lists through real HTTP into a real Postgres."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from src.core.clock import FixedClock
from src.pipeline.collect_matches import collect_fixtures
from src.pipeline.context import Context
from tests.integration.pipeline_collect.upstream import Upstream
from tests.unit.collectors.payloads import fotmob_day, fotmob_match

pytestmark = pytest.mark.integration

DAY = date(2026, 2, 28)
PATH = "/fotmob/api/data/matches?date=20260228"


def counts(ctx: Context, *tables: str) -> list[int]:
    with ctx.database.session() as session:
        return [session.execute(text(f"select count(*) from {table}")).scalar_one() for table in tables]


def statuses(ctx: Context) -> list[tuple[str, int | None]]:
    with ctx.database.session() as session:
        rows = session.execute(text("select status, home_goals from matches order by id"))
        return [(row.status, row.home_goals) for row in rows]


def test_day_list_becomes_matches_and_twice_changes_nothing(
    collecting: Context, upstream: Upstream, clock: FixedClock
) -> None:
    upstream.bodies[PATH] = fotmob_day(fotmob_match(), fotmob_match(900002, home={"id": 1}))
    first = collect_fixtures(collecting, since=DAY, until=DAY)
    clock.advance(timedelta(hours=1))
    second = collect_fixtures(collecting, since=DAY, until=DAY)
    assert (first.requested, first.fetched, first.parsed, first.quarantined, first.changed) == (1, 1, 1, 1, 1)
    assert (second.parsed, second.changed, second.error) == (1, 0, None)
    assert counts(collecting, "raw_payloads", "quarantine", "matches", "teams", "match_links") == [
        1,
        1,
        1,
        2,
        1,
    ]


def test_played_match_never_becomes_scheduled_again(
    collecting: Context, upstream: Upstream, clock: FixedClock
) -> None:
    to_come = {"reason": None, "finished": False, "started": False}
    for status in (to_come, {}, to_come):
        upstream.bodies[PATH] = fotmob_day(fotmob_match(status=dict(status)))
        collect_fixtures(collecting, since=DAY, until=DAY)
        clock.advance(timedelta(hours=1))
    assert statuses(collecting) == [("finished", 2)]


def test_older_payload_changes_nothing(collecting: Context, upstream: Upstream, clock: FixedClock) -> None:
    postponed = {"reason": {"short": "PP"}, "cancelled": True, "finished": False, "started": False}
    upstream.bodies[PATH] = fotmob_day(fotmob_match(status=postponed))
    collect_fixtures(collecting, since=DAY, until=DAY)
    clock.advance(timedelta(hours=-1))
    upstream.bodies[PATH] = fotmob_day(fotmob_match())
    assert collect_fixtures(collecting, since=DAY, until=DAY).changed == 0
    assert statuses(collecting) == [("postponed", None)]


def test_one_missing_day_is_counted_and_the_others_kept(collecting: Context, upstream: Upstream) -> None:
    upstream.bodies[PATH] = fotmob_day(fotmob_match())
    summary = collect_fixtures(collecting, since=DAY - timedelta(days=1), until=DAY)
    assert (summary.requested, summary.fetched, summary.failed, summary.error) == (2, 1, 1, None)
    assert statuses(collecting) == [("finished", 2)]


def test_server_error_is_retried(collecting: Context, upstream: Upstream) -> None:
    upstream.bodies[PATH] = fotmob_day(fotmob_match())
    upstream.statuses[PATH] = [503]
    assert collect_fixtures(collecting, since=DAY, until=DAY).changed == 1
    assert upstream.asked == [PATH, PATH]


def test_source_without_its_structure_is_an_error_and_a_signal_until_it_is_back(
    collecting: Context, upstream: Upstream
) -> None:
    upstream.bodies[PATH] = b"<html><title>Welcome</title></html>"
    summary = collect_fixtures(collecting, since=DAY, until=DAY)
    assert summary.error is not None
    assert "not JSON" in summary.error
    assert counts(collecting, "signals where kind = 'source_changed' and resolved_at is null") == [1]
    upstream.bodies[PATH] = fotmob_day(fotmob_match())
    collect_fixtures(collecting, since=DAY, until=DAY)
    assert counts(collecting, "signals where resolved_at is null") == [0]


def test_dead_source_is_given_up_early(collecting: Context, upstream: Upstream) -> None:
    summary = collect_fixtures(collecting, since=DAY - timedelta(days=99), until=DAY)
    assert summary.error is not None
    assert summary.requested == summary.failed < 20


def test_source_that_goes_away_in_the_middle_is_given_up_and_what_came_is_kept(
    collecting: Context, upstream: Upstream
) -> None:
    days = [DAY + timedelta(days=n) for n in range(60)]
    paths = [f"/fotmob/api/data/matches?date={day:%Y%m%d}" for day in days]
    upstream.bodies |= {path: fotmob_day(fotmob_match()) for path in paths}
    upstream.statuses |= {path: [503] * 9 for path in paths[5:]}
    summary = collect_fixtures(collecting, since=days[0], until=days[-1])
    assert summary.error is not None
    assert summary.fetched == 5
    assert summary.requested == summary.fetched + summary.failed < 30
    assert statuses(collecting) == [("finished", 2)]


def test_recorded_day_becomes_344_matches(collecting: Context, upstream: Upstream, shared_data: Path) -> None:
    path = "/fotmob/api/data/matches?date=20251130"
    upstream.bodies[path] = (shared_data / "fotmob/matches_20251130.json").read_bytes()
    day = date(2025, 11, 30)
    assert collect_fixtures(collecting, since=day, until=day).changed == 344
    assert collect_fixtures(collecting, since=day, until=day).changed == 0
    watched = "matches m join competitions c on c.id = m.competition_id where c.watched"
    assert counts(collecting, "matches", watched) == [344, 21]
