"""Training: dataset, candidate, evaluation on matches it never saw, the gate, the registry.

The gate decides on a held-out window of the most recent matches (docs/adr/0004). The candidate's recipe is
searched and fitted on what came before the window and judged there; a champion is judged by its recipe,
fitted on the same earlier matches, since the champion itself was trained on the window. What is registered is
the accepted recipe fitted on all matches.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from src.core.logging import get_logger
from src.database.learning import learning_rows
from src.domain.summary import TrainingSummary
from src.features.definition import COLUMNS, GROUPS, VERSION
from src.models.card import ModelCard, ModelRegistry, Recipe, RegisteredModel
from src.models.dataset import Dataset, Floats, base_margin, base_rates, build_dataset
from src.models.evaluate import HeldOut, measure, measure_recent, window_length
from src.models.gate import judge
from src.models.inference import probabilities
from src.models.prior import RatingPrior, fit_prior
from src.models.search import search
from src.models.train import fit
from src.pipeline.context import Context
from src.pipeline.model_registry import model_registry
from src.pipeline.refresh import refresh_features

log = get_logger(__name__)

#: A group of features that this share of the training rows had is one the model relies on.
_RELIED_ON = 0.9
_RECENT = timedelta(days=7)
#: The prior stands in for the market, so a model never relies on odds being there.
_REPLACEABLE = "market"


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """A recipe fitted twice: `judged` without the held-out window, `booster` (with `card`) on everything."""

    recipe: Recipe
    judged: Any
    judged_prior: RatingPrior
    booster: Any
    card: ModelCard
    window: int
    search_log_loss: float
    trials: int

    def summary(self) -> dict[str, Any]:
        """Return a JSON-able description."""
        return {
            "reason": self.card.reason,
            "params": dict(self.recipe.params),
            "rounds": self.recipe.rounds,
            "search_log_loss": self.search_log_loss,
            "trials": self.trials,
            "held_out": self.window,
            "matches": self.card.matches,
            "dataset_fingerprint": self.card.dataset_fingerprint,
        }


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Metrics on the held-out window and the gate's verdict; `champion` is the version compared with."""

    metrics: Mapping[str, float]
    passed: bool
    reasons: tuple[str, ...]
    champion: str | None

    def summary(self) -> dict[str, Any]:
        """Return a JSON-able description."""
        return {
            "metrics": dict(self.metrics),
            "passed": self.passed,
            "reasons": list(self.reasons),
            "champion": self.champion,
        }


def retrain(
    ctx: Context, *, reason: str, lookback_days: int | None = None, registry: ModelRegistry | None = None
) -> TrainingSummary:
    """Run the four steps; raise BadData where there is too little to learn from, Transient without MLflow."""
    registry = registry or model_registry(ctx)
    dataset = prepare_dataset(ctx, lookback_days=lookback_days)
    candidate = train_candidate(ctx, dataset, reason=reason, registry=registry)
    evaluation = evaluate_candidate(ctx, dataset, candidate, registry=registry)
    return promote_candidate(ctx, candidate, evaluation, registry=registry)


def prepare_dataset(ctx: Context, *, lookback_days: int | None = None) -> Dataset:
    """Refresh the features and return the played matches, all or those of the last `lookback_days`.

    Raises BadData with the numbers where fewer than 200 matches are usable.
    """
    now = ctx.clock.now()
    refresh_features(ctx)
    since = None if lookback_days is None else now - timedelta(days=lookback_days)
    with ctx.database.session() as session:
        rows = learning_rows(session, VERSION, since=since, until=now)
    dataset = build_dataset(rows, features_version=VERSION, columns=COLUMNS, groups=GROUPS)
    log.info("dataset_prepared", **dataset.summary())
    return dataset


def train_candidate(
    ctx: Context, dataset: Dataset, *, reason: str, registry: ModelRegistry | None = None, trials: int = 10
) -> Candidate:
    """Search a recipe on the matches before the held-out window, the champion's first, and fit it."""
    champion = (registry or model_registry(ctx)).champion()
    window = window_length(len(dataset))
    before = len(dataset) - window
    prior = fit_prior(dataset.x[:before], dataset.y[:before], dataset.columns)
    margin = _margin(dataset, prior)
    found = search(
        dataset.x[:before],
        dataset.y[:before],
        margin[:before],
        trials=trials,
        start_from=champion.card.recipe if champion else None,
    )
    full_prior = fit_prior(dataset.x, dataset.y, dataset.columns)
    candidate = Candidate(
        recipe=found.recipe,
        judged=fit(found.recipe, dataset.x[:before], dataset.y[:before], margin[:before]),
        judged_prior=prior,
        booster=fit(found.recipe, dataset.x, dataset.y, _margin(dataset, full_prior)),
        card=_card(dataset, found.recipe, full_prior, ctx.clock.now(), reason),
        window=window,
        search_log_loss=found.log_loss,
        trials=found.trials,
    )
    log.info("candidate_trained", **candidate.summary())
    return candidate


