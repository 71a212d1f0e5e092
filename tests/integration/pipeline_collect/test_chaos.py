"""Days of collection from a sandbox that spoils its answers: what can be had is stored, the rest is told."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from src.core.clock import FixedClock
from src.pipeline.collect import collect_fixtures
from src.pipeline.context import Context
from src.sandbox.chaos.app import ChaoticSandbox
from src.sandbox.chaos.moved import MovedWorld
from src.sandbox.chaos.plan import Kind, Plan
from src.sandbox.open_world import open_world
from src.sandbox.world.index import World
from src.stack.postgres import PostgresServer
from tests.conftest import NOW, fresh_database
from tests.integration.pipeline_collect.chaotic import PLAN, SEEDS, SINCE, UNTIL, collect, collecting, running

pytestmark = pytest.mark.integration

MARKETS = {
    "1x2": "/titan/euro/{}.js",
    "ah": "/titan/pages/AsianOdds_n.aspx?id={}",
    "ou": "/titan/pages/OverDown_n.aspx?id={}",
}

#: What was asked for. Others may be linked by chance, where one of these made us look around it.
_IN_WINDOW = (
    f"m.kickoff_utc >= '{SINCE.isoformat()}' and m.kickoff_utc < '{UNTIL.isoformat()}'"
    " and m.status <> 'postponed'"
)

Rows = set[tuple[str, ...]]


@pytest.fixture
def world(tmp_path: Path, clock: FixedClock) -> World:
    return MovedWorld(open_world(tmp_path, clock.now()), 0.1, 7)


def rows(ctx: Context, sql: str) -> Rows:
    with ctx.database.session() as session:
        return {tuple(map(str, row)) for row in session.execute(text(sql))}


def matches(ctx: Context) -> Rows:
    return rows(
        ctx,
        "select l.source_match_id, m.kickoff_utc, m.status, m.home_goals, m.away_goals from matches m"
        " join match_links l on l.match_id = m.id and l.source = 'fotmob'",
    )


def links(ctx: Context) -> Rows:
    return rows(
        ctx,
        "select f.source_match_id, l.source, l.source_match_id from match_links l"
        " join match_links f on f.match_id = l.match_id and f.source = 'fotmob'"
        f" join matches m on m.id = l.match_id and {_IN_WINDOW}",
    )


def prices(ctx: Context) -> Rows:
    return rows(
        ctx,
        "select l.source_match_id, o.market, b.name, o.line_rank, o.line, o.prices from odds_latest o"
        " join bookmakers b on b.id = o.bookmaker_id"
        " join match_links l on l.match_id = o.match_id and l.source = 'titan007'"
        f" join matches m on m.id = l.match_id and {_IN_WINDOW}",
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_days_of_chaos_lose_nothing_that_can_be_had_and_a_second_run_brings_the_rest(
    context: Context, world: World, clock: FixedClock, database_url: str, redis_url: str,
    postgres_server: PostgresServer, seed: int,
) -> None:  # fmt: skip
    with fresh_database(postgres_server) as clean_url, running(world, clock, Plan()) as (_, url):
        reference = collecting(context, url, clean_url, redis_url)
        assert not any(part.failed or part.quarantined or part.error for part in collect(reference).values())
        clean = {ask: ask(reference) for ask in (matches, links, prices)}
        reference.database.close()

    with running(world, clock, replace(PLAN, seed=seed)) as (app, url):
        ctx = collecting(context, url, database_url, redis_url)
        first = collect(ctx)
        for part in first.values():
            assert part.requested == part.fetched + part.from_cache + part.failed
            assert part.error is None
        assert sum(part.failed for part in first.values()) > 0
        assert sum(part.quarantined for part in first.values()) > 0
        assert matches(ctx) <= clean[matches]
        assert links(ctx) < clean[links]
        whole_days = {day for day in _days(clean[matches]) if _is_harmless(app, _day_list(day))}
        assert {row for row in clean[matches] if row[1][:10] in whole_days} <= matches(ctx)
        linked = {row[2] for row in links(ctx) if row[1] == "titan007"}
        reachable = {
            row[:5] for row in clean[prices]
            if row[0] in linked and _has_all_prices(app, MARKETS[row[1]].format(row[0]))
        }  # fmt: skip
        assert reachable
        assert reachable <= {row[:5] for row in prices(ctx)}

        app._plan = Plan()
        clock.advance(timedelta(seconds=1))
        second = collect(ctx)
        for part in second.values():
            assert part.requested == part.fetched + part.from_cache
            assert (part.error, part.quarantined) == (None, 0)
        assert second["fixtures"].from_cache > 0
        assert {ask: ask(ctx) for ask in (matches, links, prices)} == clean
        ctx.database.close()


def _days(found: Rows) -> set[str]:
    return {row[1][:10] for row in found}


def _day_list(day: str) -> str:
    return f"/fotmob/api/data/matches?date={day.replace('-', '')}"


def _is_harmless(app: ChaoticSandbox, address: str) -> bool:
    kind = app.last.get(address, Kind.FAILED)
    return kind is None or kind.is_harmless


def _has_all_prices(app: ChaoticSandbox, address: str) -> bool:
    # A sealed line is stored as suspended, without a price.
    return _is_harmless(app, address) and app.last.get(address) is not Kind.SEALED


def test_a_moved_fixture_is_followed_to_its_new_day(
    context: Context, world: World, clock: FixedClock, database_url: str, redis_url: str
) -> None:
    moved = next(f for f in world.fixtures if f.postponed_from and f.postponed_from > NOW + timedelta(days=2))
    first = moved.postponed_from
    assert first
    with running(world, clock, Plan()) as (_, url):
        ctx = collecting(context, url, database_url, redis_url)
        seen = []
        for at, day in ((first - timedelta(days=1), first), (first, first), (moved.kickoff, moved.kickoff)):
            clock.at = at
            collect_fixtures(ctx, since=day.date(), until=day.date())
            seen.append(next(row for row in matches(ctx) if row[0] == str(moved.fotmob_id)))
        ctx.database.close()
    assert [row[2] for row in seen] == ["scheduled", "postponed", "live"]
    assert [row[1] for row in seen] == [str(first), str(first), str(moved.kickoff)]
