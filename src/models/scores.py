"""Scores of three-way probabilities; labels are 0 home, 1 draw, 2 away, columns in the same order."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


def log_losses(p: Floats, y: Labels) -> Floats:
    """Return -ln of the probability given to what happened, a match each."""
    return np.asarray(-np.log(np.clip(p[np.arange(len(y)), y], 1e-12, 1.0)), dtype=np.float64)


def ranked_losses(p: Floats, y: Labels) -> Floats:
    """Return the ranked probability score a match each (Epstein 1969), for which a draw lies between."""
    happened = np.eye(3)[y]
    gaps = np.cumsum(p - happened, axis=1)[:, :2]
    return np.asarray((gaps**2).sum(axis=1) / 2, dtype=np.float64)


def calibration_error(p: Floats, y: Labels, bins: int = 10) -> float:
    """Return the expected calibration error: mean over the classes, ten equally wide bins each."""
    happened = np.eye(3)[y]
    total = 0.0
    for column in range(3):
        place = np.minimum((p[:, column] * bins).astype(np.int64), bins - 1)
        gaps = np.bincount(place, p[:, column] - happened[:, column], minlength=bins)
        total += float(np.abs(gaps).sum()) / len(y)
    return total / 3


def scores(p: Floats, y: Labels) -> Mapping[str, float]:
    """Return log-loss, RPS, Brier score (sum over classes), accuracy and ECE of at least one match."""
    happened = np.eye(3)[y]
    return {
        "log_loss": float(log_losses(p, y).mean()),
        "rps": float(ranked_losses(p, y).mean()),
        "brier": float(((p - happened) ** 2).sum(axis=1).mean()),
        "accuracy": float((p.argmax(axis=1) == y).mean()),
        "ece": calibration_error(p, y),
    }


def bootstrap_bounds(differences: Floats, *, resamples: int = 2000, seed: int = 7) -> tuple[float, float]:
    """Return the 2.5 % and 97.5 % quantiles of the mean of paired differences, resampled by match."""
    draws = np.random.default_rng(seed).integers(0, len(differences), (resamples, len(differences)))
    low, high = np.quantile(differences[draws].mean(axis=1), (0.025, 0.975))
    return float(low), float(high)
