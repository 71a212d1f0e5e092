from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from src.monitoring.retraining import Situation, decide, is_about_data

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CALM = Situation(
    champion_version="3", last_trained_at=NOW - timedelta(days=5), played=3000, degraded=False, stale=()
)


def test_a_healthy_champion_is_left_alone() -> None:
    assert not decide(CALM, NOW).retrain


@pytest.mark.parametrize(
    ("situation", "reason"),
    [
        (replace(CALM, champion_version=None, last_trained_at=None), "no champion"),
        (replace(CALM, degraded=True), "champion 3 has fallen behind"),
        (replace(CALM, last_trained_at=NOW - timedelta(days=31)), "no training for 31 days"),
    ],
)
def test_what_asks_for_a_training(situation: Situation, reason: str) -> None:
    decision = decide(situation, NOW)
    assert decision.retrain
    assert reason in decision.reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"played": 120}, "only 120 matches"),
        ({"stale": {"freshness:results"}}, "the data comes first: freshness:results"),
        ({"last_trained_at": NOW - timedelta(hours=23)}, "the last training was at"),
    ],
)
def test_what_holds_a_training_back(changes: dict[str, object], reason: str) -> None:
    decision = decide(replace(CALM, degraded=True, **changes), NOW)  # type: ignore[arg-type]
    assert not decision.retrain
    assert reason in decision.reason


@pytest.mark.parametrize(
    ("kind", "severity", "expected"),
    [
        ("low_quality", "warning", True),
        ("source_changed", "critical", True),
        ("freshness", "warning", False),
        ("model_degraded", "critical", False),
    ],
)
def test_which_signals_are_about_the_data(kind: str, severity: str, expected: bool) -> None:
    assert is_about_data(kind, severity) is expected
