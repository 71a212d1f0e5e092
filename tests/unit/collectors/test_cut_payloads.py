"""A payload that is cut anywhere says so, or reads as the whole one does: never as one with fewer records."""

from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.collectors.fotmob.page import build_id
from src.collectors.readers import About, reader
from src.collectors.wholeness import is_whole
from src.core.errors import BadData, SourceChanged
from src.domain.odds import Market
from src.sandbox.pages import fbref, fotmob, fotmob_details, titan_days, titan_euro, titan_lines
from src.sandbox.world.fixture import moment
from src.sandbox.world.index import Index
from tests.unit.collectors.recorded import ABOUT, RECORDED, SMALL, files, recorded
from tests.unit.sandbox.worlds import made_world

#: The lottery schedule ends with its last match: behind a whole one nothing tells that there were more.
SCHEDULE = ("titan007", "schedule")


def says_so_or_is_the_same(kind: tuple[str, str], body: bytes, about: About, length: int) -> None:
    read = reader(kind[0].split()[0], kind[1])
    try:
        told = read(body[:length], about)
    except (BadData, SourceChanged):
        return
    if kind == SCHEDULE and _ends_a_match(body, length):
        return
    assert told == read(body, about), body[:length][-60:]


def _ends_a_match(body: bytes, length: int) -> bool:
    """Whether the cut is within a match's last field, or right behind it."""
    match = body[:length].rpartition(b"$")[2].rpartition(b"!")[2].split(b"^")
    return len(match) == 24 and match[-1] != b""


@pytest.mark.parametrize("kind", sorted(SMALL))
def test_a_small_payload_cut_at_any_byte(kind: tuple[str, str]) -> None:
    for length in range(len(SMALL[kind])):
        says_so_or_is_the_same(kind, SMALL[kind], ABOUT, length)


@pytest.mark.parametrize("kind", sorted(SMALL))
def test_half_a_payload_is_refused_whole(kind: tuple[str, str]) -> None:
    """One rule for all: what is before the cut is not kept."""
    with pytest.raises((BadData, SourceChanged)):
        reader(kind[0].split()[0], kind[1])(SMALL[kind][: len(SMALL[kind]) // 2], ABOUT)


@pytest.mark.parametrize(("source", "name", "pattern"), RECORDED)
@given(cut=st.floats(0, 1, exclude_max=True))
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_recorded_payload_cut_anywhere(
    shared_data: Path, source: str, name: str, pattern: str, cut: float
) -> None:
    for path in files(shared_data, pattern)[:2]:
        body, about = recorded(path)
        says_so_or_is_the_same((source, name), body, about, int(cut * len(body)))


@pytest.mark.parametrize(("source", "name", "pattern"), RECORDED)
def test_a_recorded_payload_cut_near_its_end(shared_data: Path, source: str, name: str, pattern: str) -> None:
    for path in files(shared_data, pattern):
        body, about = recorded(path)
        for missing in (1, 2, 7, 8, 9, 20, 200):
            says_so_or_is_the_same((source, name), body, about, max(0, len(body) - missing))


@cache
def made() -> dict[tuple[str, str], bytes]:
    """Return whole pages as the sandbox writes them, in the middle of a season."""
    world = made_world()
    now = world.anchor
    fixtures = [f for f in world.fixtures if abs(f.kickoff - now) < timedelta(days=2)]
    seen = [(fixture, moment(fixture, now)) for fixture in fixtures]
    coming, at = next((f, m) for f, m in seen if f.kickoff > now)
    quotes = {market: world.quotes(coming, market) for market in Market}
    return {
        ("fotmob", "day"): fotmob.day_list(now.date(), seen),
        ("fotmob", "details"): fotmob_details.match_details(*seen[0]),
        ("fbref", "schedule"): fbref.schedule("2025-2026", fixtures[:12], now, with_xg=True),
        ("titan007", "day"): titan_days.over_list(seen, Index(world)),
        ("titan007", "1x2"): titan_euro.euro_js(coming, at, quotes[Market.ONE_X_TWO], now),
        ("titan007", "ah"): titan_lines.market_page(coming, at, quotes[Market.ASIAN_HANDICAP], now),
        ("titan007", "ou"): titan_lines.market_page(coming, at, quotes[Market.OVER_UNDER], now),
    }


@given(kind=st.sampled_from(sorted(made())), cut=st.floats(0, 1, exclude_max=True))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_a_made_page_cut_anywhere(kind: tuple[str, str], cut: float) -> None:
    body = made()[kind]
    about = About(
        sha256="ab" * 32, captured_at=made_world().anchor, day=date(2026, 3, 1), kickoff=None, match_id="1"
    )
    says_so_or_is_the_same(kind, body, about, int(cut * len(body)))


def test_the_front_page_of_fotmob_names_its_build_or_is_refused() -> None:
    page = fotmob.front_page("sandbox20260301")
    for length in range(len(page)):
        try:
            told = build_id(page[:length])
        except SourceChanged:
            continue
        assert told == "sandbox20260301"


@pytest.mark.parametrize(
    ("page", "whole"),
    [
        (b"<HTML><TABLE><TR></TR></TABLE></BODY></HTML>", True),
        (b"<html><table><tr></tr></table></body>\n<!-- 3 ms -->", True),
        (b"<html><table><tr></tr></table>", False), (b"<html><table><tr></tr></table></html", False),
        (b"<html><script>'</html>'</script><table><tr>", False), (b"<table><tr></tr></table>", True),
        (b"<table><tr></tr></table><table><tr>", False), (b"<table><tr><table></table></tr>", False),
        (b"<table><tr></tr></table", False), (b"<div>nothing</div>", True), (b"", True),
    ],
)  # fmt: skip
def test_a_page_is_whole_where_it_is_closed_behind_its_last_row(page: bytes, whole: bool) -> None:
    assert is_whole(page) is whole
