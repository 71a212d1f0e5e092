import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.models.scores import bootstrap_bounds, calibration_error, log_losses, ranked_losses, scores

SURE = np.array([[1.0, 0.0, 0.0]])


def test_a_sure_and_right_forecast_costs_nothing() -> None:
    assert log_losses(SURE, np.array([0]))[0] == 0
    assert ranked_losses(SURE, np.array([0]))[0] == 0


def test_the_ranked_loss_forgives_a_draw_more_than_a_defeat() -> None:
    assert ranked_losses(SURE, np.array([1]))[0] == 0.5
    assert ranked_losses(SURE, np.array([2]))[0] == 1.0


def test_base_rates_are_calibrated_and_a_boaster_is_not() -> None:
    y = np.array([0, 0, 1, 2] * 100)
    assert calibration_error(np.tile([0.5, 0.25, 0.25], (400, 1)), y) == pytest.approx(0)
    assert calibration_error(np.tile(SURE, (400, 1)), y) == pytest.approx((0.5 + 0.25 + 0.25) / 3)


@given(st.lists(st.tuples(*[st.floats(0.01, 1)] * 3), min_size=1, max_size=20))
def test_scores_stay_in_their_ranges(raw: list[tuple[float, float, float]]) -> None:
    p = np.array(raw) / np.array(raw).sum(axis=1, keepdims=True)
    found = scores(p, np.arange(len(raw)) % 3)
    assert found["log_loss"] > 0
    assert 0 <= found["rps"] <= 1
    assert 0 <= found["brier"] <= 2
    assert 0 <= found["ece"] <= 1


def test_bootstrap_bounds_are_reproducible_and_hold_the_mean() -> None:
    differences = np.random.default_rng(3).normal(0.01, 0.05, 500)
    low, high = bootstrap_bounds(differences)
    assert (low, high) == bootstrap_bounds(differences)
    assert low < differences.mean() < high
    assert high - low == pytest.approx(2 * 1.96 * 0.05 / 500**0.5, rel=0.2)
