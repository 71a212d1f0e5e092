"""Kept payloads read once more: nothing changes, and from nothing the same comes again."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from src.core.clock import FixedClock
from src.database.quarantine import quarantine
from src.database.raw import load_payload
from src.domain.match import Source
from src.domain.payload import WHOLE_PAYLOAD, Payload, Rejected
from src.pipeline.collect import (
    collect_changes,
    collect_details,
    collect_fixtures,
    collect_odds,
    collect_reports,
    collect_schedules,
)
from src.pipeline.context import Context
from src.pipeline.replay.anew import read_odds_anew
from src.pipeline.replay.run import replay
from tests.integration.pipeline_collect.test_against_sandbox import made_world, rows
from tests.integration.pipeline_collect.upstream import Upstream
from tests.unit.collectors import payloads

__all__ = ["made_world"]

pytestmark = pytest.mark.integration

MADE_OF_PAYLOADS = (
    "matches", "teams", "team_links", "match_links", "competitions", "team_stats", "odds_latest",
    "odds_history", "odds_repeats", "bookmakers", "bookmaker_ids", "alignment_reviews",
)  # fmt: skip
ALL = (*MADE_OF_PAYLOADS, "quarantine", "raw_payloads", "raw_fetches", "signals")

#: The tables as they read without our own numbers, which are given in the order of arrival.
_OURS = "join match_links f on f.source = 'fotmob' and f.match_id ="
NATURAL = {
    "matches": "select f.source_match_id, m.season, m.stage, m.kickoff_utc, m.status, m.home_goals,"
    f" m.away_goals, m.seen_at, m.raw_sha256 from matches m {_OURS} m.id",
    "links": "select f.source_match_id, l.source, l.source_match_id, l.method, l.confidence"
    f" from match_links l {_OURS} l.match_id",
    "stats": "select f.source_match_id, s.source, s.side, s.period, s.key, s.value, s.unit"
    f" from team_stats s {_OURS} s.match_id",
} | {
    table: "select f.source_match_id, b.name, o.market, o.period, o.line_rank, o.phase, o.line, o.prices,"
    f" o.suspended, o.observed_at, o.captured_at, o.source from {table} o"
    f" join bookmakers b on b.id = o.bookmaker_id {_OURS} o.match_id"
    for table in ("odds_latest", "odds_history", "odds_repeats")
}


def collect(ctx: Context) -> None:
    now = ctx.clock.now()
    since, until = now - timedelta(days=3), now + timedelta(days=2)
    told = [
        collect_fixtures(ctx, since=since.date(), until=until.date()),
        collect_details(ctx, since=since, until=now),
        collect_schedules(ctx),
        collect_reports(ctx, since=since, until=now),
        collect_odds(ctx, since=since, until=until),
        collect_changes(ctx, since=now - timedelta(days=1), until=until, bookmakers=("8",)),
    ]
    assert not any(part.error or part.failed for part in told)


def everything(ctx: Context) -> dict[str, set[tuple[str, ...]]]:
    return {table: as_text(ctx, f"select t::text from {table} t") for table in ALL}


def natural(ctx: Context) -> dict[str, set[tuple[str, ...]]]:
    return {name: as_text(ctx, sql) for name, sql in NATURAL.items()}


def as_text(ctx: Context, sql: str) -> set[tuple[str, ...]]:
    return {tuple(map(str, row)) for row in rows(ctx, sql)}


def forget(ctx: Context) -> None:
    """Empty all that was made of the payloads, but not the payloads."""
    with ctx.database.session() as session:
        session.execute(text(f"truncate {', '.join(MADE_OF_PAYLOADS)} cascade"))


@pytest.fixture
def collected(made_world: Context, clock: FixedClock) -> Context:
    """Three collections, hours apart: prices have moved and a round has been played meanwhile."""
    for _ in range(3):
        collect(made_world)
        clock.advance(timedelta(hours=7))
    return made_world


def test_a_replay_changes_nothing_and_asks_nobody(collected: Context, clock: FixedClock) -> None:
    before = everything(collected)
    requests = rows(collected, "select count(*) from raw_fetches")
    for _ in range(2):
        told = replay(collected, since=clock.now() - timedelta(days=30))
        assert {part.summary.source: part.summary.changed for part in told} == dict.fromkeys(Source, 0)
        clock.advance(timedelta(hours=1))
    assert everything(collected) == before
    assert rows(collected, "select count(*) from raw_fetches") == requests


def test_from_the_payloads_alone_the_same_comes_again(collected: Context, clock: FixedClock) -> None:
    before = natural(collected)
    assert all(before.values())
    forget(collected)
    told = replay(collected, since=clock.now() - timedelta(days=30))
    assert not any(part.summary.quarantined or part.mended for part in told)
    assert natural(collected) == before
    again = everything(collected)
    replay(collected, since=clock.now() - timedelta(days=30))
    assert everything(collected) == again


def test_each_source_and_stretch_can_be_replayed_alone(collected: Context, clock: FixedClock) -> None:
    forget(collected)
    since = clock.now() - timedelta(days=30)
    [fotmob] = replay(collected, since=since, sources=[Source.FOTMOB])
    assert (fotmob.summary.source, fotmob.left) == (Source.FOTMOB, 0)
    assert fotmob.summary.requested == fotmob.summary.from_cache > 0
    [titan] = replay(collected, since=since, sources=[Source.TITAN007])
    assert titan.summary.changed > 0
    [nothing] = replay(collected, since=clock.now(), sources=[Source.TITAN007])
    assert nothing.summary.requested == 0
    [early] = replay(collected, since=since, until=since + timedelta(days=1), sources=[Source.FOTMOB])
    assert early.summary.requested == 0


def test_quotes_of_matches_without_a_link_are_left(collected: Context, clock: FixedClock) -> None:
    forget(collected)
    [titan] = replay(collected, since=clock.now() - timedelta(days=30), sources=[Source.TITAN007])
    assert titan.left > 0
    assert rows(collected, "select count(*) from odds_latest") == [(0,)]


def test_odds_read_anew_are_those_of_the_payloads_alone(collected: Context, clock: FixedClock) -> None:
    before = natural(collected)
    with collected.database.session() as session:
        # What a parser that read wrongly might have left: a price that no page tells, later than all.
        session.execute(
            text("""
            insert into odds_history
            select match_id, bookmaker_id, market, period, line_rank, phase, line, array[9.5, 9.5, 9.5],
                suspended, observed_at + interval '1 second', captured_at, source, null
            from odds_latest where market = '1x2' and source = 'titan007'
        """)
        )
        session.execute(text("update odds_latest set prices = array[9.5, 9.5, 9.5] where market = '1x2'"))
    since = clock.now() - timedelta(days=30)
    replay(collected, since=since)
    assert natural(collected) != before
    told = read_odds_anew(collected, since=since)
    assert (told.matches > 0, told.kept) == (True, 0)
    assert told.taken > told.stored > 0
    assert natural(collected) == before
    assert read_odds_anew(collected, since=clock.now()).matches == 0


def test_odds_older_than_their_payloads_stay(collected: Context, clock: FixedClock) -> None:
    with collected.database.session() as session:
        session.execute(text("update raw_fetches set fetched_at = fetched_at + interval '1 hour'"))
    before = natural(collected)
    told = read_odds_anew(collected, since=clock.now() - timedelta(days=9))
    assert (told.matches, told.kept > 0) == (0, True)
    assert natural(collected) == before


def test_what_can_be_read_now_leaves_the_quarantine(collecting: Context, upstream: Upstream) -> None:
    day = collecting.clock.now().date()
    upstream.bodies[f"/fotmob/api/data/matches?date={day:%Y%m%d}"] = payloads.fotmob_day(
        payloads.fotmob_match(900)
    )
    collect_fixtures(collecting, since=day, until=day)
    kept = payload_of_day(collecting)
    with collecting.database.session() as session:
        # As a parser that could not read it would have left it.
        refused = Rejected(key=WHOLE_PAYLOAD, reason="not understood", record=kept.body)
        quarantine(session, kept, [refused], collecting.clock.now())
        session.execute(text("truncate matches cascade"))
    [told] = replay(collecting, since=collecting.clock.now() - timedelta(days=1), sources=[Source.FOTMOB])
    assert (told.mended, told.summary.changed, told.summary.quarantined) == (1, 1, 0)
    assert rows(collecting, "select state, seen, reason from quarantine") == [("mended", 1, "not understood")]
    assert rows(collecting, "select count(*) from matches") == [(1,)]


def payload_of_day(ctx: Context) -> Payload:
    [(sha256,)] = rows(ctx, "select sha256 from raw_payloads where kind = 'day'")
    with ctx.database.session() as session:
        payload = load_payload(session, Source.FOTMOB, str(sha256))
    assert payload is not None
    return payload
