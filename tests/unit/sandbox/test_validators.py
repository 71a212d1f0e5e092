"""The plain sandbox tells each payload once, and FotMob's details by two ways."""

import json
import re
from datetime import timedelta

import pytest

from src.core.clock import FixedClock
from src.sandbox.app import Sandbox
from tests.unit.sandbox.asking import DAY, EURO, LINES, MATCH, SCHEDULE, TITAN_DAY, Got
from tests.unit.sandbox.worlds import NOW, made_world

DETAILS = f"/fotmob/api/data/matchDetails?matchId={MATCH.fotmob_id}"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def app(clock: FixedClock) -> Sandbox:
    return Sandbox(made_world(), clock)


@pytest.mark.parametrize("address", [DAY, DETAILS, EURO, LINES, TITAN_DAY, SCHEDULE])
def test_every_payload_is_told_once_until_it_changes(app: Sandbox, clock: FixedClock, address: str) -> None:
    first = Got(app, address)
    clock.advance(timedelta(seconds=30))
    by_tag = Got(app, address, If_None_Match=first.headers["etag"])
    by_time = Got(app, address, If_Modified_Since=first.headers["last-modified"])
    assert [(got.status, got.body) for got in (by_tag, by_time)] == [(304, b"")] * 2
    clock.at = MATCH.kickoff + timedelta(hours=3)
    for later in (
        Got(app, address, If_None_Match=first.headers["etag"]),
        Got(app, address, If_Modified_Since=first.headers["last-modified"]),
        Got(app, address, If_Modified_Since="yesterday"),
    ):
        assert later.status == 200
        assert later.body != first.body


def test_what_is_not_there_has_no_tag(app: Sandbox) -> None:
    assert "etag" not in Got(app, "/titan/euro/1.js").headers
    assert "etag" not in Got(app, "/health").headers


def test_details_are_had_by_the_page_of_the_present_build_too(app: Sandbox, clock: FixedClock) -> None:
    page = Got(app, "/fotmob/").body.decode()
    found = re.search(r'id="__NEXT_DATA__"[^>]*>(.*?)</script', page)
    assert found
    address = f"/fotmob/_next/data/{json.loads(found[1])['buildId']}/match/{MATCH.fotmob_id}.json"
    assert json.loads(Got(app, address).body)["pageProps"] == json.loads(Got(app, DETAILS).body)
    clock.advance(timedelta(days=1))
    assert Got(app, address).status == 404
