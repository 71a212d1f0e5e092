"""FotMob's leagues through real HTTP into a real Postgres: what is asked for, and what is not."""

import pytest
from sqlalchemy import text

from src.core.clock import FixedClock
from src.domain.match import Source
from src.pipeline.collect import collect_leagues
from src.pipeline.context import Context
from src.pipeline.replay.run import replay
from tests.integration.pipeline_collect.upstream import Upstream
from tests.unit.collectors.payloads import fotmob_league, fotmob_match

pytestmark = pytest.mark.integration

API = "/fotmob/api/data/leagues?id=47&season=2025%2F2026"
PAGE = "/fotmob/_next/data/b1/leagues/{}.json?id=47&season=2025%2F2026"


def stored(ctx: Context) -> list[tuple[str, str]]:
    with ctx.database.session() as session:
        found = session.execute(
            text(
                "select l.source_match_id, m.season from matches m join match_links l on l.match_id = m.id"
                " order by 1"
            )
        )
        return [(row[0], row[1]) for row in found]


def test_a_season_is_taken_in_and_read_again_without_a_change(
    collecting: Context, upstream: Upstream, clock: FixedClock
) -> None:
    upstream.bodies[API] = fotmob_league(fotmob_match(), fotmob_match(900002))
    summary = collect_leagues(collecting, seasons=["2025-2026"])
    assert (summary.requested, summary.failed, summary.parsed, summary.changed) == (5, 4, 2, 2)
    assert stored(collecting) == [("900001", "2025-2026"), ("900002", "2025-2026")]
    (again,) = replay(collecting, since=clock.now(), sources=[Source.FOTMOB])
    assert (again.summary.parsed, again.summary.changed) == (2, 0)


def test_another_season_than_was_asked_for_is_quarantined_whole(
    collecting: Context, upstream: Upstream
) -> None:
    upstream.bodies[API] = fotmob_league(fotmob_match(), season="2026/2027")
    summary = collect_leagues(collecting, seasons=["2025-2026"])
    assert (summary.unreadable, summary.quarantined) == (1, 1)
    assert stored(collecting) == []


def test_the_season_is_asked_for_where_the_page_has_moved_to_as_well(
    collecting: Context, upstream: Upstream
) -> None:
    upstream.bodies["/fotmob/"] = b'<html><script id="__NEXT_DATA__">{"buildId": "b1"}</script></html>'
    moved = b'{"pageProps": {"__N_REDIRECT": "/leagues/47/overview/the-league"}}'
    upstream.bodies[PAGE.format("47/overview/premier-league")] = moved
    upstream.bodies[PAGE.format("47/overview/the-league")] = fotmob_league(fotmob_match())
    assert collect_leagues(collecting, seasons=["2025-2026"]).parsed == 1
    assert stored(collecting) == [("900001", "2025-2026")]
