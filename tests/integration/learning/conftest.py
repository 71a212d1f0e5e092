"""A real MLflow server on loopback, one a run."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from src.models.card import ModelRegistry
from src.models.registry_memory import MemoryRegistry
from tests.ports import free_port, running


@pytest.fixture(scope="session")
def mlflow_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("mlflow")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    argv = [
        sys.executable, "-m", "mlflow", "server",
        "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--backend-store-uri", f"sqlite:///{folder}/mlflow.db",
        "--artifacts-destination", str(folder / "artifacts"),
    ]  # fmt: skip
    environment = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "DO_NOT_TRACK": "true"}

    def ready() -> None:
        requests.get(f"{url}/health", timeout=1).raise_for_status()

    with running(argv, ready, env=environment, cwd=folder, start_new_session=True):
        yield url


@pytest.fixture
def memory_registry() -> ModelRegistry:
    return MemoryRegistry()
