"""Probabilities from a fitted model."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from src.domain.prediction import Probabilities
from src.models.card import ModelCard
from src.models.dataset import Floats, Values, base_margin, feature_matrix, opening_matrix


def probabilities(booster: Any, x: NDArray[np.float32], margin: Floats) -> Floats:
    """Return one row (home, draw, away) a match in float64; each sums to 1 within 1e-12."""
    import xgboost

    raw = booster.predict(xgboost.DMatrix(x, base_margin=margin, nthread=1))
    p = np.asarray(raw, dtype=np.float64).reshape(-1, 3)
    return np.asarray(p / p.sum(axis=1, keepdims=True), dtype=np.float64)


def predict(booster: Any, card: ModelCard, values: Sequence[Values]) -> list[Probabilities]:
    """Return the model's view of matches described by feature values of its own version."""
    if not values:
        return []
    x = feature_matrix(values, card.columns)
    margin = base_margin(opening_matrix(values), card.prior.log_probabilities(x, card.columns))
    p = probabilities(booster, x, margin)
    return [Probabilities(home=home, draw=draw, away=away) for home, draw, away in p.tolist()]


def missing_groups(card: ModelCard, values: Values) -> tuple[str, ...]:
    """Return the feature groups the model needs and these values lack entirely."""
    return tuple(
        group
        for group, members in card.required_groups.items()
        if all(values.get(name) is None for name in members)
    )
