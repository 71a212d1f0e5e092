from datetime import UTC, datetime

from src.domain.learning import ScoredPrediction
from src.domain.prediction import Probabilities
from src.monitoring.degradation import LIMIT, degradation

FAIR = Probabilities(home=0.6, draw=0.25, away=0.15)
SWAPPED = Probabilities(home=0.15, draw=0.25, away=0.6)


def said(view: Probabilities, *, version: str = "1", market: Probabilities | None = FAIR) -> ScoredPrediction:
    return ScoredPrediction(
        match_id=1,
        kickoff_utc=datetime(2026, 1, 1, tzinfo=UTC),
        model_name="m",
        model_version=version,
        model=view,
        market=market,
        label=0,
    )


def test_a_model_that_says_what_the_market_says_is_healthy() -> None:
    state = degradation([said(FAIR)] * 500, serving_version="1")
    assert not state.degraded
    assert state.value == 0
    assert state.matches == 500
    assert state.model_log_loss == state.market_log_loss


def test_swapped_sides_are_found_within_ten_matches() -> None:
    assert degradation([said(FAIR)] * 100 + [said(SWAPPED)] * 10, serving_version="1").degraded


def test_an_alarm_stands_while_its_version_serves_and_falls_with_it() -> None:
    history = [said(SWAPPED)] * 10 + [said(FAIR)] * 300
    assert degradation(history, serving_version="1").degraded
    assert not degradation(history, serving_version="2").degraded


def test_the_next_version_starts_from_zero_and_can_fail_too() -> None:
    history = [said(SWAPPED)] * 10 + [said(FAIR, version="2")]
    assert degradation(history, serving_version="2").value == 0
    assert degradation(history + [said(SWAPPED, version="2")] * 10, serving_version="2").degraded


def test_a_slow_drift_adds_up_across_versions() -> None:
    worse = Probabilities(home=0.55, draw=0.28, away=0.17)
    history = [said(worse, version=str(n // 10)) for n in range(40)]
    assert degradation(history, serving_version="3").degraded


def test_predictions_without_a_market_say_nothing() -> None:
    state = degradation([said(SWAPPED, market=None)] * 50, serving_version="1")
    assert (state.matches, state.value, state.model_log_loss) == (0, 0, None)
    assert state.value < LIMIT
