"""Signals about a collection."""

import pytest

from src.domain.match import Source
from src.domain.signal import Severity
from src.domain.summary import SourceSummary
from src.monitoring.collection import changed_signal, success_signal, unmapped_signal


def summary(requested: int, failed: int = 0, unreadable: int = 0) -> SourceSummary:
    return SourceSummary(
        source="titan007", requested=requested, fetched=requested - failed, failed=failed,
        unreadable=unreadable,
    )  # fmt: skip


@pytest.mark.parametrize("told", [summary(0), summary(1), summary(100, 5), summary(100, 2, 3)])
def test_a_run_that_did_well_or_nothing_is_no_signal(told: SourceSummary) -> None:
    assert success_signal("titan007", told) is None


@pytest.mark.parametrize("told", [summary(1, 1), summary(100, 6), summary(100, 0, 6), summary(10, 5, 5)])
def test_a_run_under_95_percent_is_one_that_tells_its_numbers(told: SourceSummary) -> None:
    signal = success_signal("titan007", told)
    assert signal is not None
    assert (signal.subject, signal.severity) == ("titan007", Severity.WARNING)
    assert f"{told.failed} did not come, {told.unreadable} are in quarantine" in signal.message
    assert signal.details["success_rate"] == told.success_rate


def test_a_changed_kind_is_critical_where_nothing_else_can_be_read() -> None:
    for others_read, severity in ((True, Severity.WARNING), (False, Severity.CRITICAL)):
        signal = changed_signal(Source.FBREF, "schedule", "no table", others_read=others_read)
        assert (signal.subject, signal.severity) == ("fbref/schedule", severity)


def test_many_unknown_bookmakers_are_told_in_short_and_kept_in_full() -> None:
    signal = unmapped_signal(Source.TITAN007, [f"B{n}" for n in range(9)])
    assert signal.message.endswith("B0, B1, B2, B3, B4 and 4 more")
    assert len(signal.details["bookmakers"]) == 9
    assert unmapped_signal(Source.TITAN007, ["B"]).message.endswith("source's: B")
