"""What is known about a model, the recipe that makes it, and the port of the registry that keeps it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Protocol, Self

from src.models.prior import RatingPrior

#: The name in the registry, and the alias of the version that serves.
MODEL_NAME = "matchbeat-1x2"
CHAMPION = "champion"


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Parameters and number of rounds: with a dataset they make the same model again."""

    params: Mapping[str, float]
    rounds: int


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """All that serving and the next training need besides the trees; it travels inside the model file.

    `required_groups` are the feature groups that nearly all its training rows had: without one of them the
    model must not be asked. `prior` starts a match without odds. Times are aware UTC, in ISO form.
    """

    features_version: str
    columns: tuple[str, ...]
    required_groups: Mapping[str, tuple[str, ...]]
    prior: RatingPrior
    recipe: Recipe
    dataset_fingerprint: str
    matches: int
    trained_at: str
    reason: str
    metrics: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the card as JSON text."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a card back."""
        raw: dict[str, Any] = json.loads(text)
        raw["columns"] = tuple(raw["columns"])
        raw["prior"] = RatingPrior.from_mapping(raw["prior"])
        raw["required_groups"] = {name: tuple(group) for name, group in raw["required_groups"].items()}
        raw["recipe"] = Recipe(**raw["recipe"])
        return cls(**raw)


@dataclass(frozen=True, kw_only=True, eq=False)
class RegisteredModel:
    """A version as the registry gives it back; `booster` is an `xgboost.Booster`."""

    version: str
    run_id: str
    card: ModelCard
    booster: Any


class ModelRegistry(Protocol):
    """Keeps the versions of the one model and says which of them is champion.

    Versions are given in growing order and never change. All calls raise Transient where the registry is
    away.
    """

    def register(self, booster: Any, card: ModelCard) -> RegisteredModel:
        """Keep a new version with its parameters, metrics and dataset fingerprint; it is not champion yet."""
        ...

    def promote(self, version: str) -> None:
        """Make `version` the champion. Raises BadData for a version that is not there."""
        ...

    def champion(self) -> RegisteredModel | None:
        """Return the champion, None as long as no version has been promoted."""
        ...

    def champion_version(self) -> str | None:
        """Return the champion's version without loading it."""
        ...

    def last_trained_at(self) -> datetime | None:
        """Return when the newest version, champion or not, was trained; None when there is none."""
        ...
