from dataclasses import replace
from datetime import timedelta

import pytest

from src.core.errors import Misconfigured
from src.domain.entry import ByHand, Cron, Density, Runner
from src.domain.policy import CatchUp, Overlap, Policy
from src.scheduling.catalog import CATALOG, check_catalog, find, missing_deployments
from tests.entries import MINUTELY, NIGHTLY

#: Issue 2's table: entry, cron, runner, priority, limit in minutes.
DECLARED = [
    ("daily-data-collection", "0 2 * * *", Runner.PREFECT, 5, 60),
    ("weekly-model-retraining", "0 3 * * 1", Runner.PREFECT, 8, 120),
    ("emergency-retrain-check", "0 */6 * * *", Runner.CELERY, 9, 30),
    ("data-quality-check", "0 */4 * * *", Runner.CELERY, 6, 20),
    ("performance-monitoring", "0 */6 * * *", Runner.CELERY, 9, 30),
    ("cleanup-old-data", "0 4 * * *", Runner.CELERY, 3, 30),
    ("titan-regular", "0 8 * * *", Runner.PREFECT, 5, 60),
]


@pytest.mark.parametrize(("name", "cron", "runner", "priority", "minutes"), DECLARED)
def test_the_catalog_declares_what_users_know(
    name: str, cron: str, runner: Runner, priority: int, minutes: int
) -> None:
    entry = find(name)
    assert entry.cadence == Cron(expression=cron)
    assert (entry.runner, entry.priority) == (runner, priority)
    assert entry.limit == timedelta(minutes=minutes)


def test_live_collection_follows_the_kickoffs() -> None:
    live = find("titan-live")
    assert (live.runner, live.priority, live.limit) == (Runner.PREFECT, 7, timedelta(minutes=9))
    assert isinstance(live.cadence, Density)
    steps = [(step.matches, step.within_s / 3600, step.every_s / 60) for step in live.cadence.steps]
    assert steps == [(20, 1, 2), (5, 1, 5), (1, 2, 10)]


def test_no_scheduled_entry_runs_beside_itself_or_catches_up_more_than_once() -> None:
    for entry in CATALOG:
        if entry.cadence != ByHand():
            assert entry.policy.overlap in {Overlap.SKIP, Overlap.BUFFER_ONE}
            assert entry.policy.catch_up is CatchUp.LATEST


def test_the_catalog_is_sound() -> None:
    check_catalog(CATALOG)


def test_an_unknown_task_is_refused_by_name() -> None:
    wrong = replace(MINUTELY, target="quality.chek")
    with pytest.raises(
        Misconfigured, match=r"'minutely': unknown task 'quality.chek'; did you mean quality.check"
    ):
        check_catalog([wrong], tasks={"quality.check", "monitoring.performance"})


def test_a_deployment_that_prefect_lacks_is_told_with_the_nearest_names() -> None:
    faults = missing_deployments([NIGHTLY, MINUTELY], {"nightly-deploy"})
    assert list(faults) == ["nightly"]
    assert "'nightly-deployment'; did you mean nightly-deploy?" in faults["nightly"]
    assert missing_deployments([NIGHTLY], {"nightly-deployment"}) == {}


def test_every_fault_is_named_at_once() -> None:
    late = Policy(catch_up_window=timedelta(0))
    wrong = [replace(MINUTELY, priority=10), replace(MINUTELY, limit=timedelta(0), policy=late)]
    with pytest.raises(Misconfigured) as caught:
        check_catalog(wrong)
    assert "priority 10" in str(caught.value)
    assert "declared twice" in str(caught.value)
    assert "limit" in str(caught.value)
    assert "catch_up_window" in str(caught.value)


def test_an_unknown_entry_names_its_neighbours() -> None:
    with pytest.raises(Misconfigured, match="titan-live"):
        find("titan-life")
