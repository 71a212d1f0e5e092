"""How the pages write times and numbers, and what the wheel must carry."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from src.api.app import STATIC, create_app
from src.api.pages import ago, clock, grouped, percent, render

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (timedelta(0), "now"), (timedelta(seconds=-20), "20 s ago"), (timedelta(minutes=-3), "3 min ago"),
        (timedelta(minutes=125), "in 2 h 05 min"), (timedelta(hours=-9), "9 h ago"),
        (timedelta(days=1, hours=3), "in 1 day"), (timedelta(days=-40), "40 days ago"),
    ],
)  # fmt: skip
def test_a_time_is_told_from_now(gap: timedelta, words: str) -> None:
    assert ago(NOW + gap, NOW) == words


def test_nothing_is_a_dash() -> None:
    assert ago(None, NOW) == clock(None) == "—"


def test_times_are_shown_in_utc_and_numbers_in_groups() -> None:
    assert clock(datetime.fromisoformat("2026-03-01T20:30:00+08:00")) == "Sun 1 Mar 12:30"
    assert grouped(1234567) == "1\u2009234\u2009567"
    assert percent(0.456) == "46 %"


def test_a_page_escapes_what_it_is_given() -> None:
    page = render("away.html", status=503, error="<b>x</b>", now=NOW, parts=[], links={}).body.decode()
    assert "&lt;b&gt;" in page


def test_pages_load_only_files_that_are_there() -> None:
    page = render("away.html", error="", now=NOW, parts=[], links={}).body.decode()
    for name in re.findall(r'"/static/([^"]+)"', page):
        assert (STATIC / name).is_file()


def test_every_operation_is_described_and_only_the_schedule_and_runs_are_changed() -> None:
    paths = create_app().openapi()["paths"]
    assert {"/health", "/health/detailed", "/health/database", "/health/redis", "/metrics", "/stats"} < set(
        paths
    )
    assert {"/predictions", "/schedule", "/runs"} < set(paths)
    for path, methods in paths.items():
        assert all(operation["description"] for operation in methods.values())
        if not path.startswith(("/schedule/{entry}", "/runs/{run}/")):
            assert set(methods) == {"get"}
        for method, operation in methods.items():
            assert ("security" in operation) == (method != "get")
