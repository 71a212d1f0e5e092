"""Odds and changes of prices end in the same Latest and History, whichever is collected first."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import text

from src.core.clock import FixedClock
from src.database.connection import Database
from src.database.odds import store_quotes
from src.domain.match import Source
from src.domain.odds import Market
from src.domain.payload import Payload
from src.pipeline.collect import collect_changes, collect_fixtures, collect_odds
from src.pipeline.collect_changes import BOOKMAKERS
from src.pipeline.context import Context
from src.pipeline.odds_intake import QuotedMatch, told_again
from src.pipeline.reading import Reading
from src.sandbox.app import Sandbox
from src.sandbox.chaos.app import ChaoticSandbox
from src.sandbox.chaos.plan import Kind, Plan
from src.sandbox.open_world import open_world
from src.sandbox.world.fixture import Phase, moment
from src.sandbox.world.index import World
from src.sandbox.world.quotes import path
from src.stack.postgres import PostgresServer
from tests.conftest import NOW, fresh_database
from tests.integration.database.matches import KICKOFF, one_match
from tests.integration.pipeline_collect.chaotic import PLAN
from tests.integration.pipeline_collect.conftest import pointed_at
from tests.integration.pipeline_collect.sandboxes import serving_app
from tests.integration.pipeline_collect.test_replay import NATURAL
from tests.unit.collectors.payloads import changes_page, euro_item, euro_script, line_row, lines_page

pytestmark = pytest.mark.integration

ODDS = ("odds_latest", "odds_history", "odds_repeats")
SINCE, UNTIL = NOW - timedelta(days=1), NOW + timedelta(hours=6)
NAMES = {"47": "Pinnacle", "8": "Bet365", "3": "Crown"}

Rows = set[tuple[str, ...]]
Step = Callable[[Context], object]


@pytest.fixture
def world(tmp_path: Path, clock: FixedClock) -> World:
    return open_world(tmp_path, clock.now())


@contextmanager
def linked(ctx: Context, url: str, postgres_server: PostgresServer) -> Iterator[Context]:
    """Give a context of its own database, in which the matches are linked and no odds are stored."""
    with fresh_database(postgres_server) as database_url:
        own = replace(pointed_at(ctx, url, database_url), database=Database(database_url))
        collect_fixtures(own, since=SINCE.date(), until=UNTIL.date())
        collect_odds(own, since=SINCE, until=UNTIL, markets=())
        yield own
        own.database.close()


def odds(ctx: Context) -> None:
    told = collect_odds(ctx, since=SINCE, until=UNTIL)
    assert (told.error, told.failed, told.quarantined) == (None, 0, 0)


def changes(ctx: Context) -> None:
    told = collect_changes(ctx, since=SINCE, until=UNTIL)
    assert (told.error, told.failed, told.quarantined) == (None, 0, 0)


def rows(ctx: Context, sql: str) -> Rows:
    with ctx.database.session() as session:
        return {tuple(map(str, row)) for row in session.execute(text(sql))}


def tables(ctx: Context) -> dict[str, Rows]:
    return {name: rows(ctx, NATURAL[name]) for name in ODDS}


def test_odds_and_changes_end_the_same_whichever_comes_first(
    context: Context, world: World, clock: FixedClock, postgres_server: PostgresServer
) -> None:
    found = []
    with serving_app(Sandbox(world, clock)) as url:
        for first, second in ((odds, changes), (changes, odds)):
            with linked(context, url, postgres_server) as ctx:
                first(ctx)
                second(ctx)
                found.append(tables(ctx))
                every_change_is_in_history(ctx, world)
                first(ctx)
                second(ctx)
                assert tables(ctx) == found[-1]
    assert found[0] == found[1]
    closed = {row[0] for row in found[0]["odds_latest"] if row[5] == "closing"}
    assert closed
    assert {row[5] for row in found[0]["odds_latest"] if row[0] in closed} == {"closing"}


def every_change_is_in_history(ctx: Context, world: World) -> None:
    at = {fixture.fotmob_id: moment(fixture, NOW) for fixture in world.fixtures}
    expected = {
        (str(fixture.fotmob_id), quote.bookmaker.page_id, market.value, change.at, change.prices)
        for fixture in world.fixtures
        if SINCE <= at[fixture.fotmob_id].kickoff < UNTIL
        and at[fixture.fotmob_id].phase in {Phase.SCHEDULED, Phase.FINISHED}
        for market in Market
        for quote in world.quotes(fixture, market)
        if str(quote.bookmaker.page_id) in BOOKMAKERS
        for change in path(fixture.number, quote, at[fixture.fotmob_id].kickoff, NOW)
    }
    assert len(expected) > 200
    stored = rows(
        ctx,
        "select f.source_match_id, b.name, o.market, o.observed_at, o.prices, o.line from odds_history o"
        " join match_links f on f.source = 'fotmob' and f.match_id = o.match_id"
        " join bookmakers b on b.id = o.bookmaker_id",
    )
    assert {
        (match, NAMES[str(number)], market, str(at), str(list(map(float, prices.prices))), str(prices.line))
        for match, number, market, at, prices in expected
    } <= stored
    in_play = "select 1 from odds_history join matches m on m.id = match_id where observed_at >= kickoff_utc"
    assert rows(ctx, in_play) == set()


def test_under_chaos_what_can_be_had_is_stored_and_a_second_run_brings_the_rest(
    context: Context, world: World, clock: FixedClock, postgres_server: PostgresServer
) -> None:
    # A line that is sealed on the way is stored as what it says.
    dirty = replace(
        PLAN, shares={kind: share for kind, share in PLAN.shares.items() if kind is not Kind.SEALED}
    )
    clean = Plan()
    with serving_app(app := ChaoticSandbox(Sandbox(world, clock), clean, slow_s=0.01)) as url:
        with linked(context, url, postgres_server) as ctx:
            changes(ctx)
            reference = sightings(ctx)
        with linked(context, url, postgres_server) as ctx:
            app._plan = dirty
            first = collect_changes(ctx, since=SINCE, until=UNTIL)
            assert first.requested == first.fetched + first.from_cache + first.failed
            assert (first.error, first.failed > 0, first.unreadable > 0) == (None, True, True)
            assert sightings(ctx) < reference
            app._plan = clean
            clock.advance(timedelta(seconds=1))
            changes(ctx)
            assert sightings(ctx) == reference
            assert rows(ctx, "select 1 from quarantine where state = 'open'") == set()


def sightings(ctx: Context) -> Rows:
    """What was seen, but when it was captured."""
    found = tables(ctx)
    return {row[:10] for row in found["odds_history"] | found["odds_repeats"]}


DETAIL = (
    "77^2.4|3.3|3.0|03-07 18:30|1|1|1|2026;2.45|3.2|3.0|03-05 20:00|1|1|1|2026;"
    "2.5|3.2|2.9|03-01 20:00|1|1|1|2026"
)
EARLY, LATE = KICKOFF - timedelta(minutes=2), KICKOFF + timedelta(hours=3)
SCRIPT = euro_script(euro_item(), details=(DETAIL,))
LINES = lines_page(line_row())
FIRST = (("0.92", "半球", "0.90", "3-06 00:30", "即"), ("0.95", "半球", "0.85", "3-01 20:00", "早"))
#: Two changes of one minute, and one in play.
LAST = (
    ("0.50", "平手", "1.5", "3-07 23:20", "滚"), ("0.90", "半球/一球", "0.94", "3-07 22:50", "即"),
    ("0.99", "半球/一球", "0.85", "3-07 22:50", "即"), *FIRST,
)  # fmt: skip


def told(kind: str, url: str, body: bytes, at: datetime) -> Payload:
    return Payload(
        source=Source.TITAN007, kind=kind, url=f"http://127.0.0.1/{url}", status=200, headers={}, body=body,
        sha256=hashlib.sha256(body).hexdigest(), fetched_at=at,
    )  # fmt: skip


HANDICAP = "changeDetail/handicap.aspx?id=11&companyID=8&l=0"
TELLINGS = (
    told("changes", "11.js#changes", SCRIPT, EARLY),
    told("1x2", "11.js", SCRIPT, LATE),
    told("changes", HANDICAP, changes_page(*LAST), LATE),
    told("ah", "AsianOdds_n.aspx?id=11", LINES, EARLY),
    told("ah", "AsianOdds_n.aspx?id=11", LINES, LATE + timedelta(minutes=1)),
)


def test_any_order_of_pages_ends_in_the_same_latest_and_history(context: Context, clock: FixedClock) -> None:
    clock.at = LATE
    match = QuotedMatch(match_id=one_match(context.database), titan_id="11", kickoff_utc=KICKOFF)
    reading = Reading(context, Source.TITAN007, clock.now())
    quotes = [told_again(reading, match, payload, NAMES) for payload in TELLINGS]
    assert all(quotes)
    assert reading.summary.quarantined == 0
    found = set()
    for order in permutations(range(len(TELLINGS))):
        with context.database.session() as session:
            session.execute(text(f"truncate {', '.join(ODDS)}"))
            for number in (*order, order[0]):
                store_quotes(session, quotes[number])
        found.add(tuple(tuple(sorted(rows(context, f"select t::text from {name} t"))) for name in ODDS))
    assert len(found) == 1
    with context.database.session() as session:
        latest = session.execute(text("select market, phase, line, prices from odds_latest order by 1"))
        assert [tuple(row) for row in latest] == [
            ("1x2", "closing", None, [2.4, 3.3, 3.0]), ("ah", "closing", -0.75, [1.9, 1.94]),
        ]  # fmt: skip
