"""How a model did on matches it never saw, beside the bookmakers and the champion."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from src.models.dataset import Floats, Labels, known
from src.models.scores import bootstrap_bounds, log_losses, scores


@dataclass(frozen=True, kw_only=True, eq=False)
class HeldOut:
    """The matches of the window with everybody's probabilities; `closing` and `opening` may have NaN rows.

    `without_odds` is the model's own view with the odds taken away; `champion` is None where there is no
    champion to compare with.
    """

    y: Labels
    model: Floats
    without_odds: Floats
    base: Floats
    opening: Floats
    closing: Floats
    champion: Floats | None


def window_length(rows: int) -> int:
    """Return how many of the most recent matches are held out: a fifth, 300 to 900 where there are enough.

    Below 900 matches a third at most is held out, since learning needs the rest.
    """
    return min(900, max(rows // 5, min(300, rows // 3)))


def measure(held: HeldOut) -> dict[str, float]:
    """Return the metrics of the model and of what it is measured against.

    `market_…` is the closing odds where there are any, else the opening; `model_on_market_…` is the model on
    the same matches. `delta_base_high` is the upper 95 % bound of model minus base rates.
    `delta_champion` is model minus champion in log-loss with its 95 % bootstrap bounds.
    """
    market = np.where(known(held.closing)[:, None], held.closing, held.opening)
    metrics: dict[str, float] = {"n_eval": float(len(held.y)), **scores(held.model, held.y)}
    metrics["base_log_loss"] = scores(held.base, held.y)["log_loss"]
    _, metrics["delta_base_high"] = bootstrap_bounds(
        log_losses(held.model, held.y) - log_losses(held.base, held.y)
    )
    metrics["no_odds_log_loss"] = scores(held.without_odds, held.y)["log_loss"]
    for name, views in (("market", market), ("opening", held.opening), ("closing", held.closing)):
        metrics |= _beside(name, views, held)
    if held.champion is not None:
        delta = log_losses(held.model, held.y) - log_losses(held.champion, held.y)
        low, high = bootstrap_bounds(delta)
        metrics["champion_log_loss"] = scores(held.champion, held.y)["log_loss"]
        metrics |= {
            "delta_champion": float(delta.mean()),
            "delta_champion_low": low,
            "delta_champion_high": high,
        }
    return metrics


def _beside(name: str, views: Floats, held: HeldOut) -> Mapping[str, float]:
    there: NDArray[np.bool_] = known(views)
    metrics = {f"n_{name}": float(there.sum())}
    if not there.any():
        return metrics
    theirs, ours = scores(views[there], held.y[there]), scores(held.model[there], held.y[there])
    metrics |= {f"{name}_{key}": theirs[key] for key in ("log_loss", "rps", "accuracy", "ece", "brier")}
    metrics |= {f"model_on_{name}_{key}": ours[key] for key in ("log_loss", "rps")}
    return metrics


def measure_recent(held: HeldOut, recent: NDArray[np.bool_]) -> dict[str, float]:
    """Return the metrics of the last days alone, to be reported and never to decide on: they are too few."""
    metrics = {"last_days_n": float(recent.sum())}
    if not recent.any():
        return metrics
    market = np.where(known(held.closing)[:, None], held.closing, held.opening)
    metrics |= {
        f"last_days_{k}": v for k, v in scores(held.model[recent], held.y[recent]).items() if k != "ece"
    }
    there = recent & known(market)
    if there.any():
        metrics["last_days_market_log_loss"] = scores(market[there], held.y[there])["log_loss"]
    return metrics