def _card(dataset: Dataset, recipe: Recipe, prior: RatingPrior, now: datetime, reason: str) -> ModelCard:
    return ModelCard(
        features_version=dataset.features_version,
        columns=dataset.columns,
        required_groups={
            name: tuple(members)
            for name, members in GROUPS.items()
            if name != _REPLACEABLE and dataset.coverage[name] >= _RELIED_ON
        },
        prior=prior,
        recipe=recipe,
        dataset_fingerprint=dataset.fingerprint,
        matches=len(dataset),
        trained_at=now.isoformat(),
        reason=reason,
    )


def evaluate_candidate(
    ctx: Context, dataset: Dataset, candidate: Candidate, *, registry: ModelRegistry | None = None
) -> Evaluation:
    """Measure the candidate on the held-out window, beside the bookmakers and the champion's recipe."""
    champion = (registry or model_registry(ctx)).champion()
    comparable = champion is not None and champion.card.features_version == dataset.features_version
    held = _held_out(dataset, candidate, champion if comparable else None)
    recent = dataset.kickoffs[-candidate.window :] >= np.datetime64(
        (ctx.clock.now() - _RECENT).replace(tzinfo=None), "s"
    )
    metrics = {
        **measure(held),
        **measure_recent(held, recent),
        "search_log_loss": candidate.search_log_loss,
    }
    verdict = judge(metrics, has_champion=champion is not None)
    evaluation = Evaluation(
        metrics=metrics,
        passed=verdict.passed,
        reasons=verdict.reasons,
        champion=champion.version if champion else None,
    )
    log.info("candidate_evaluated", **evaluation.summary())
    return evaluation


def _held_out(dataset: Dataset, candidate: Candidate, champion: RegisteredModel | None) -> HeldOut:
    before = len(dataset) - candidate.window
    x, y = dataset.x, dataset.y
    margin = _margin(dataset, candidate.judged_prior)
    no_odds = candidate.judged_prior.log_probabilities(x[before:], dataset.columns)
    rival = None
    if champion is not None:
        refitted = fit(champion.card.recipe, x[:before], y[:before], margin[:before])
        rival = probabilities(refitted, x[before:], margin[before:])
    return HeldOut(
        y=y[before:],
        model=probabilities(candidate.judged, x[before:], margin[before:]),
        without_odds=probabilities(candidate.judged, x[before:], no_odds),
        base=np.tile(base_rates(y[:before]), (candidate.window, 1)),
        opening=dataset.opening[before:],
        closing=dataset.closing[before:],
        champion=rival,
    )


def _margin(dataset: Dataset, prior: RatingPrior) -> Floats:
    return base_margin(dataset.opening, prior.log_probabilities(dataset.x, dataset.columns))


def promote_candidate(
    ctx: Context, candidate: Candidate, evaluation: Evaluation, *, registry: ModelRegistry | None = None
) -> TrainingSummary:
    """Register the candidate, and make it champion if the gate let it pass.

    A rejected candidate is registered too, so that it can be looked at; the champion stays.
    """
    registry = registry or model_registry(ctx)
    card = replace(candidate.card, metrics=dict(evaluation.metrics))
    registered = registry.register(candidate.booster, card)
    if evaluation.passed:
        registry.promote(registered.version)
    summary = TrainingSummary(
        run_id=registered.run_id,
        model_version=registered.version,
        metrics=dict(evaluation.metrics),
        promoted=evaluation.passed,
        reasons=evaluation.reasons,
        matches=card.matches,
    )
    log.info("candidate_registered", version=summary.model_version, promoted=summary.promoted)
    return summary


__all__ = [
    "Candidate",
    "Dataset",
    "Evaluation",
    "evaluate_candidate",
    "prepare_dataset",
    "promote_candidate",
    "retrain",
    "train_candidate",
]
