"""What each mode asks about."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.core.errors import BadData
from src.orchestration.flows import titan_flows
from src.pipeline.odds_modes import JUST_STARTED, Hybrid, Live, Mode, Regular
from src.scheduling.catalog import find

NOW = datetime(2026, 3, 7, 12, tzinfo=UTC)


def spans(mode: Mode) -> list[tuple[timedelta, timedelta]]:
    return [(window.since - NOW, window.until - NOW) for window in mode.windows(NOW)]


def test_regular_asks_about_the_coming_days() -> None:
    assert spans(Regular(days_ahead=3)) == [(timedelta(0), timedelta(days=3))]


def test_live_asks_about_the_coming_hours_and_what_has_just_started() -> None:
    assert spans(Live(hours_ahead=3)) == [(-JUST_STARTED, timedelta(hours=3))]


def test_hybrid_asks_about_both_one_after_the_other() -> None:
    hybrid = Hybrid(regular_hours_ahead=6, live_hours_ahead=3)
    assert spans(hybrid) == [(timedelta(0), timedelta(hours=6)), (-JUST_STARTED, timedelta(hours=3))]
    # What the first window has done is asked for again in the second: it is newer then.
    assert len({window.step for window in hybrid.windows(NOW)}) == 2


def test_hybrid_leaves_the_live_window_out_where_it_is_told_to() -> None:
    assert spans(Hybrid(enable_live=False)) == [(timedelta(0), timedelta(hours=1))]


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        (Regular, {"days_ahead": 0}),
        (Live, {"hours_ahead": -1}),
        (Live, {"max_concurrency": 0}),
        (Hybrid, {"cleanup_days": 0}),
        (Hybrid, {"regular_hours_ahead": 10**12}),
        (Regular, {"days_ahead": 10**9}),
    ],
)
def test_a_number_that_cannot_be_is_refused_by_name(kind: type[Mode], numbers: dict[str, int]) -> None:
    ((name, value),) = numbers.items()
    with pytest.raises(BadData, match=f"{name} is {value}"):
        kind(**numbers)


@given(days=st.integers(1, 366), hours=st.integers(1, 8784))
def test_a_span_that_is_taken_has_its_window(days: int, hours: int) -> None:
    for mode in (Regular(days_ahead=days), Live(hours_ahead=hours), Hybrid(live_hours_ahead=hours)):
        assert all(since < until for since, until in spans(mode))


@pytest.mark.parametrize(
    ("entry", "kind"), [("titan-regular", Regular), ("titan-live", Live), ("titan-hybrid", Hybrid)]
)
def test_flow_mode_and_schedule_agree_on_every_default(entry: str, kind: type[Mode]) -> None:
    flow: Any = getattr(titan_flows, f"{entry.replace('-', '_')}_flow")
    parameters = flow.parameters.properties
    declared = find(entry).parameters
    mode = kind()
    assert kind(**declared) == mode
    told = {name: parameters[name]["default"] for name in declared}
    assert told == declared == {name: getattr(mode, name) for name in declared}
