"""The flows of the modes: what is wrong with one match stops no other."""

from datetime import timedelta
from typing import Any

import pytest
from prefect import Flow
from sqlalchemy import text

from src.core.clock import SystemClock
from src.database.connection import Database
from src.database.matches import NewLink, store_links
from src.domain.match import Source
from src.orchestration.flows.titan_flows import titan_hybrid_flow, titan_live_flow, titan_regular_flow
from tests.integration.database.matches import one_match
from tests.integration.orchestration.upstream import Upstream
from tests.unit.collectors.payloads import line_row, lines_page

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("in_flow")]

LINES = lines_page(line_row())
AH, OU = "/titan/pages/AsianOdds_n.aspx?id=", "/titan/pages/OverDown_n.aspx?id="
STORED = """
    select distinct l.source_match_id, o.market from odds_latest o
    join match_links l on l.match_id = o.match_id and l.source = 'titan007'
"""


@pytest.fixture
def matches(database: Database, upstream: Upstream) -> Database:
    """Five linked matches that start in half an hour, of which three have something wrong with them."""
    kickoff = SystemClock().now() + timedelta(minutes=30)
    links = [
        NewLink(
            source=Source.TITAN007,
            source_match_id=str(10 + n),
            match_id=one_match(database, kickoff, str(n)),
            confidence=1.0,
        )
        for n in range(1, 6)
    ]
    with database.session() as session:
        store_links(session, links, kickoff)
    refused = lines_page(line_row(*[("0.9", "2.6", "0.9")] * 3))
    upstream.answers |= {
        f"{AH}12": (200, "text/html", b"<html><title>404</title></html>"),
        f"{AH}13": (200, "text/html", LINES[: len(LINES) // 2]),
        f"{OU}14": (200, "text/html", refused),
        "/titan/pages/": (200, "text/html", LINES),
    }
    return database


@pytest.mark.parametrize(
    "flow", [titan_regular_flow, titan_live_flow, titan_hybrid_flow], ids=lambda it: it.name
)
def test_what_is_wrong_with_some_matches_stops_no_other(
    flow: Flow[..., Any], matches: Database, upstream: Upstream
) -> None:
    numbers = flow()["sources"]["titan007"]
    with matches.session() as session:
        stored = {tuple(row) for row in session.execute(text(STORED))}
    assert stored == {(str(n), market) for n in range(11, 16) for market in ("ah", "ou")} - {
        ("12", "ah"),
        ("13", "ah"),
        ("14", "ou"),
    }
    assert numbers["requested"] == numbers["fetched"] + numbers["from_cache"] + numbers["failed"]
    # No match has its script: five that did not come, a window.
    windows = 2 if flow is titan_hybrid_flow else 1
    assert numbers["failed"] == 5 * windows
    assert numbers["quarantined"] == 4 * windows
    assert numbers["error"] is None
