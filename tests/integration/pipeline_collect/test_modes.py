"""Each mode of odds collection: its window, its isolation of single matches, its numbers."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from src.core.clock import FixedClock
from src.domain.summary import SourceSummary
from src.pipeline.collect_mode import ModeRun, collect_mode
from src.pipeline.context import Context
from src.pipeline.odds_modes import Hybrid, Live, Regular
from src.pipeline.smart import collect_smart
from tests.integration.pipeline_collect.evening import (
    KICKOFF,
    SOUND,
    know_evening,
    page,
    serve_evening,
)
from tests.integration.pipeline_collect.upstream import Upstream
from tests.unit.collectors.payloads import euro_item, euro_script, line_row, lines_page

pytestmark = pytest.mark.integration

RunOf = Callable[[Context], ModeRun]

STORED = """
    select distinct l.source_match_id, o.market from odds_latest o
    join match_links l on l.match_id = o.match_id and l.source = 'titan007'
"""

OF_ELEVEN = "join match_links l on l.match_id = o.match_id and l.source_match_id = '11'"
OPENING = f"select market, line, prices::text from odds_history o {OF_ELEVEN} and o.phase = 'opening'"
LATEST = f"select market, line, prices::text from odds_latest o {OF_ELEVEN}"


def smart(ctx: Context) -> ModeRun:
    done = collect_smart(ctx, {}).run
    assert done is not None
    return done


MODES: dict[str, RunOf] = {
    "regular": lambda ctx: collect_mode(ctx, Regular()),
    "live": lambda ctx: collect_mode(ctx, Live()),
    "hybrid": lambda ctx: collect_mode(ctx, Hybrid()),
    "smart": smart,
}


@pytest.fixture
def evening(collecting: Context, upstream: Upstream, clock: FixedClock) -> Context:
    """Five matches that start within the hour."""
    clock.at = KICKOFF - timedelta(minutes=55)
    serve_evening(upstream)
    know_evening(collecting)
    return collecting


def query(ctx: Context, sql: str) -> set[tuple[object, ...]]:
    with ctx.database.session() as session:
        return {tuple(row) for row in session.execute(text(sql))}


def adds_up(summary: SourceSummary) -> bool:
    return summary.requested == summary.fetched + summary.from_cache + summary.failed


@pytest.mark.parametrize("mode", MODES)
def test_what_is_wrong_with_some_matches_stops_no_other(mode: str, evening: Context) -> None:
    summary = MODES[mode](evening).summary
    assert query(evening, STORED) == SOUND
    assert summary.error is None
    assert summary.failed >= 1
    assert summary.unreadable >= 2
    assert summary.quarantined >= 2
    assert adds_up(summary)


def test_a_regular_run_keeps_the_days_opening_odds_of_each_market(
    evening: Context, upstream: Upstream, clock: FixedClock
) -> None:
    MODES["regular"](evening)
    opened = query(evening, OPENING)
    assert opened == {
        ("1x2", None, "{2.5,3.2,2.9}"),
        ("ah", -0.5, "{1.95,1.85}"),
        ("ou", 2.5, "{1.9,1.9}"),
    }
    # Prices move, and what a match opened with stays.
    upstream.bodies["/titan/euro/11.js"] = euro_script(
        euro_item(current="2.2|3.4|3.3", at="2026,3-1,07,14,01,00"), home="Aldham United", away="Brixworth"
    )
    upstream.bodies[page("AsianOdds", 11)] = lines_page(line_row(whole=("0.80", "0.75", "1.04")))
    clock.advance(timedelta(minutes=10))
    MODES["live"](evening)
    assert query(evening, OPENING) == opened
    assert {("1x2", None, "{2.2,3.4,3.3}"), ("ah", -0.75, "{1.8,2.04}")} < query(evening, LATEST)


def test_a_live_run_takes_what_has_just_started_and_a_regular_one_does_not(
    evening: Context, upstream: Upstream, clock: FixedClock
) -> None:
    clock.at = KICKOFF + timedelta(minutes=10)
    assert collect_mode(evening, Regular()).summary.requested == 0
    assert collect_mode(evening, Live()).summary.requested > 0
    clock.at = KICKOFF + timedelta(minutes=20)
    upstream.asked.clear()
    assert collect_mode(evening, Live()).summary.requested == 0
    assert upstream.asked == []


def test_hybrid_tries_the_live_window_though_the_source_fails_in_the_regular_one(
    evening: Context, upstream: Upstream
) -> None:
    upstream.bodies = {path: body for path, body in upstream.bodies.items() if "/titan/" not in path}
    run = collect_mode(evening, Hybrid())
    assert len(run.windows) == 2
    assert run.summary.error is not None
    assert adds_up(run.summary)
    assert run.cleaned is not None


def test_hybrid_drops_fine_grained_odds_that_are_older_than_it_is_told_to_keep(
    evening: Context, upstream: Upstream, clock: FixedClock
) -> None:
    collect_mode(evening, Regular())
    upstream.bodies[page("AsianOdds", 11)] = lines_page(line_row(whole=("0.80", "0.75", "1.04")))
    clock.advance(timedelta(minutes=10))
    collect_mode(evening, Live())
    clock.advance(timedelta(days=10))
    dropped = [
        (collect_mode(evening, Hybrid(cleanup_days=days)).cleaned or {})["odds_history"] for days in (30, 5)
    ]
    assert dropped[0] == 0
    assert dropped[1] > 0


@pytest.mark.parametrize(
    ("earlier", "most", "chosen"),
    [(timedelta(minutes=20), 2, {13, 15}), (timedelta(minutes=65), 3, {11, 12, 14})],
    ids=["the sooner before the later", "those to come before those that have begun"],
)
def test_at_most_so_many_matches_are_asked_for_the_most_imminent_first(
    evening: Context, upstream: Upstream, earlier: timedelta, most: int, chosen: set[int]
) -> None:
    collect_mode(evening, Regular())
    moved = f"""
        update matches m set kickoff_utc = kickoff_utc - interval '{earlier.seconds} seconds'
        from match_links l
        where l.match_id = m.id and l.source = 'titan007' and l.source_match_id in ('13', '15')
        returning m.id
    """
    assert len(query(evening, moved)) == 2
    upstream.asked.clear()
    collect_mode(evening, Live(), most_matches=most)
    assert {path for path in upstream.asked if "AsianOdds" in path} == {page("AsianOdds", n) for n in chosen}
