"""The model registry of a context."""

from src.models.card import ModelRegistry
from src.models.registry import MlflowRegistry
from src.pipeline.context import Context


def model_registry(ctx: Context) -> ModelRegistry:
    """Return the registry on the context's MLflow; raise Misconfigured where no address is known."""
    return MlflowRegistry(ctx.settings.require_mlflow_tracking_uri())
