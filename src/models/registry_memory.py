"""The model registry in memory, for tests and for trying things out."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from src.core.errors import BadData
from src.models.card import MODEL_NAME, ModelCard, RegisteredModel


@dataclass
class MemoryRegistry:
    """Keeps versions in a list; see `card.ModelRegistry` for what the calls guarantee."""

    versions: list[RegisteredModel] = field(default_factory=list)
    alias: str | None = None

    def register(self, booster: Any, card: ModelCard) -> RegisteredModel:
        """Keep a new version."""
        number = str(len(self.versions) + 1)
        copy = ModelCard.from_json(card.to_json())
        self.versions.append(
            RegisteredModel(version=number, run_id=f"run-{number}", card=copy, booster=booster.copy())
        )
        return self.versions[-1]

    def promote(self, version: str) -> None:
        """Make `version` the champion."""
        if not any(model.version == version for model in self.versions):
            raise BadData(f"the registry has no version {version} of {MODEL_NAME}")
        self.alias = version

    def champion(self) -> RegisteredModel | None:
        """Return the champion."""
        return next((replace(m) for m in self.versions if m.version == self.alias), None)

    def champion_version(self) -> str | None:
        """Return the champion's version."""
        return self.alias

    def last_trained_at(self) -> datetime | None:
        """Return when the newest version was trained."""
        return datetime.fromisoformat(self.versions[-1].card.trained_at) if self.versions else None
