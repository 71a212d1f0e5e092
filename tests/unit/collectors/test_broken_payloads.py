"""Whatever arrives in place of a payload, a parser says what is wrong with it, and never crashes."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.collectors.readers import READERS, reader
from src.core.errors import BadData, SourceChanged
from src.domain.payload import Parsed
from tests.unit.collectors.recorded import ABOUT, RECORDED, SMALL, files, recorded

KINDS = sorted(SMALL)

#: What sites answer in place of what was asked for, each with status 200.
FOREIGN = {
    "nothing": b"",
    "a mark alone": b"\xef\xbb\xbf",
    "spaces": b" \r\n\t ",
    "noughts": b"\0" * 64,
    "a page that says 404": b"<html><head><title>404 Not Found</title></head><body>404</body></html>",
    "a challenge": b"<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>",
    "a word": b"Forbidden",
    "an error": b'{"error": true, "message": "gone"}',
    "a null": b"null",
    "a number": b"7",
    "a text": b'"later"',
    "deep brackets": b"[" * 100_000,
    "deep tags": b"<div>" * 5_000,
    "random bytes": bytes(range(256)) * 4,
    "UTF-16": "<html><body>维护中</body></html>".encode("utf-16"),
}


def read(kind: tuple[str, str], body: bytes) -> Parsed[object]:
    source, name = kind
    return reader(source.split()[0], name)(body, ABOUT)


@pytest.mark.parametrize("kind", KINDS)
def test_the_small_payloads_are_read_whole(kind: tuple[str, str]) -> None:
    told = read(kind, SMALL[kind])
    assert told.rows
    assert told.rejected == ()


def test_there_is_a_small_payload_of_every_kind() -> None:
    kinds = set(READERS) - {("titan007", "history")}
    assert {kind for kind in kinds if kind[0] != "football-data"} <= set(KINDS)


@pytest.mark.parametrize("what", FOREIGN)
@pytest.mark.parametrize("kind", KINDS)
def test_a_foreign_payload_is_refused_whole(kind: tuple[str, str], what: str) -> None:
    with pytest.raises((BadData, SourceChanged)):
        read(kind, FOREIGN[what])


@pytest.mark.parametrize("kind", KINDS)
def test_another_kinds_payload_is_refused_or_read_and_never_crashes(kind: tuple[str, str]) -> None:
    for other in KINDS:
        survives(kind, SMALL[other])


@pytest.mark.parametrize("kind", KINDS)
def test_a_mark_before_it_changes_nothing(kind: tuple[str, str]) -> None:
    body = SMALL[kind].removeprefix(b"\xef\xbb\xbf")
    assert read(kind, b"\xef\xbb\xbf" + body).rows == read(kind, body).rows


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind[0].startswith("titan007")])
def test_titan_writes_gb18030_or_utf_8(kind: tuple[str, str]) -> None:
    text = SMALL[kind].decode("gb18030" if kind == ("titan007", "day") else "utf-8-sig")
    assert read(kind, text.encode("gb18030")).rows == read(kind, text.encode()).rows


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind[0] in {"fotmob", "titan007 gateway"}])
def test_json_that_is_cut_short_is_bad_data(kind: tuple[str, str]) -> None:
    body = SMALL[kind]
    for length in range(1, len(body) - 1, 7):
        with pytest.raises((BadData, SourceChanged)):
            read(kind, body[:length])


@pytest.mark.parametrize("kind", KINDS)
def test_no_cut_crashes(kind: tuple[str, str]) -> None:
    body = SMALL[kind]
    for length in range(0, len(body), max(1, len(body) // 300)):
        survives(kind, body[:length])


def survives(kind: tuple[str, str], body: bytes) -> None:
    with suppress(BadData, SourceChanged):
        assert all(item.reason and item.key for item in read(kind, body).rejected)


Bend = Callable[[bytes], bytes]
_PIECES = (b'"', b"'", b"<", b">", b"|", b"^", b"-", b"9" * 30, b"null", b"\xff", b"\0", b"[", b"\\ud800")


@st.composite
def bends(draw: st.DrawFn) -> Bend:
    """Draw a way to spoil bytes: flip some, cut a piece out, double a piece, put something in."""
    edit = st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.sampled_from([_flip, _cut, _double, _put]),
        st.binary(min_size=1, max_size=8) | st.sampled_from(_PIECES),
    )
    edits = draw(st.lists(edit, min_size=1, max_size=5))

    def bend(body: bytes) -> bytes:
        for place, how, piece in edits:
            body = how(body, int(place * len(body)), piece)
        return body

    return bend


def _flip(body: bytes, at: int, piece: bytes) -> bytes:
    end = at + len(piece)
    return body[:at] + bytes(byte ^ piece[0] for byte in body[at:end]) + body[end:]


def _cut(body: bytes, at: int, piece: bytes) -> bytes:
    return body[:at] + body[at + 1 + piece[0] % 40 :]


def _double(body: bytes, at: int, piece: bytes) -> bytes:
    return body[: at + 1 + piece[0] % 40] + body[at:]


def _put(body: bytes, at: int, piece: bytes) -> bytes:
    return body[:at] + piece + body[at:]


@pytest.mark.parametrize("kind", KINDS)
@given(bend=bends())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_no_bent_payload_crashes(kind: tuple[str, str], bend: Bend) -> None:
    survives(kind, bend(SMALL[kind]))


@pytest.mark.parametrize(("source", "name", "pattern"), RECORDED)
@given(bend=bends(), cut=st.floats(0.02, 1))
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_bent_recorded_payload_crashes(
    shared_data: Path, source: str, name: str, pattern: str, bend: Bend, cut: float
) -> None:
    for path in files(shared_data, pattern)[:1]:
        body, about = recorded(path)
        with suppress(BadData, SourceChanged):
            reader(source, name)(bend(body[: int(cut * len(body))]), about)


def test_a_hostile_payload_is_refused_in_no_time() -> None:
    head = 'var MatchTime="2026,3-1,07,15,00,00";game=Array('
    page = "var scheduleID = 1;\nvar state = 0;\nvar strTime = '2026-03-07 15:00';<title>"
    hostile = {
        ("titan007", "1x2"): (head + '"a"   ' * 20_000).encode(),
        ("titan007", "details"): (page + "VS " * 50_000 + "</title>").encode(),
        ("titan007", "live"): b"sOdds=[" + b"] " * 50_000,
        ("titan007", "day"): b"<table>" + b"<tr id='tr1_1' sid=" * 5_000,
        ("titan007", "ah"): b"<table id=odds>" + b"<tr><td goals " * 5_000,
        ("fbref", "schedule"): b"<title>" + b"1 " * 100_000 + b"</title><table id=sched_1></table>",
    }
    for kind, body in hostile.items():
        began = time.process_time()
        survives(kind, body)
        assert time.process_time() - began < 2, kind
