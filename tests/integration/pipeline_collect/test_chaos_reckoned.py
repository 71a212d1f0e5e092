"""A daily collection under chaos, against the sandbox's own world: each record is stored, or told why not."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from src.core.clock import FixedClock
from src.domain.odds import Market
from src.domain.summary import SourceSummary
from src.pipeline.context import Context
from src.sandbox.chaos.moved import MovedWorld
from src.sandbox.chaos.plan import Kind
from src.sandbox.open_world import open_world
from src.sandbox.world.fixture import Fixture, Moment, Phase
from src.sandbox.world.index import World
from src.sandbox.world.quotes import Prices
from tests.integration.pipeline_collect.chaotic import PLAN, SEEDS, SINCE, UNTIL, collect, collecting, running
from tests.integration.pipeline_collect.reckoning import UNREADABLE, Reckoning, days_between

pytestmark = pytest.mark.integration

_FIGURES = ("shots", "shots_on_target", "fouls", "corners", "expected_goals")


@pytest.fixture
def world(tmp_path: Path, clock: FixedClock) -> World:
    return MovedWorld(open_world(tmp_path, clock.now()), 0.1, 7)


def rows(ctx: Context, sql: str) -> set[tuple[str, ...]]:
    with ctx.database.session() as session:
        return {tuple(map(str, row)) for row in session.execute(text(sql))}


@pytest.mark.parametrize("seed", SEEDS)
def test_every_record_of_a_page_that_came_is_stored_and_all_else_is_told(
    context: Context, world: World, clock: FixedClock, database_url: str, redis_url: str, seed: int
) -> None:
    with running(world, clock, replace(PLAN, seed=seed)) as (app, url):
        ctx = collecting(context, url, database_url, redis_url)
        told = collect(ctx)
        reckoning = Reckoning(world, app.last, clock.now())
        assert set(PLAN.shares) <= set(app.done), "the seed has not all kinds of dirt: take another"
        seen = list(reckoning.matches(days_between(SINCE, UNTIL)))
        matches_are_stored(ctx, seen)
        details_are_stored(ctx, reckoning, seen)
        schedules_are_linked(ctx, reckoning, seen)
        odds_are_stored(ctx, reckoning, in_window(seen))
        what_is_unreadable_is_quarantined(ctx, reckoning)
        the_summary_adds_up(ctx, reckoning, told, seen)
        ctx.database.close()


def in_window(seen: list[tuple[Fixture, Moment]]) -> list[tuple[Fixture, Moment]]:
    return [(fixture, at) for fixture, at in seen if SINCE <= at.kickoff < UNTIL]


def matches_are_stored(ctx: Context, seen: list[tuple[Fixture, Moment]]) -> None:
    expected = {
        (str(fixture.fotmob_id), str(at.kickoff), _status(at), *map(str, _goals(at))) for fixture, at in seen
    }
    assert expected
    assert expected == rows(
        ctx,
        "select l.source_match_id, m.kickoff_utc, m.status, m.home_goals, m.away_goals from matches m"
        " join match_links l on l.match_id = m.id and l.source = 'fotmob'",
    )


def _status(at: Moment) -> str:
    return "live" if at.phase.live else at.phase.value


def _goals(at: Moment) -> tuple[int | None, int | None]:
    return at.score if at.phase is Phase.FINISHED else (None, None)


def details_are_stored(ctx: Context, reckoning: Reckoning, seen: list[tuple[Fixture, Moment]]) -> None:
    expected = {
        (str(fixture.fotmob_id), side, key, str(float(value)))
        for fixture, at in in_window(seen)
        if at.phase is Phase.FINISHED and reckoning.has_details(fixture)
        for side, made in zip(("home", "away"), fixture.figures, strict=True)
        for key, value in zip(
            _FIGURES, (made.shots, made.on_target, made.fouls, made.corners, made.xg), strict=True
        )
    }
    assert expected
    assert expected == rows(
        ctx,
        "select l.source_match_id, s.side, s.key, s.value from team_stats s"
        " join match_links l on l.match_id = s.match_id and l.source = s.source"
        f" where s.source = 'fotmob' and s.period = 'ft' and s.key in {_FIGURES}",
    )


def schedules_are_linked(ctx: Context, reckoning: Reckoning, seen: list[tuple[Fixture, Moment]]) -> None:
    schedules = reckoning.schedules()
    assert schedules
    expected = {
        (str(fixture.fotmob_id), fixture.fbref_id)
        for fixture, at in seen
        if at.phase is Phase.FINISHED and fixture.competition.fbref_id in schedules
    }
    assert expected == {row for row in links(ctx, "fbref") if "-" not in row[1]}


def links(ctx: Context, source: str) -> set[tuple[str, ...]]:
    return rows(
        ctx,
        "select f.source_match_id, l.source_match_id from match_links l"
        f" join match_links f on f.match_id = l.match_id and f.source = 'fotmob' where l.source = '{source}'",
    )


def odds_are_stored(ctx: Context, reckoning: Reckoning, seen: list[tuple[Fixture, Moment]]) -> None:
    linked = {
        fixture.fotmob_id: fixture
        for fixture, at in seen
        if reckoning.is_listed(fixture, at) and reckoning.is_clean(reckoning.page(fixture, Market.ONE_X_TWO))
    }
    assert linked
    # Each match that a list tells was asked about, and each that could be linked was asked for all its pages.
    for fixture, at in seen:
        wanted = Market if fixture.fotmob_id in linked else [Market.ONE_X_TWO]
        if reckoning.is_listed(fixture, at):
            assert {reckoning.page(fixture, market) for market in wanted} <= reckoning.last.keys()
    # Those that were put off may be linked beside them; no link is a wrong one.
    true = {(str(fixture.fotmob_id), str(fixture.titan_id)) for fixture in reckoning.fixtures}
    assert {(str(number), str(fixture.titan_id)) for number, fixture in linked.items()} <= links(
        ctx, "titan007"
    ) <= true  # fmt: skip
    latest, opening = quotes(ctx, "odds_latest", "<> 'opening'"), quotes(ctx, "odds_history", "= 'opening'")
    for fixture in linked.values():
        for market in Market:
            address = reckoning.page(fixture, market)
            if not reckoning.is_clean(address):
                continue
            for quote, opened, holds in reckoning.quotes(fixture, market):
                number = quote.bookmaker.euro_id if market is Market.ONE_X_TWO else quote.bookmaker.page_id
                key = (str(fixture.titan_id), market.value, str(number))
                assert same(opening[key], opened), key
                assert reckoning.last[address] is Kind.SEALED or same(latest[key], holds), key


Shown = dict[tuple[str, str, str], tuple[float | None, tuple[float, ...]]]


def quotes(ctx: Context, table: str, phase: str) -> Shown:
    with ctx.database.session() as session:
        found = session.execute(
            text(
                f"select l.source_match_id, o.market, i.source_id, o.line, o.prices from {table} o"
                " join match_links l on l.match_id = o.match_id and l.source = 'titan007'"
                " join bookmaker_ids i on i.bookmaker_id = o.bookmaker_id and i.namespace ="
                " case o.market when '1x2' then 'titan-euro' else 'titan-ah-ou' end"
                f" where o.phase {phase} and o.line_rank = 1"
            )
        )
        return {
            (match, market, number): (line, tuple(prices)) for match, market, number, line, prices in found
        }


def same(stored: tuple[float | None, tuple[float, ...]], shown: Prices) -> bool:
    line, prices = stored
    return line == shown.line and [round(price, 2) for price in prices] == [round(p, 2) for p in shown.prices]


def what_is_unreadable_is_quarantined(ctx: Context, reckoning: Reckoning) -> None:
    quarantined = {
        row[0].partition("127.0.0.1")[2].partition("/")[2]
        for row in rows(
            ctx,
            "select r.url from quarantine q join raw_payloads r"
            " on r.source = q.source and r.sha256 = q.raw_sha256 where q.record_key = 'payload'",
        )
    }
    unreadable = {
        address.lstrip("/")
        for address, kind in reckoning.last.items()
        if kind in UNREADABLE and not ("/titan/days/" in address and kind is Kind.CHANGED)
    }
    # Where one way to a match's details brings something else, the other one is asked.
    either_way = {address for address in unreadable if reckoning.is_one_of_two_ways(address)}
    assert unreadable - either_way
    assert unreadable - either_way <= quarantined <= unreadable


def the_summary_adds_up(
    ctx: Context, reckoning: Reckoning, told: dict[str, SourceSummary], seen: list[tuple[Fixture, Moment]]
) -> None:
    for part in told.values():
        assert part.requested == part.fetched + part.from_cache + part.failed
        assert part.error is None
    prefixes = {"fixtures": "/fotmob/api/data/matches?", "schedules": "/fbref/", "odds": "/titan/"}
    for name, prefix in prefixes.items():
        assert told[name].requested == len(reckoning.asked(prefix)), name
        assert told[name].arrived == reckoning.arrived(prefix), name
    finished = [fixture for fixture, at in in_window(seen) if at.phase is Phase.FINISHED]
    assert told["details"].requested == len(finished)
    assert told["details"].parsed == sum(map(reckoning.has_details, finished))
    assert told["fixtures"].parsed == len(seen)
    assert told["schedules"].parsed == sum(map(len, reckoning.schedules().values()))
    scripts = sum(map(reckoning.is_clean, reckoning.asked("/titan/euro/")))
    lines = sum(
        len(list(reckoning.quotes(fixture, market)))
        for fixture in reckoning.fixtures
        for market in (Market.ASIAN_HANDICAP, Market.OVER_UNDER)
        if reckoning.is_clean(reckoning.page(fixture, market))
    )
    assert told["odds"].parsed == reckoning.listed() + scripts + lines
    with ctx.database.session() as session:
        seen_in_quarantine = session.scalar(text("select sum(seen) from quarantine"))
    assert sum(part.quarantined for part in told.values()) == seen_in_quarantine
