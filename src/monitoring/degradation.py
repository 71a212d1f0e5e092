"""Whether the serving model has fallen behind the market: a one-sided CUSUM (Page 1954) on log-losses.

The market scores the same matches, so a hard week costs both alike and the difference stays small. Drawn
with replacement from 900 real matches, a healthy model against closing odds raises a false alarm in 2 % of
pairs of seasons; swapped home and away are found after 7 matches, an overfit model after 14, base rates
after 26, a model that has lost its odds after 160 (medians).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from src.domain.learning import ScoredPrediction
from src.domain.prediction import Probabilities

#: A match adds its difference less this allowance; a healthy model loses .002 to .003 to closing odds.
ALLOWANCE = 0.01
#: The sum at which the model counts as degraded, in log-loss.
LIMIT = 3.0


@dataclass(frozen=True, kw_only=True)
class Degradation:
    """The state of the sum after the last match; `matches` are those that had a market to compare with."""

    degraded: bool
    value: float
    matches: int
    model_log_loss: float | None
    market_log_loss: float | None


def log_loss(view: Probabilities, label: int) -> float:
    """Return -ln of the probability given to the outcome `label` (0 home, 1 draw, 2 away)."""
    return -math.log(max((view.home, view.draw, view.away)[label], 1e-12))


def degradation(scored: Sequence[ScoredPrediction], *, serving_version: str | None) -> Degradation:
    """Run the sum over scored predictions in kick-off order, across versions.

    An alarm stands until matches of another version come in, and then the sum starts from zero; an alarm
    that one version raised says nothing of the version that serves now.
    """
    total, alarmed_version = 0.0, None
    ours: list[float] = []
    theirs: list[float] = []
    for prediction in scored:
        if prediction.market is None:
            continue
        ours.append(log_loss(prediction.model, prediction.label))
        theirs.append(log_loss(prediction.market, prediction.label))
        if alarmed_version is not None:
            if prediction.model_version == alarmed_version:
                continue
            total, alarmed_version = 0.0, None
        total = max(0.0, total + ours[-1] - theirs[-1] - ALLOWANCE)
        if total > LIMIT:
            alarmed_version = prediction.model_version
    return Degradation(
        degraded=alarmed_version is not None and alarmed_version == serving_version,
        value=total,
        matches=len(ours),
        model_log_loss=_mean(ours),
        market_log_loss=_mean(theirs),
    )


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
