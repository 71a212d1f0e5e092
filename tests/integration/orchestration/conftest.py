"""A real Prefect server a session, and use cases pointed at a small upstream."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from src.core.settings import Settings
from src.database.connection import get_database
from src.orchestration.flows import collection_tasks
from tests.integration.orchestration.upstream import Upstream
from tests.prefect_server import QUIET
from tests.process_caches import forget


@pytest.fixture
def prefect_settings(prefect_url: str) -> Settings:
    return Settings(_env_file=None, prefect_api_url=prefect_url)  # type: ignore[call-arg]


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """The sources' hosts, healthy and without a match until a test says otherwise."""
    with Upstream() as served:
        yield served


@pytest.fixture
def in_flow(
    prefect_url: str,
    database_url: str,
    redis_url: str,
    upstream: Upstream,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[None]:
    """Make this process what a flow run's process is: environment, caches and Prefect's own settings."""
    from prefect.settings import PREFECT_API_URL, temporary_settings

    values = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "MATCHBEAT_HOME": str(tmp_path),
        "FOTMOB_BASE_URL": f"{upstream.url}/fotmob",
        "FBREF_BASE_URL": f"{upstream.url}/fbref",
        "FBREF_INTERVAL_SECONDS": "0",
        "TITAN_EURO_URL": f"{upstream.url}/titan/euro",
        "TITAN_PAGES_URL": f"{upstream.url}/titan/pages",
        "TITAN_DAYS_URL": f"{upstream.url}/titan/days",
        "MLFLOW_TRACKING_URI": f"{upstream.url}/mlflow",
        "TITAN_RATE_LIMIT_QPS": "1000",
        "TITAN_MAX_RETRIES": "0",
        "TITAN_RETRY_DELAY_SECONDS": "0",
    } | QUIET
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    forget()
    for source in (collection_tasks.fixtures, collection_tasks.details, collection_tasks.schedules):
        monkeypatch.setattr(source, "retry_delay_seconds", [0.0] * 3)
    with temporary_settings({PREFECT_API_URL: prefect_url}):
        yield
    get_database().close()
    forget()
