"""The sandbox over real HTTP: addresses, encodings, 304, soft 404s, and its own process."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import requests
import uvicorn

from src.core.clock import FixedClock
from src.sandbox.app import Sandbox
from tests.ports import free_port
from tests.unit.sandbox.worlds import NOW, made_world, write_season


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def address(clock: FixedClock) -> Iterator[str]:
    """The sandbox served by a thread of this process, on the clock of the test."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(Sandbox(made_world(), clock), log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


def get(address: str, path: str, **headers: str) -> requests.Response:
    return requests.get(address + path, headers=headers, timeout=10)


def test_health_tells_the_world_and_the_clock(address: str) -> None:
    told = get(address, "/health").json()
    assert told["status"] == "ok"
    assert told["world"] == "made"
    assert told["now"] == NOW.isoformat()
    assert told["matches"] == len(made_world().fixtures)
    assert "/titan/euro/ID.js" in get(address, "/").text


def test_one_match_is_found_on_every_source(address: str) -> None:
    match = next(
        f for f in made_world().fixtures if f.kickoff > NOW + timedelta(days=1) and f.competition.code == "E0"
    )
    day = get(address, f"/fotmob/api/data/matches?date={match.kickoff:%Y%m%d}").json()
    assert match.fotmob_id in [m["id"] for league in day["leagues"] for m in league["matches"]]
    details = get(address, f"/fotmob/api/data/matchDetails?matchId={match.fotmob_id}").json()
    assert details["general"]["matchId"] == str(match.fotmob_id)
    page = get(address, "/fbref/en/comps/9/2025-2026/schedule/2025-2026-Premier-League-Scores-and-Fixtures")
    assert match.home.fbref_id in page.text
    beijing = match.kickoff + timedelta(hours=8)
    listed = get(address, f"/titan/days/football/Next_{beijing:%Y%m%d}.htm")
    assert match.home.titan_name in listed.content.decode("gb18030")
    assert f"sId='{match.titan_id}'".encode() in listed.content
    assert (
        f"ScheduleID={match.titan_id};" in get(address, f"/titan/euro/{match.titan_id}.js").content.decode()
    )
    for name in ("AsianOdds", "OverDown"):
        odds = get(address, f"/titan/pages/{name}_n.aspx?id={match.titan_id}")
        assert "companyID='8'" in odds.text
        assert odds.encoding == "utf-8"


def test_every_match_of_a_week_is_in_one_day_list_of_each_source(address: str) -> None:
    days = [NOW + timedelta(days=offset) for offset in range(-8, 1)]
    fotmob = {
        match["id"] - 6_000_000
        for day in days
        for league in get(address, f"/fotmob/api/data/matches?date={day:%Y%m%d}").json()["leagues"]
        for match in league["matches"]
        if match["status"]["finished"]
    }
    titan = {
        int(piece.split(b"'")[0]) - 3_000_000
        for day in days
        for piece in get(address, f"/titan/days/football/Over_{day:%Y%m%d}.htm").content.split(b"sId='")[1:]
    }
    inner = {
        f.number
        for f in made_world().fixtures
        if NOW - timedelta(days=7) < f.kickoff < NOW - timedelta(hours=12)
    }
    assert inner
    assert inner <= fotmob
    assert inner <= titan


def test_an_unchanged_day_list_is_answered_with_304_until_it_changes(address: str, clock: FixedClock) -> None:
    match = next(f for f in made_world().fixtures if f.kickoff > NOW and not f.postponed_from)
    path = f"/fotmob/api/data/matches?date={match.kickoff:%Y%m%d}"
    first = get(address, path)
    again = get(address, path, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    clock.at = match.kickoff + timedelta(hours=2)
    later = get(address, path, **{"If-None-Match": first.headers["ETag"]})
    assert later.status_code == 200
    assert '"FT"' in later.text


def test_what_is_not_there_is_told_the_way_each_source_tells_it(address: str) -> None:
    assert get(address, "/fotmob/api/data/matchDetails?matchId=1").status_code == 404
    assert get(address, "/fotmob/api/data/matches?date=tomorrow").status_code == 400
    assert get(address, "/fotmob/api/data/matches?date=20200101").json()["leagues"] == []
    assert get(address, "/fbref/en/comps/9/1999-2000/schedule/x").status_code == 404
    for path in (
        "/titan/euro/1.js",
        "/titan/pages/AsianOdds_n.aspx?id=1",
        "/titan/days/football/Next_20269999.htm",
    ):
        reply = get(address, path)
        assert reply.status_code == 200
        assert "404 Not Found" in reply.text
    assert requests.post(address + "/health", timeout=10).status_code == 405


def test_two_questions_on_one_connection_do_not_wait_for_each_other(address: str) -> None:
    with requests.Session() as session:
        began = time.monotonic()
        for _ in range(20):
            session.get(address + "/health", timeout=10)
    assert time.monotonic() - began < 5


def run(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "src.sandbox", *arguments], stderr=subprocess.PIPE)


def test_the_process_serves_a_history_and_ends_when_asked(tmp_path: Path) -> None:
    write_season(tmp_path / "history", "E0_2223.csv")
    port = free_port()
    options = [
        "--port",
        str(port),
        "--data-dir",
        str(tmp_path / "data"),
        "--history",
        str(tmp_path / "history"),
    ]
    process = run(*options)
    try:
        told = _wait_for_health(process, port)
        assert told["world"] == "history"
        assert told["matches"] == 12
        taken = run(*options)
        assert taken.wait(30) == 2
        assert b"MATCHBEAT_SANDBOX_PORT" in (taken.stderr.read() if taken.stderr else b"")
    finally:
        process.terminate()
        process.wait(10)


def _wait_for_health(process: subprocess.Popen[bytes], port: int) -> dict[str, object]:
    deadline = time.monotonic() + 30
    while True:
        try:
            return requests.get(f"http://127.0.0.1:{port}/health", timeout=5).json()  # type: ignore[no-any-return]
        except requests.ConnectionError:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_a_wrong_history_folder_ends_the_process_with_its_name(tmp_path: Path) -> None:
    process = run(
        "--port", str(free_port()), "--data-dir", str(tmp_path), "--history", str(tmp_path / "none")
    )
    assert process.wait(30) == 2
    assert str(tmp_path / "none").encode() in (process.stderr.read() if process.stderr else b"")


def test_the_process_spoils_what_it_is_told_to_and_is_itself_well(tmp_path: Path) -> None:
    port = free_port()
    process = run("--port", str(port), "--data-dir", str(tmp_path), "--chaos", "429=0.5,truncated=0.5")
    try:
        _wait_for_health(process, port)
        spoiled = {"429": 0, "broken off": 0}
        for number in range(20):
            try:
                reply = get(
                    f"http://127.0.0.1:{port}", f"/fotmob/api/data/matches?date=202603{number + 1:02}"
                )
            except requests.ConnectionError:
                spoiled["broken off"] += 1
            except requests.exceptions.ChunkedEncodingError:
                spoiled["broken off"] += 1
            else:
                assert (reply.status_code, reply.headers["Retry-After"]) == (429, "1")
                spoiled["429"] += 1
        assert min(spoiled.values()) > 3
    finally:
        process.terminate()
        process.wait(10)


def test_a_wrong_wish_for_chaos_ends_the_process_with_the_kinds_there_are(tmp_path: Path) -> None:
    process = run("--port", str(free_port()), "--data-dir", str(tmp_path), "--chaos", "404=0.1")
    assert process.wait(30) == 2
    assert b"choose from slow, 429" in (process.stderr.read() if process.stderr else b"")
