"""What the outcomes of several sources add up to."""

import pytest
from prefect.states import Failed

from src.core.errors import BadData, SourceChanged, Transient
from src.domain.summary import QualityReport, SourceSummary
from src.orchestration.flows.collection_tasks import (
    NothingArrived,
    Step,
    arrived,
    details,
    fixtures,
    refuse_nothing,
    schedules,
    told,
)
from src.orchestration.flows.envelope import is_transient, limit_s
from src.orchestration.flows.pausing import Stopped, until_paused
from src.orchestration.flows.refinement_tasks import require_quality
from src.pipeline.progress import PauseRequested
from src.scheduling.catalog import CATALOG

GOOD = SourceSummary(source="fotmob", requested=13, fetched=13, changed=40)
IDLE = SourceSummary(source="fotmob")
BROKEN = SourceSummary(source="fbref", requested=5, failed=5, error="503")
UNREADABLE = SourceSummary(source="fbref", requested=5, fetched=5, quarantined=5, error="no such table")


def test_one_good_source_is_enough() -> None:
    refuse_nothing({Step.FIXTURES: GOOD, Step.SCHEDULES: BROKEN})


def test_nothing_asked_for_is_well() -> None:
    refuse_nothing({Step.ODDS: IDLE})


@pytest.mark.parametrize(
    "outcomes",
    [
        {Step.FIXTURES: BROKEN, Step.SCHEDULES: UNREADABLE},
        {Step.DETAILS: IDLE, Step.SCHEDULES: BROKEN},
    ],
)
def test_a_run_that_brought_nothing_is_refused(outcomes: dict[Step, SourceSummary]) -> None:
    with pytest.raises(Transient, match="nothing was collected"):
        refuse_nothing(outcomes)


def test_nothing_fetched_is_raised_and_nothing_readable_is_not() -> None:
    assert arrived(UNREADABLE) is UNREADABLE
    with pytest.raises(NothingArrived) as raised:
        arrived(BROKEN)
    assert raised.value.summary is BROKEN


def test_the_line_on_a_run_names_counts_and_errors() -> None:
    line = told({Step.FIXTURES: GOOD, Step.SCHEDULES: BROKEN})
    assert line == "fotmob-fixtures 13 of 13, 40 changed; fbref failed (503)"


@pytest.mark.parametrize(
    ("error", "again"), [(Transient("x"), True), (NothingArrived(BROKEN), True), (SourceChanged("x"), False)]
)
def test_only_what_heals_by_waiting_is_tried_again(error: Exception, again: bool) -> None:
    assert is_transient(None, None, Failed(data=error)) is again  # type: ignore[arg-type]


def test_each_source_has_its_own_limit_and_three_more_tries() -> None:
    assert [task.timeout_seconds for task in (fixtures, details, schedules)] == [300, 600, 900]
    for task in (fixtures, details, schedules):
        assert task.retries == 3
        assert task.retry_delay_seconds == [2, 4, 8]


def test_flow_limits_are_the_catalogs() -> None:
    for entry in CATALOG:
        assert limit_s(entry.name) == entry.limit.total_seconds()


def _report(checked: int, passed: int) -> QualityReport:
    score = passed / checked if checked else 1.0
    return QualityReport(
        subject="matches", checked=checked, passed=passed, score=score, failures={"odds_sum": 3, "score": 9}
    )


def test_quality_at_the_minimum_is_enough() -> None:
    require_quality(_report(100, 85), 0.85)


def test_poor_quality_is_refused_with_its_numbers() -> None:
    with pytest.raises(
        BadData, match=r"0\.840 \(84 of 100 .*below 0\.85; failures by rule: score 9, odds_sum 3"
    ):
        require_quality(_report(100, 84), 0.85)


def test_nothing_to_judge_is_refused() -> None:
    with pytest.raises(BadData, match="collect data"):
        require_quality(_report(0, 0), 0.85)


def test_a_task_that_stops_for_a_pause_has_not_failed() -> None:
    def pauses() -> SourceSummary:
        raise PauseRequested("fbref pauses", GOOD)

    assert until_paused(pauses) == Stopped(GOOD)
    assert until_paused(lambda: GOOD) is GOOD
