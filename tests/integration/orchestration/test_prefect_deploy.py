"""Prefect's own command on the committed `prefect.yaml`."""

import os
import subprocess
import sys
from typing import Any

import pytest

from src.core.settings import Settings
from src.orchestration.deployments import listing, register
from src.scheduling.entrypoints import CELERY_WORK_POOL, ENTRYPOINTS, source_folder
from tests.prefect_server import PREFECT, QUIET

pytestmark = pytest.mark.integration


def test_prefect_deploy_updates_the_deployments_that_register_made(
    prefect_settings: Settings, prefect_url: str
) -> None:
    registered = register(prefect_settings).deployments
    chosen = f"{prefect_url}/deployments/{registered[0].id}"
    PREFECT.patch(chosen, json={"paused": True}, timeout=10).raise_for_status()
    before = as_stored(prefect_url)
    done = prefect(prefect_url, "--no-prompt", "deploy", "--all")
    assert done.returncode == 0, done.stdout + done.stderr
    after = as_stored(prefect_url)
    # The one difference, which the file and the guides tell: Prefect's command un-pauses.
    assert [one.pop("paused") for one in before] != [one.pop("paused") for one in after]
    assert after == before
    assert {one["name"] for one in after} == set(ENTRYPOINTS)
    assert not any(deployment.paused for deployment in listing(prefect_settings))


def test_a_stock_worker_does_not_start_on_the_celery_pool(
    prefect_settings: Settings, prefect_url: str
) -> None:
    register(prefect_settings)
    done = prefect(
        prefect_url, "worker", "start", "--run-once", "--install-policy", "never", "--pool", CELERY_WORK_POOL
    )
    assert done.returncode == 1
    assert "Unable to start worker" in done.stdout


def test_a_worker_of_another_type_does_not_rewrite_the_template_of_the_celery_pool(
    prefect_settings: Settings, prefect_url: str
) -> None:
    register(prefect_settings)
    pool = f"{prefect_url}/work_pools/{CELERY_WORK_POOL}"
    before = PREFECT.get(pool, timeout=10).json()["base_job_template"]
    name = "by-mistake"
    prefect(
        prefect_url, "worker", "start", "--run-once", "--type", "process", "--name", name,
        "--pool", CELERY_WORK_POOL,
    )  # fmt: skip
    PREFECT.delete(f"{pool}/workers/{name}", timeout=10).raise_for_status()
    assert PREFECT.get(pool, timeout=10).json()["base_job_template"] == before


def as_stored(url: str) -> list[dict[str, Any]]:
    """The deployments as the server holds them, but for when they were updated."""
    body = {"deployments": {"name": {"any_": list(ENTRYPOINTS)}}}
    found = PREFECT.post(f"{url}/deployments/filter", json=body, timeout=10).json()
    # `status` goes with workers that poll, not with who deploys.
    changing = {"updated", "status", "last_polled"}
    rows = [{name: value for name, value in one.items() if name not in changing} for one in found]
    return sorted(rows, key=lambda one: str(one["name"]))


def prefect(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return subprocess.run(
        [sys.executable, "-m", "prefect", *arguments],
        cwd=source_folder(), env=environment | QUIET | {"PREFECT_API_URL": url, "COLUMNS": "200"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
