"""`matchbeat quarantine` and `matchbeat replay` on a real Postgres."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from src.database.quarantine import quarantine
from src.database.raw import store_payloads
from src.domain.match import Source
from src.domain.payload import WHOLE_PAYLOAD, Payload, Rejected
from src.pipeline.context import Context
from tests.command_line import Run, commands, data
from tests.conftest import NOW
from tests.unit.collectors import payloads

pytestmark = pytest.mark.integration

URL = "http://127.0.0.1/api/data/matches?date="


def day(number: int, body: bytes) -> Payload:
    return Payload(
        source=Source.FOTMOB, kind="day", url=f"{URL}2026030{number}", status=200, headers={}, body=body,
        sha256=hashlib.sha256(body).hexdigest(), fetched_at=NOW - timedelta(hours=number),
    )  # fmt: skip


#: One that our parser reads, as if after a fix; one that it does not; one that is no longer kept.
READABLE = day(1, payloads.fotmob_day(payloads.fotmob_match(900)))
BROKEN = day(2, b'{"leagues": [')
GONE = day(3, b"[]")


@pytest.fixture
def quarantined(
    context: Context,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    with context.database.session() as session:
        store_payloads(session, [READABLE, BROKEN])
        for payload in (READABLE, BROKEN, GONE):
            refused = Rejected(key=WHOLE_PAYLOAD, reason="not [understood]", record=payload.body)
            quarantine(session, payload, [refused], payload.fetched_at)


@pytest.fixture
def run(
    quarantined: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    with commands("quarantine", monkeypatch, capsys) as run:
        yield run


def numbers(run: Run, *arguments: str) -> list[str]:
    return [str(record["id"]) for record in data(run, "list", *arguments)]


def test_records_are_listed_newest_first_and_by_source_and_kind(run: Run) -> None:
    listed = data(run, "list")
    assert [record["raw_sha256"] for record in listed] == [p.sha256 for p in (READABLE, BROKEN, GONE)]
    assert numbers(run, "--source", "titan007") == numbers(run, "--kind", "details") == []
    code, shown, _ = run("list", "--source", "fotmob", "--kind", "day", "--limit", "1")
    assert (code, "not [understood]" in shown) == (0, True)


def test_a_record_shows_its_reason_its_bytes_and_where_they_came_from(run: Run) -> None:
    readable, _, gone = numbers(run)
    code, shown, _ = run("show", readable)
    assert code == 0
    for told in ("not [understood]", READABLE.url, READABLE.sha256, '"leagues"'):
        assert told in shown
    assert "no longer kept" in run("show", gone)[1]
    assert data(run, "show", readable)["record"] == READABLE.body.decode()


def test_what_can_be_read_now_is_stored_and_the_rest_stays(run: Run, context: Context) -> None:
    told = data(run, "retry", "--all")
    assert told == {"records": 3, "mended": 1, "gone": 1, "left": 0, "changed": 1}
    assert len(numbers(run)) == 2
    assert [r["raw_sha256"] for r in data(run, "list", "--state", "mended")] == [READABLE.sha256]
    with context.database.session() as session:
        assert session.scalars(text("select source_match_id from match_links")).all() == ["900"]
    # The reason is what our parser says today, and a second try changes nothing.
    assert "not [understood]" not in data(run, "list")[0]["reason"]
    before = data(run, "list", "--state", "all")
    assert data(run, "retry", "--source", "fotmob")["mended"] == 0
    assert data(run, "list", "--state", "all") == before


def test_one_record_is_retried_and_named_ones_are_dropped_with_who_and_why(run: Run) -> None:
    readable, broken, gone = numbers(run)
    assert "1 of 1 records can be read now; 1 rows written" in run("retry", readable)[1]
    code, shown, _ = run("drop", broken, gone, "--why", "an old test", "--who", "lena")
    assert (code, shown.strip()) == (0, "2 records dropped")
    dropped = data(run, "list", "--state", "dropped")
    assert {(r["who"], r["why"]) for r in dropped} == {("lena", "an old test")}
    assert "dropped by lena: an old test" in run("show", broken)[1]
    assert numbers(run) == []


def test_who_names_no_record_or_an_unknown_one_is_told_what_to_do(run: Run) -> None:
    for command in (("retry",), ("drop", "--why", "x", "--who", "lena")):
        code, _, error = run(*command)
        assert (code, "--source" in error, "--all" in error) == (2, True, True)
    code, _, error = run("retry", "99999")
    assert (code, "no open record has the number 99999" in error) == (1, True)
    assert "matchbeat quarantine list" in run("show", "99999")[2]


def test_a_replay_tells_by_source_what_it_read_again(
    quarantined: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with commands("replay", monkeypatch, capsys) as run:
        [told] = data(run, "--since", "2026-02-27", "--source", "fotmob")["sources"]
        assert (told["requested"], told["unreadable"], told["mended"], told["changed"]) == (2, 1, 1, 1)
        again = data(run, "--since", "2026-02-27")["sources"]
        assert [(part["source"], part["changed"], part["mended"]) for part in again] == [
            (source.value, 0, 0) for source in Source
        ]
        code, shown, _ = run("--since", "2026-02-27", "--source", "fotmob")
        assert (code, "fotmob" in shown, "unreadable" in shown) == (0, True, True)
        anew = data(run, "--since", "2026-02-27", "--source", "titan007", "--anew")["odds_anew"]
        assert anew == {"matches": 0, "kept": 0, "taken": 0, "stored": 0}
        assert run("--since", "2026-02-27", "--source", "fotmob", "--anew")[0] == 2
        code, _, error = run("--since", "yesterday")
        assert (code, "'yesterday' is no time, for example" in error) == (2, True)
