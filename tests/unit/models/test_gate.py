import numpy as np
import pytest

from src.models.evaluate import HeldOut, measure, window_length
from src.models.gate import judge

GOOD = {
    "n_eval": 800.0,
    "log_loss": 0.985,
    "base_log_loss": 1.07,
    "delta_base_high": -0.05,
    "n_market": 800.0,
    "market_log_loss": 0.98,
    "model_on_market_log_loss": 0.985,
    "ece": 0.03,
    "delta_champion_high": 0.002,
}


def test_a_good_candidate_passes() -> None:
    assert judge(GOOD, has_champion=True).passed


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"log_loss": 1.08}, "not below that of base rates"),
        ({"model_on_market_log_loss": 1.01}, "1.02 x the bookmakers'"),
        ({"ece": 0.06}, "calibration error 0.0600 is above 0.0583"),
        ({"delta_champion_high": 0.0051}, "may be worse than the champion"),
        ({"n_eval": 299.0}, "too few held-out matches to replace a champion: 299 < 300"),
    ],
)
def test_a_broken_rule_is_named_with_its_numbers(changes: dict[str, float], reason: str) -> None:
    verdict = judge({**GOOD, **changes}, has_champion=True)
    assert not verdict.passed
    assert len(verdict.reasons) == 1
    assert reason in verdict.reasons[0]


def test_a_first_champion_needs_fewer_matches() -> None:
    assert judge({**GOOD, "n_eval": 66.0}, has_champion=False).passed
    assert not judge({**GOOD, "n_eval": 39.0}, has_champion=False).passed


def test_calibration_is_allowed_the_noise_of_few_matches() -> None:
    assert judge({**GOOD, "n_eval": 100.0, "ece": 0.16}, has_champion=False).passed


def test_without_odds_and_champion_base_rates_decide() -> None:
    bare = {name: GOOD[name] for name in ("n_eval", "log_loss", "base_log_loss", "delta_base_high", "ece")}
    assert judge(bare, has_champion=False).passed


@pytest.mark.parametrize(("rows", "window"), [(200, 66), (600, 200), (900, 300), (4000, 800), (7000, 900)])
def test_the_window_grows_with_the_history(rows: int, window: int) -> None:
    assert window_length(rows) == window


@pytest.mark.parametrize("matches", [66, 300, 900])
def test_without_odds_a_model_that_knows_nothing_does_not_pass_by_luck(matches: int) -> None:
    """Of constant models half came in by being luckier than the base rates; of good ones nearly all must."""
    passed = {"good": 0, "constant": 0, "overfit": 0}
    for seed in range(30):
        random = np.random.default_rng(seed)
        strength = random.normal(0, 0.6, matches)
        weights = np.exp(np.stack([1.1 * strength + 0.4, 0 * strength, -1.1 * strength], axis=1))
        truth = weights / weights.sum(axis=1, keepdims=True)
        y = np.array([random.choice(3, p=row) for row in truth])
        overfit = (truth * np.exp(random.normal(0, 0.5, truth.shape))) ** 1.5
        models = {
            "good": truth,
            "constant": np.tile([0.44, 0.26, 0.30], (matches, 1)),
            "overfit": overfit / overfit.sum(axis=1, keepdims=True),
        }
        nothing = np.full((matches, 3), np.nan)
        for name, model in models.items():
            held = HeldOut(
                y=y, model=model, without_odds=model, base=np.tile([0.445, 0.255, 0.30], (matches, 1)),
                opening=nothing, closing=nothing, champion=None,
            )  # fmt: skip
            passed[name] += judge(measure(held), has_champion=False).passed
    assert passed["constant"] <= 4
    assert passed["overfit"] <= 4
    assert passed["good"] >= (18 if matches < 100 else 26)
