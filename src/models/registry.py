"""The model registry on MLflow; no other module knows MLflow."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests

from src.core.errors import BadData, Transient
from src.models.card import CHAMPION, MODEL_NAME, ModelCard, RegisteredModel

#: The card travels as an attribute of the booster, so model and recipe cannot be parted.
_CARD = "matchbeat_card"
_TRAINED_AT = "trained_at"
_MISSING = "RESOURCE_DOES_NOT_EXIST"


@dataclass(frozen=True)
class MlflowRegistry:
    """Runs and versions on the MLflow server at `tracking_uri`; see `card.ModelRegistry`.

    MLflow is imported at the first call (3.5 CPU-seconds, 170 MB).
    """

    tracking_uri: str

    def register(self, booster: Any, card: ModelCard) -> RegisteredModel:
        """Log one run with parameters, metrics and the model, and register it as a new version."""
        import xgboost

        with self._mlflow() as mlflow:
            mlflow.set_tracking_uri(self.tracking_uri)
            mlflow.set_experiment(MODEL_NAME)
            kept = booster.copy()
            kept.set_attr(**{_CARD: card.to_json()})
            with mlflow.start_run(run_name=card.reason) as run:
                mlflow.log_params(_params(card))
                mlflow.log_metrics(dict(card.metrics))
                mlflow.set_tags({"reason": card.reason, "dataset_fingerprint": card.dataset_fingerprint})
                # Without explicit requirements MLflow imports the model in a new process to find them: 6 s.
                logged = mlflow.xgboost.log_model(
                    kept,
                    name="model",
                    registered_model_name=MODEL_NAME,
                    pip_requirements=[f"xgboost-cpu=={xgboost.__version__}"],
                )
            number = str(logged.registered_model_version)
            client = mlflow.MlflowClient(self.tracking_uri)
            client.set_model_version_tag(MODEL_NAME, number, _TRAINED_AT, card.trained_at)
            return RegisteredModel(version=number, run_id=run.info.run_id, card=card, booster=booster)

    def promote(self, version: str) -> None:
        """Move the alias `champion` to `version`."""
        with self._mlflow() as mlflow:
            try:
                mlflow.MlflowClient(self.tracking_uri).set_registered_model_alias(
                    MODEL_NAME, CHAMPION, version
                )
            except mlflow.exceptions.MlflowException as error:
                if error.error_code != _MISSING:
                    raise
                raise BadData(f"the registry has no version {version} of {MODEL_NAME}") from error

    def champion(self) -> RegisteredModel | None:
        """Load the version that the alias points to."""
        with self._mlflow() as mlflow:
            found = self._champion(mlflow)
            if found is None:
                return None
            mlflow.set_tracking_uri(self.tracking_uri)
            booster = mlflow.xgboost.load_model(f"models:/{MODEL_NAME}/{found.version}")
            card = booster.attr(_CARD)
            if card is None:
                raise BadData(
                    f"version {found.version} of {MODEL_NAME} carries no card: it was not registered by "
                    f"Matchbeat; move the alias `{CHAMPION}` to a version that was"
                )
            return RegisteredModel(
                version=str(found.version),
                run_id=str(found.run_id),
                card=ModelCard.from_json(card),
                booster=booster,
            )

    def champion_version(self) -> str | None:
        """Return the version that the alias points to."""
        with self._mlflow() as mlflow:
            found = self._champion(mlflow)
            return None if found is None else str(found.version)

    def last_trained_at(self) -> datetime | None:
        """Return when the newest version was trained, by its own tag."""
        with self._mlflow() as mlflow:
            client = mlflow.MlflowClient(self.tracking_uri)
            found = client.search_model_versions(
                f"name = '{MODEL_NAME}'", max_results=1, order_by=["creation_timestamp DESC"]
            )
            stamp = found[0].tags.get(_TRAINED_AT) if found else None
            return None if stamp is None else datetime.fromisoformat(stamp)

    def _champion(self, mlflow: Any) -> Any:
        try:
            return mlflow.MlflowClient(self.tracking_uri).get_model_version_by_alias(MODEL_NAME, CHAMPION)
        except mlflow.exceptions.MlflowException as error:
            # A model without the alias is an "invalid parameter" to MLflow, an unknown model is missing.
            if error.error_code in {_MISSING, "INVALID_PARAMETER_VALUE"}:
                return None
            raise

    @contextmanager
    def _mlflow(self) -> Iterator[Any]:
        self._check_server()
        # MLflow retries a request for minutes by default; whoever calls us has retries of their own.
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
        os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
        os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
        import mlflow
        import mlflow.xgboost

        try:
            yield mlflow
        except (requests.ConnectionError, requests.Timeout) as error:
            raise Transient(f"MLflow at {self.tracking_uri} went away: {error}") from error

    def _check_server(self) -> None:
        try:
            answer = requests.get(f"{self.tracking_uri.rstrip('/')}/health", timeout=5)
        except requests.RequestException as error:
            raise Transient(f"MLflow at {self.tracking_uri} is not answering: {error}") from error
        if not answer.ok:
            raise Transient(f"MLflow at {self.tracking_uri} answers {answer.status_code} on /health")


def _params(card: ModelCard) -> dict[str, Any]:
    return {
        **card.recipe.params,
        "rounds": card.recipe.rounds,
        "features_version": card.features_version,
        "matches": card.matches,
        "dataset_fingerprint": card.dataset_fingerprint,
    }
