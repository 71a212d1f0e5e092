"""FotMob's client takes the way that answers: the API, or its pages' data under the present build's id."""

import json
from collections.abc import Iterator

import pytest

from src.collectors.fotmob.client import FotMobClient
from src.collectors.fotmob.parse_details import parse_details
from src.collectors.fotmob.parse_league import parse_league
from src.collectors.titan007.gateway import TitanGateway
from src.collectors.transport import Transport
from src.core.clock import FixedClock
from src.core.errors import SourceChanged
from src.domain.match import Source
from src.domain.odds import Market
from tests.integration.pipeline_collect.upstream import Upstream
from tests.unit.collectors.payloads import fotmob_details, fotmob_league, fotmob_match, gateway

pytestmark = pytest.mark.integration

API_LEAGUE = "/api/data/leagues?id=47"
API_DETAILS = "/api/data/matchDetails?matchId=900001"
LEAGUE = "/leagues/47/overview/premier-league.json?id=47"
DETAILS = "/match/900001.json"


@pytest.fixture
def transport(upstream: Upstream) -> Iterator[Transport]:
    with Transport(
        Source.FOTMOB,
        base_urls=(upstream.url,),
        clock=FixedClock(),
        user_agent="test",
        max_retries=0,
        retry_delay_s=0,
    ) as made:
        yield made


@pytest.fixture
def client(transport: Transport, upstream: Upstream) -> FotMobClient:
    return FotMobClient(transport, upstream.url)


def released(upstream: Upstream, build: str, **pages: bytes) -> None:
    """Make the site one of this build: the pages' data of the one before are gone."""
    for path in [path for path in upstream.bodies if path.startswith("/_next/")]:
        del upstream.bodies[path]
    script = f'<script id="__NEXT_DATA__">{json.dumps({"buildId": build})}</script>'
    upstream.bodies["/"] = f"<html><head><title>FotMob</title></head><body>{script}</body></html>".encode()
    for path, body in pages.items():
        upstream.bodies[f"/_next/data/{build}{path}"] = body


def test_the_api_is_asked_first_and_the_page_only_where_it_does_not_answer(
    client: FotMobClient, upstream: Upstream
) -> None:
    upstream.bodies[API_LEAGUE] = fotmob_league(fotmob_match())
    assert parse_league(client.league("47", "premier-league").body).rows
    assert upstream.asked == [API_LEAGUE]


def test_where_the_api_is_gone_the_pages_data_are_read_and_asked_first_from_then_on(
    client: FotMobClient, upstream: Upstream
) -> None:
    released(upstream, "b1", **{LEAGUE: fotmob_league(fotmob_match()), DETAILS: fotmob_details()})
    upstream.statuses[API_LEAGUE] = [403]
    assert parse_league(client.league("47", "premier-league").body).rows
    assert parse_details(client.details("900001").body).rows
    assert upstream.asked == [API_LEAGUE, "/", f"/_next/data/b1{LEAGUE}", f"/_next/data/b1{DETAILS}"]


def test_a_new_build_is_found_where_the_old_ones_data_are_gone(
    client: FotMobClient, upstream: Upstream
) -> None:
    released(upstream, "b1", **{LEAGUE: fotmob_league(fotmob_match())})
    client.league("47", "premier-league")
    released(upstream, "b2", **{LEAGUE: fotmob_league(fotmob_match(900002))})
    upstream.asked.clear()
    assert parse_league(client.league("47", "premier-league").body).rows[0].id == "900002"
    assert upstream.asked == [f"/_next/data/b1{LEAGUE}", "/", f"/_next/data/b2{LEAGUE}"]


def test_a_page_that_only_leads_on_is_followed_within_the_site(
    client: FotMobClient, upstream: Upstream
) -> None:
    lead = json.dumps({"pageProps": {"__N_REDIRECT": "/matches/a-vs-b/2x#900001"}}).encode()
    released(upstream, "b1", **{DETAILS: lead, "/matches/a-vs-b/2x.json": fotmob_details()})
    assert parse_details(client.details("900001").body).rows[0].match_id == "900001"


def test_where_the_pages_data_go_too_the_api_is_asked_again(client: FotMobClient, upstream: Upstream) -> None:
    released(upstream, "b1", **{DETAILS: fotmob_details()})
    client.details("900001")
    released(upstream, "b2")
    upstream.bodies[API_DETAILS] = fotmob_details()
    assert parse_details(client.details("900001").body).rows
    upstream.asked.clear()
    client.details("900001")
    assert upstream.asked == [API_DETAILS]


def test_where_no_way_answers_the_error_is_that_of_the_first(
    client: FotMobClient, upstream: Upstream
) -> None:
    with pytest.raises(SourceChanged, match="matchDetails"):
        client.details("900001")
    assert upstream.asked == [API_DETAILS, "/"]


def test_the_gateway_is_asked_by_market(transport: Transport, upstream: Upstream) -> None:
    for path in ("euro", "handicap", "overunder"):
        upstream.bodies[f"/odds/{path}?id=11"] = gateway({"h": 1})
    odds = TitanGateway(transport, f"{upstream.url}/odds/")
    assert [odds.odds("11", market).kind for market in Market] == ["1x2", "ah", "ou"]
    assert upstream.asked == ["/odds/euro?id=11", "/odds/handicap?id=11", "/odds/overunder?id=11"]
