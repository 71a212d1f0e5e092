from dataclasses import replace

from src.domain.learning import Freshness
from src.domain.signal import Severity
from src.monitoring.freshness import SUBJECTS, freshness_signals

FINE = Freshness(
    finished=100,
    overdue=0,
    next_day=5,
    without_odds=0,
    next_two_days=9,
    without_prediction=0,
    last_match_change=None,
    last_odds=None,
    last_prediction=None,
)


def test_nothing_missing_means_no_signal() -> None:
    assert freshness_signals(FINE) == []


def test_each_subject_has_its_own_signal_with_numbers() -> None:
    found = freshness_signals(replace(FINE, overdue=3, without_odds=2, without_prediction=4))
    assert tuple(signal.subject for signal in found) == SUBJECTS
    assert "2 of 5 matches" in found[1].message
    assert {signal.severity for signal in found} == {Severity.WARNING}


def test_a_whole_round_without_results_is_critical() -> None:
    assert freshness_signals(replace(FINE, overdue=20))[0].severity is Severity.CRITICAL
