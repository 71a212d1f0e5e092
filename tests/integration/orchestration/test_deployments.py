"""Registration on a real Prefect server."""

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from src.cli.flows import app
from src.core.errors import Misconfigured, Transient
from src.core.settings import Settings
from src.orchestration.deployments import WORK_POOL, listing, register
from src.scheduling.catalog import CATALOG, find
from src.scheduling.entrypoints import ENTRYPOINTS
from tests.ports import free_port

pytestmark = pytest.mark.integration


def test_every_prefect_entry_becomes_a_deployment_without_a_schedule(prefect_settings: Settings) -> None:
    registered = register(prefect_settings)
    assert {deployment.name for deployment in registered} == set(ENTRYPOINTS)
    with _client(prefect_settings) as client:
        for deployment in registered:
            held = client.read_deployment(deployment.id)
            assert held.schedules == []
            assert held.work_pool_name == WORK_POOL
            assert held.parameters == find(deployment.entry or "").parameters
            assert deployment.concurrency_limit == 1


def test_registering_again_keeps_ids(prefect_settings: Settings) -> None:
    first, second = register(prefect_settings), register(prefect_settings)
    assert first == second
    assert sorted(first, key=lambda deployment: deployment.name) == listing(prefect_settings)


def test_what_an_operator_paused_stays_paused(prefect_settings: Settings) -> None:
    chosen = register(prefect_settings)[0]
    with _client(prefect_settings) as client:
        client.pause_deployment(chosen.id)
        try:
            assert register(prefect_settings)[0].paused
        finally:
            client.resume_deployment(chosen.id)
    assert not register(prefect_settings)[0].paused


def test_an_entry_that_names_no_flow_refuses_before_anything_is_deployed(prefect_settings: Settings) -> None:
    wrong = replace(find("titan-live"), name="titan-extra", target="titan-lives-deployment")
    with pytest.raises(
        Misconfigured, match=r"'titan-extra'.*'titan-lives-deployment'.*titan-live-deployment"
    ):
        register(prefect_settings, [*CATALOG, wrong], pool="never-made")
    with _client(prefect_settings) as client:
        assert "never-made" not in {pool.name for pool in client.read_work_pools()}


def test_prefect_away_is_transient_and_says_what_to_do() -> None:
    away = Settings(_env_file=None, prefect_api_url=f"http://127.0.0.1:{free_port()}/api")  # type: ignore[call-arg]
    with pytest.raises(Transient, match="matchbeat up"):
        register(away)


def test_the_commands_print_json(prefect_settings: Settings, in_flow: None, prefect_url: str) -> None:
    environment = {"PREFECT_API_URL": prefect_url}
    for command in ("register", "list"):
        result = CliRunner().invoke(app, [command, "--json"], env=environment)
        assert result.exit_code == 0, result.output
        assert {item["name"] for item in json.loads(result.stdout)} == set(ENTRYPOINTS)
    assert "titan-live-deployment" in CliRunner().invoke(app, ["list"], env=environment).output


def _client(settings: Settings):  # type: ignore[no-untyped-def]
    from prefect.client.orchestration import SyncPrefectClient

    return SyncPrefectClient(settings.require_prefect_api_url())
