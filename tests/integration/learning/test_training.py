from dataclasses import replace
from pathlib import Path

import pytest

from src.core.errors import BadData, Misconfigured
from src.models.card import ModelRegistry
from src.models.registry import MlflowRegistry
from src.pipeline.context import Context
from src.pipeline.predict import predict_upcoming
from src.pipeline.train import (
    evaluate_candidate,
    prepare_dataset,
    promote_candidate,
    retrain,
    train_candidate,
)
from tests.integration.learning.world import fill

pytestmark = pytest.mark.integration

WANTED = {"log_loss", "rps", "accuracy", "ece", "market_log_loss", "market_rps", "base_log_loss", "n_eval"}


def test_a_first_training_makes_a_champion(context: Context, memory_registry: ModelRegistry) -> None:
    fill(context.database, context.clock.now(), finished=480)
    summary = retrain(context, reason="first", registry=memory_registry)
    assert summary.promoted, summary.reasons
    assert summary.metrics.keys() >= WANTED
    assert summary.metrics["log_loss"] < summary.metrics["base_log_loss"]
    champion = memory_registry.champion()
    assert champion is not None
    assert champion.version == summary.model_version
    assert champion.card.metrics == summary.metrics
    assert "market" not in champion.card.required_groups


def test_the_judged_model_has_not_seen_the_window(context: Context, memory_registry: ModelRegistry) -> None:
    """Labels of the window turned round change the verdict on the judged model, and not the model."""
    fill(context.database, context.clock.now(), finished=480)
    dataset = prepare_dataset(context)
    first = train_candidate(context, dataset, reason="a", registry=memory_registry, trials=2)
    turned = dataset.y.copy()
    turned[-first.window :] = 2 - turned[-first.window :]
    other = train_candidate(
        context, replace(dataset, y=turned), reason="b", registry=memory_registry, trials=2
    )
    assert first.recipe == other.recipe
    assert first.judged.save_raw() == other.judged.save_raw()
    assert first.booster.save_raw() != other.booster.save_raw()


def test_a_rejected_candidate_leaves_the_champion(context: Context, memory_registry: ModelRegistry) -> None:
    fill(context.database, context.clock.now(), finished=480)
    first = retrain(context, reason="first", registry=memory_registry)
    dataset = prepare_dataset(context)
    candidate = train_candidate(context, dataset, reason="second", registry=memory_registry, trials=2)
    evaluation = evaluate_candidate(context, dataset, candidate, registry=memory_registry)
    assert evaluation.champion == first.model_version
    assert "delta_champion_high" in evaluation.metrics
    assert not evaluation.passed
    assert "too few held-out matches to replace a champion" in evaluation.reasons[0]
    second = promote_candidate(context, candidate, evaluation, registry=memory_registry)
    assert not second.promoted
    assert second.model_version != first.model_version
    assert memory_registry.champion_version() == first.model_version


def test_the_champions_own_recipe_on_enough_matches_replaces_it(
    context: Context, memory_registry: ModelRegistry
) -> None:
    fill(context.database, context.clock.now(), finished=960)
    retrain(context, reason="first", registry=memory_registry)
    dataset = prepare_dataset(context)
    candidate = train_candidate(context, dataset, reason="weekly", registry=memory_registry, trials=1)
    evaluation = evaluate_candidate(context, dataset, candidate, registry=memory_registry)
    assert evaluation.metrics["n_eval"] >= 300
    assert evaluation.metrics["delta_champion"] == 0
    assert evaluation.passed, evaluation.reasons
    weekly = promote_candidate(context, candidate, evaluation, registry=memory_registry)
    assert memory_registry.champion_version() == weekly.model_version


def test_training_works_without_any_odds(context: Context, memory_registry: ModelRegistry) -> None:
    fill(context.database, context.clock.now(), finished=480, odds=False)
    summary = retrain(context, reason="no odds", registry=memory_registry)
    assert "market_log_loss" not in summary.metrics
    assert summary.promoted, summary.reasons


def test_too_few_matches_are_bad_data(context: Context, memory_registry: ModelRegistry) -> None:
    fill(context.database, context.clock.now(), finished=120)
    with pytest.raises(BadData, match="training needs 200"):
        retrain(context, reason="early", registry=memory_registry)


def test_looking_back_bounds_the_dataset(context: Context) -> None:
    fill(context.database, context.clock.now(), finished=480)
    assert len(prepare_dataset(context, lookback_days=50)) < len(prepare_dataset(context))


def test_without_an_address_of_mlflow_the_setting_is_named(context: Context) -> None:
    with pytest.raises(Misconfigured, match="MLFLOW_TRACKING_URI"):
        retrain(context, reason="nowhere")


def test_the_whole_way_through_a_real_mlflow(context: Context, mlflow_url: str, tmp_path: Path) -> None:
    fill(context.database, context.clock.now(), finished=480, coming=12)
    there = replace(context, settings=context.settings.model_copy(update={"mlflow_tracking_uri": mlflow_url}))
    summary = retrain(there, reason="manual")
    assert summary.promoted, summary.reasons
    assert MlflowRegistry(mlflow_url).champion_version() == summary.model_version
    assert predict_upcoming(there)["predicted"] == 12
