"""What `ModelRegistry` guarantees, checked on the fake and on a real MLflow server."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from src.core.errors import BadData, Transient
from src.models import registry as mlflow_registry
from src.models.card import ModelRegistry
from src.models.inference import probabilities
from src.models.registry import MlflowRegistry
from src.models.registry_memory import MemoryRegistry
from src.models.train import DEFAULT_RECIPE, fit
from tests.ports import free_port
from tests.unit.models.made import card, dataset

pytestmark = pytest.mark.integration


@pytest.fixture(params=["memory", "mlflow"])
def registry(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ModelRegistry:
    if request.param == "memory":
        return MemoryRegistry()
    # A name of its own for each test keeps them apart on the one server.
    monkeypatch.setattr(
        mlflow_registry, "MODEL_NAME", f"test-{request.node.name}".replace("[", "-").strip("]")
    )
    return MlflowRegistry(request.getfixturevalue("mlflow_url"))


def test_an_empty_registry_has_no_champion(registry: ModelRegistry) -> None:
    assert registry.champion() is None
    assert registry.champion_version() is None
    assert registry.last_trained_at() is None


def test_a_registered_version_is_not_champion_until_it_is_promoted(registry: ModelRegistry) -> None:
    data = dataset(250)
    booster = fit(DEFAULT_RECIPE, data.x, data.y, np.log(data.opening))
    first = registry.register(booster, card(data))
    assert registry.champion() is None
    registry.promote(first.version)
    registry.promote(first.version)
    later = replace(card(data), trained_at="2026-03-02T12:00:00+00:00", reason="later")
    second = registry.register(booster, later)
    assert int(second.version) > int(first.version)
    assert registry.champion_version() == first.version
    assert registry.last_trained_at() == datetime(2026, 3, 2, 12, tzinfo=UTC)
    registry.promote(second.version)
    assert registry.champion_version() == second.version


def test_the_champion_comes_back_with_its_card_and_says_the_same(registry: ModelRegistry) -> None:
    data = dataset(250)
    margin = np.log(data.opening)
    booster = fit(DEFAULT_RECIPE, data.x, data.y, margin)
    registered = registry.register(booster, card(data))
    registry.promote(registered.version)
    champion = registry.champion()
    assert champion is not None
    assert (champion.version, champion.run_id) == (registered.version, registered.run_id)
    assert champion.card == card(data)
    assert (probabilities(champion.booster, data.x, margin) == probabilities(booster, data.x, margin)).all()


def test_an_unknown_version_cannot_be_promoted(registry: ModelRegistry) -> None:
    data = dataset(250)
    registry.register(fit(DEFAULT_RECIPE, data.x, data.y, np.log(data.opening)), card(data))
    with pytest.raises(BadData, match="no version 99"):
        registry.promote("99")


def test_an_mlflow_that_is_away_is_transient() -> None:
    with pytest.raises(Transient, match="is not answering"):
        MlflowRegistry(f"http://127.0.0.1:{free_port()}").champion()
