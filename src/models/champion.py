"""What the registry says of the champion, over MLflow's REST API: nothing is imported, nothing is loaded."""

from dataclasses import asdict, dataclass
from typing import Any

import requests

from src.core.errors import Transient
from src.core.logging import redact
from src.models.card import CHAMPION, MODEL_NAME

#: MLflow's error codes for a name, and for an alias, that is not there.
_MISSING = {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}


@dataclass(frozen=True, kw_only=True)
class Champion:
    """The serving version and its metrics; `trained_at` is an ISO time in UTC where the version has one."""

    name: str
    version: str
    run_id: str
    trained_at: str | None
    metrics: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-able mapping."""
        return asdict(self)


def read_champion(tracking_uri: str, timeout_s: float = 2.0) -> Champion | None:
    """Return the champion, None where no version has been promoted; raise Transient where MLflow is away."""
    found = _get(tracking_uri, "registered-models/alias", {"name": MODEL_NAME, "alias": CHAMPION}, timeout_s)
    if found is None:
        return None
    version = found["model_version"]
    run_id = str(version.get("run_id") or "")
    run = _get(tracking_uri, "runs/get", {"run_id": run_id}, timeout_s) if run_id else None
    tags = {tag["key"]: tag["value"] for tag in version.get("tags", [])}
    metrics = run["run"].get("data", {}).get("metrics", []) if run else []
    return Champion(
        name=MODEL_NAME,
        version=str(version["version"]),
        run_id=run_id,
        trained_at=tags.get("trained_at"),
        metrics={metric["key"]: float(metric["value"]) for metric in metrics},
    )


def _get(tracking_uri: str, path: str, query: dict[str, str], timeout_s: float) -> dict[str, Any] | None:
    url = f"{tracking_uri.rstrip('/')}/api/2.0/mlflow/{path}"
    try:
        answer = requests.get(url, params=query, timeout=timeout_s)
        body: dict[str, Any] = answer.json()
    except requests.RequestException as error:
        raise Transient(f"MLflow at {tracking_uri} is not answering: {redact(str(error))}") from error
    if answer.ok:
        return body
    if body.get("error_code") in _MISSING:
        return None
    raise Transient(f"MLflow at {tracking_uri} answers {answer.status_code}: {body.get('error_code')}")
