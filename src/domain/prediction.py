"""Predictions of a coming match."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Probabilities:
    """Probabilities of home win, draw and away win; they sum to 1."""

    home: float
    draw: float
    away: float


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """One model version's view of one match, with the market's (de-vigged) where there is one.

    `fingerprint` is the hash of the inputs: the same model and inputs make the same prediction.
    """

    match_id: int
    model_name: str
    model_version: str
    features_version: str
    fingerprint: str
    predicted_at: datetime
    model: Probabilities
    market: Probabilities | None
