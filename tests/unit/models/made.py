"""A hand-made history of learning rows whose outcomes follow from strengths and whose odds know them."""

from datetime import UTC, datetime, timedelta

import numpy as np

from src.domain.learning import LearningRow
from src.domain.prediction import Probabilities
from src.models.card import ModelCard
from src.models.dataset import Dataset, build_dataset
from src.models.prior import fit_prior
from src.models.train import DEFAULT_RECIPE

COLUMNS = ("elo_diff", "pi_goal_difference", "home_points_10", "away_points_10", "noise")
GROUPS = {
    "ratings": COLUMNS[:2],
    "form": COLUMNS[2:4],
    "market": ("market_home", "market_draw", "market_away"),
}
START = datetime(2024, 8, 1, 15, tzinfo=UTC)


def rows(count: int, *, seed: int = 1, odds: bool = True) -> list[LearningRow]:
    """`count` matches, one every hour; the true probabilities are a logit of the rating difference."""
    random = np.random.default_rng(seed)
    made = []
    for number in range(count):
        difference = float(random.normal(0, 100))
        weights = np.exp([difference / 150 + 0.3, 0.0, -difference / 150])
        true = weights / weights.sum()
        view = Probabilities(home=float(true[0]), draw=float(true[1]), away=float(true[2]))
        values: dict[str, float | None] = {
            "elo_diff": difference + float(random.normal(0, 40)),
            "pi_goal_difference": difference / 100 + float(random.normal(0, 0.4)),
            "home_points_10": None if number % 7 == 0 else 1.4,
            "away_points_10": 1.4,
            "noise": float(random.normal()),
            "market_home": view.home if odds else None,
            "market_draw": view.draw if odds else None,
            "market_away": view.away if odds else None,
        }
        made.append(
            LearningRow(
                match_id=number + 1,
                kickoff_utc=START + timedelta(hours=number),
                values=values,
                label=int(random.choice(3, p=true)),
                closing=view if odds else None,
            )
        )
    return made


def dataset(count: int = 600, *, seed: int = 1, odds: bool = True) -> Dataset:
    return build_dataset(
        rows(count, seed=seed, odds=odds), features_version="v", columns=COLUMNS, groups=GROUPS
    )


def card(data: Dataset, **changes: object) -> ModelCard:
    given: dict[str, object] = {
        "features_version": data.features_version,
        "columns": data.columns,
        "required_groups": {"ratings": GROUPS["ratings"]},
        "prior": fit_prior(data.x, data.y, data.columns),
        "recipe": DEFAULT_RECIPE,
        "dataset_fingerprint": data.fingerprint,
        "matches": len(data),
        "trained_at": "2026-03-01T12:00:00+00:00",
        "reason": "test",
        "metrics": {"log_loss": 0.98},
    }
    return ModelCard(**{**given, **changes})  # type: ignore[arg-type]
