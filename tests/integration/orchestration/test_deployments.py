"""Registration on a real Prefect server."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from src.cli.flows import app
from src.core.errors import Misconfigured, Transient
from src.core.settings import Settings
from src.domain.entry import FlowRunner
from src.orchestration.declared import project_version
from src.orchestration.deployments import Deployment, listing, register
from src.orchestration.work_pools import CELERY_POOL_TYPE
from src.scheduling import entrypoints
from src.scheduling.catalog import CATALOG, find
from src.scheduling.entrypoints import CELERY_WORK_POOL, ENTRYPOINTS, WORK_POOL
from tests.ports import free_port
from tests.prefect_server import PREFECT

pytestmark = pytest.mark.integration

IN_POOL = replace(find("titan-live"), flow_runner=FlowRunner.POOL)
ON_CELERY = replace(find("titan-live"), flow_runner=FlowRunner.CELERY)


@pytest.fixture
def restored(prefect_settings: Settings) -> Iterator[None]:
    """Leave the shared server as other tests expect it."""
    yield
    register(prefect_settings)


def test_every_prefect_entry_becomes_a_deployment_without_a_schedule(prefect_settings: Settings) -> None:
    registered = register(prefect_settings)
    assert registered.broken == []
    assert {deployment.name for deployment in registered.deployments} == set(ENTRYPOINTS)
    for deployment in registered.deployments:
        held, entry = stored(prefect_settings, deployment), find(deployment.entry or "")
        assert held["schedules"] == []
        assert held["parameters"] == entry.parameters
        assert held["enforce_parameter_schema"] is True
        assert set(entry.parameters) <= set(held["parameter_openapi_schema"]["properties"])
        assert held["tags"] == ["matchbeat", f"entry:{entry.name}"]
        assert held["entrypoint"] == ENTRYPOINTS[deployment.name]
        assert held["work_queue_name"] == entry.queue
        assert (
            "(UTC)" in held["description"] or "by hand" in held["description"] or entry.name == "titan-live"
        )


def test_a_flow_of_the_pool_runs_one_at_a_time_and_the_ledger_decides_for_one_on_celery(
    prefect_settings: Settings, restored: None
) -> None:
    (in_pool,) = register(prefect_settings, [IN_POOL]).deployments
    held = stored(prefect_settings, in_pool)
    assert (in_pool.pool, in_pool.concurrency_limit) == (WORK_POOL, 1)
    assert held["concurrency_options"]["collision_strategy"] == "ENQUEUE"
    assert held["job_variables"] == {"command": "python -m prefect.engine"}
    (on_celery,) = register(prefect_settings, [ON_CELERY]).deployments
    held = stored(prefect_settings, on_celery)
    assert (on_celery.id, on_celery.pool, on_celery.concurrency_limit) == (in_pool.id, CELERY_WORK_POOL, None)
    assert (held["concurrency_options"], held["job_variables"]) == (None, {})


def test_a_limit_of_prefect_misses_the_runs_of_beat_and_holds_back_those_by_hand(
    prefect_settings: Settings, restored: None
) -> None:
    url = prefect_settings.require_prefect_api_url()
    (deployment,) = register(prefect_settings, [IN_POOL]).deployments
    of_beat = [new_run(url, deployment, "PENDING") for _ in range(2)]
    assert [set_state(url, run, "RUNNING")["status"] for run in of_beat] == ["ACCEPT", "ACCEPT"]
    by_hand = [new_run(url, deployment, "SCHEDULED") for _ in range(2)]
    first, second = (set_state(url, run, "PENDING") for run in by_hand)
    assert (first["status"], second["status"]) == ("ACCEPT", "REJECT")
    assert second["state"]["name"] == "AwaitingConcurrencySlot"
    again = datetime.fromisoformat(second["state"]["state_details"]["scheduled_time"])
    asked = datetime.fromisoformat(second["state"]["timestamp"])
    assert timedelta(seconds=25) < again - asked < timedelta(seconds=35)
    register(prefect_settings, [ON_CELERY])
    assert set_state(url, by_hand[1], "PENDING")["status"] == "ACCEPT"
    for run in (*of_beat, *by_hand):
        PREFECT.delete(f"{url}/flow_runs/{run}", timeout=10).raise_for_status()


def test_the_queue_of_the_most_urgent_entry_is_the_first_of_its_pool(
    prefect_settings: Settings, restored: None
) -> None:
    register(prefect_settings)
    assert queues(prefect_settings, CELERY_WORK_POOL) == ["data_collection", "default"]
    assert queues(prefect_settings, WORK_POOL)[0] == "scheduler"
    urgent = replace(find("titan-regular"), priority=9, queue="a_new_queue")
    register(prefect_settings, [entry for entry in CATALOG if entry.name != urgent.name] + [urgent])
    assert queues(prefect_settings, CELERY_WORK_POOL)[:2] == ["a_new_queue", "data_collection"]


def test_registering_again_keeps_ids(prefect_settings: Settings) -> None:
    first, second = register(prefect_settings), register(prefect_settings)
    assert first == second
    assert sorted(first.deployments, key=lambda deployment: deployment.name) == listing(prefect_settings)


def test_what_an_operator_paused_stays_paused(prefect_settings: Settings) -> None:
    chosen = register(prefect_settings).deployments[0]
    url = prefect_settings.require_prefect_api_url()
    places = [f"deployments/{chosen.id}", f"work_pools/{CELERY_WORK_POOL}"]
    places.append(f"{places[1]}/queues/{chosen.queue}")
    try:
        pause(url, places, wanted=True)
        assert register(prefect_settings).deployments[0].paused
        assert all(is_paused(url, place) for place in places)
    finally:
        pause(url, places, wanted=False)
    assert not register(prefect_settings).deployments[0].paused
    assert not any(is_paused(url, place) for place in places)


def test_a_module_that_does_not_import_stops_only_its_own_entries(
    prefect_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    in_flow: None,
    prefect_url: str,
) -> None:
    (tmp_path / "broken.py").write_text("import prefect\n\nprice = 1 / 0\n")
    monkeypatch.setitem(entrypoints.ENTRYPOINTS, "titan-live-deployment", f"{tmp_path}/broken.py:flow")
    registered = register(prefect_settings)
    assert {one.name for one in registered.deployments} == set(ENTRYPOINTS) - {"titan-live-deployment"}
    (module,) = registered.broken
    assert module.deployments == ["titan-live-deployment"]
    assert "ZeroDivisionError: division by zero" in module.error
    assert "broken.py line 3" in module.error
    result = CliRunner().invoke(app, ["register", "--json"], env={"PREFECT_API_URL": prefect_url})
    assert result.exit_code == 1
    assert json.loads(result.stdout)["broken"][0]["module"] == f"{tmp_path}/broken.py"
    assert "broken.py line 3" in result.stderr
    allowed = ["register", "--allow-broken"]
    assert CliRunner().invoke(app, allowed, env={"PREFECT_API_URL": prefect_url}).exit_code == 0
    result = CliRunner().invoke(app, ["health"], env={"PREFECT_API_URL": prefect_url})
    assert result.exit_code == 1
    assert "broken.py does not import" in result.stderr


def test_an_entry_that_names_no_flow_refuses_before_anything_is_deployed(prefect_settings: Settings) -> None:
    wrong = replace(
        find("titan-live"), name="titan-extra", target="titan-lives-deployment", queue="never-made"
    )
    with pytest.raises(
        Misconfigured, match=r"'titan-extra'.*'titan-lives-deployment'.*titan-live-deployment"
    ):
        register(prefect_settings, [*CATALOG, wrong])
    assert "never-made" not in queues(prefect_settings, CELERY_WORK_POOL)


def test_a_pool_of_another_type_is_refused_with_what_to_do(prefect_settings: Settings) -> None:
    register(prefect_settings)
    other = prefect_settings.model_copy(update={"work_pool_type": "docker"})
    with pytest.raises(
        Misconfigured, match=r"is of type process and must be docker \(MATCHBEAT_WORK_POOL_TYPE"
    ):
        register(other)


def test_a_docker_pool_finds_the_flows_in_our_image(prefect_settings: Settings, restored: None) -> None:
    register(prefect_settings)
    pool = f"{prefect_settings.prefect_api_url}/work_pools/{WORK_POOL}"
    PREFECT.delete(pool, timeout=10).raise_for_status()
    docker = prefect_settings.model_copy(update={"work_pool_type": "docker"})
    try:
        (deployment,) = register(docker, [IN_POOL]).deployments
        made = PREFECT.get(pool, timeout=10).json()
    finally:
        PREFECT.delete(pool, timeout=10).raise_for_status()
    assert made["type"] == "docker"
    image = made["base_job_template"]["variables"]["properties"]["image"]["default"]
    assert image == f"matchbeat:{project_version()}"
    step = {"prefect.deployments.steps.set_working_directory": {"directory": "/app"}}
    assert stored(prefect_settings, deployment)["pull_steps"] == [step]


def test_the_celery_pool_has_a_type_that_no_stock_worker_has(prefect_settings: Settings) -> None:
    from prefect.workers.base import BaseWorker

    register(prefect_settings)
    found = PREFECT.get(
        f"{prefect_settings.prefect_api_url}/work_pools/{CELERY_WORK_POOL}", timeout=10
    ).json()
    assert found["type"] == CELERY_POOL_TYPE
    assert CELERY_POOL_TYPE not in BaseWorker.get_all_available_worker_types()


def test_prefect_away_is_transient_and_says_what_to_do() -> None:
    away = Settings(_env_file=None, prefect_api_url=f"http://127.0.0.1:{free_port()}/api")  # type: ignore[call-arg]
    with pytest.raises(Transient, match="matchbeat up"):
        register(away)


def test_the_commands_print_json(prefect_settings: Settings, in_flow: None, prefect_url: str) -> None:
    environment = {"PREFECT_API_URL": prefect_url}
    result = CliRunner().invoke(app, ["register", "--json"], env=environment)
    assert result.exit_code == 0, result.output
    assert {item["name"] for item in json.loads(result.stdout)["deployments"]} == set(ENTRYPOINTS)
    result = CliRunner().invoke(app, ["list", "--json"], env=environment)
    assert {item["name"] for item in json.loads(result.stdout)} == set(ENTRYPOINTS)
    assert "titan-live-deployment" in CliRunner().invoke(app, ["list"], env=environment).output


def stored(settings: Settings, deployment: Deployment) -> dict[str, Any]:
    answer = PREFECT.get(f"{settings.prefect_api_url}/deployments/{deployment.id}", timeout=10)
    return dict(answer.json())


def new_run(url: str, deployment: Deployment, state: str) -> str:
    create = f"{url}/deployments/{deployment.id}/create_flow_run"
    return str(PREFECT.post(create, json={"state": {"type": state}}, timeout=10).json()["id"])


def set_state(url: str, run: str, state: str) -> dict[str, Any]:
    answer = PREFECT.post(f"{url}/flow_runs/{run}/set_state", json={"state": {"type": state}}, timeout=10)
    return dict(answer.json())


def queues(settings: Settings, pool: str) -> list[str]:
    found = PREFECT.post(f"{settings.prefect_api_url}/work_pools/{pool}/queues/filter", json={}, timeout=10)
    return [queue["name"] for queue in sorted(found.json(), key=lambda queue: queue["priority"])]


def pause(url: str, places: list[str], *, wanted: bool) -> None:
    for place in places:
        answer = PREFECT.patch(
            f"{url}/{place}", json={"paused" if "deploy" in place else "is_paused": wanted}, timeout=10
        )
        answer.raise_for_status()


def is_paused(url: str, place: str) -> bool:
    found = PREFECT.get(f"{url}/{place}", timeout=10).json()
    return bool(found.get("paused", found.get("is_paused")))
