"""A small search for the recipe: a seeded TPE over time-ordered folds."""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from src.models.card import Recipe
from src.models.dataset import Floats, Labels
from src.models.train import DEFAULT_RECIPE, SEED, booster_params

_MOST_ROUNDS = 300
_PATIENCE = 25


@dataclass(frozen=True, kw_only=True)
class SearchResult:
    """The best recipe, its mean log-loss over the folds, and how many recipes were tried."""

    recipe: Recipe
    log_loss: float
    trials: int


def time_folds(rows: int, folds: int) -> list[tuple[int, int]]:
    """Return (end of training, end of validation) pairs: later blocks validate what earlier rows teach.

    The first two fifths only ever train; the rest is cut into `folds` blocks of equal length.
    """
    cuts = np.linspace(rows * 2 // 5, rows, folds + 1).astype(int)
    return [(int(start), int(end)) for start, end in pairwise(cuts)]


def search(
    x: NDArray[np.float32],
    y: Labels,
    margin: Floats,
    *,
    trials: int = 10,
    folds: int = 4,
    start_from: Recipe | None = None,
    seed: int = SEED,
) -> SearchResult:
    """Return the best recipe for rows in time order; the same rows and seed find the same one.

    The trials run one after another, which TPE needs to be reproducible; the folds of a trial run in threads
    on matrices that are binned once. `start_from` (the champion's recipe) is tried first, then the default.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    matrices = [_fold_matrices(x, y, margin, end, stop) for end, stop in time_folds(len(y), folds)]
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=5))
    for recipe in (start_from, DEFAULT_RECIPE):
        if recipe is not None:
            study.enqueue_trial(dict(recipe.params), skip_if_exists=True)
    with ThreadPoolExecutor(max_workers=min(folds, os.cpu_count() or 1)) as pool:

        def objective(trial: Any) -> float:
            params = booster_params(_suggest(trial))
            curves = list(pool.map(lambda pair: _curve(params, *pair), matrices))
            mean = np.mean([curve[: min(map(len, curves))] for curve in curves], axis=0)
            trial.set_user_attr("rounds", int(mean.argmin()) + 1)
            return float(mean.min())

        study.optimize(objective, n_trials=trials)
    best = study.best_trial
    return SearchResult(
        recipe=Recipe(params=dict(best.params), rounds=best.user_attrs["rounds"]),
        log_loss=float(best.value),
        trials=len(study.trials),
    )


def _suggest(trial: Any) -> Mapping[str, float]:
    return {
        "max_depth": trial.suggest_int("max_depth", 2, 5),
        "eta": trial.suggest_float("eta", 0.005, 0.15, log=True),
        "min_child_weight": trial.suggest_float("min_child_weight", 3.0, 150.0, log=True),
        "lambda": trial.suggest_float("lambda", 0.5, 100.0, log=True),
        "subsample": trial.suggest_float("subsample", 0.5, 1.0),
        "colsample_bytree": trial.suggest_float("colsample_bytree", 0.2, 1.0),
    }


def _fold_matrices(x: NDArray[np.float32], y: Labels, margin: Floats, end: int, stop: int) -> tuple[Any, Any]:
    import xgboost

    bins = booster_params(DEFAULT_RECIPE.params)["max_bin"]
    train = xgboost.QuantileDMatrix(x[:end], y[:end], base_margin=margin[:end], max_bin=bins, nthread=1)
    # Without `ref` and the same max_bin the validation rows would be binned by their own quantiles.
    valid = xgboost.QuantileDMatrix(
        x[end:stop], y[end:stop], base_margin=margin[end:stop], ref=train, max_bin=bins, nthread=1
    )
    return train, valid


def _curve(params: dict[str, Any], train: Any, valid: Any) -> list[float]:
    import xgboost

    history: dict[str, dict[str, list[float]]] = {}
    xgboost.train(
        params,
        train,
        num_boost_round=_MOST_ROUNDS,
        evals=[(valid, "valid")],
        evals_result=history,
        early_stopping_rounds=_PATIENCE,
        verbose_eval=False,
    )
    return history["valid"]["mlogloss"]
