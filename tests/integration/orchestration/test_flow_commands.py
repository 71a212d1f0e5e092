"""`matchbeat flows verify|trigger|clean|health`, and the script that the guides call."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from src.cli.flows import app
from src.core.clock import SystemClock
from src.core.errors import Misconfigured
from src.core.settings import Settings
from src.database import schedule
from src.database.connection import Database
from src.database.tables.schedule import FireRow
from src.domain.edit import Author, Refused
from src.domain.entry import Entry
from src.domain.fire import FireState
from src.domain.ports import Scheduled
from src.orchestration.deployments import register
from src.orchestration.flow_health import health
from src.orchestration.old_runs import clean
from src.orchestration.trigger import trigger
from src.orchestration.verify import verify
from src.pipeline.context import Context
from src.pipeline.schedule_edits import pause
from src.scheduling.catalog import find
from src.scheduling.entrypoints import CELERY_WORK_POOL, WORK_POOL, source_folder
from tests.conftest import NOW
from tests.ports import free_port
from tests.prefect_server import PREFECT

pytestmark = pytest.mark.integration

LIVE = "titan-live-deployment"
AWAY = f"http://127.0.0.1:{free_port()}/api"


@pytest.fixture
def ctx(context: Context, prefect_settings: Settings) -> Context:
    """A context on an empty database and the session's Prefect, the deployments registered."""
    register(prefect_settings)
    dismiss_workers(prefect_settings.require_prefect_api_url())
    return replace(context, settings=prefect_settings)


@pytest.fixture
def beat(prefect_url: str) -> Iterator[None]:
    """What the leading Beat is to Prefect: a worker of the pool, with a heartbeat."""
    with a_worker_online(prefect_url, CELERY_WORK_POOL):
        yield


@contextmanager
def a_worker_online(prefect_url: str, pool: str) -> Iterator[None]:
    url, name = f"{prefect_url}/work_pools/{pool}/workers", f"beat-{uuid4()}"
    body = {"name": name, "heartbeat_interval_seconds": 60}
    PREFECT.post(f"{url}/heartbeat", json=body, timeout=10).raise_for_status()
    yield
    PREFECT.delete(f"{url}/{name}", timeout=10).raise_for_status()


def test_verify_finds_nothing_wrong_with_a_deployment_that_would_run(ctx: Context, beat: None) -> None:
    declare(ctx.database, find("titan-live"))
    for name in (LIVE, "titan-live"):
        checks = verify(ctx, name)
        assert [check.what for check in checks] == ["flow", "deployment", "parameters", "work pool", "entry"]
        assert all(check.ok for check in checks), checks


def test_verify_tells_each_thing_that_is_wrong(ctx: Context, prefect_url: str) -> None:
    declare(ctx.database, find("titan-live"))
    pause(ctx, "titan-live", Author(who="lena", why="upstream is down"))
    held = deployment_of(prefect_url, LIVE)
    url = f"{prefect_url}/deployments/{held['id']}"
    change = {"paused": True, "enforce_parameter_schema": False, "parameters": {"hours_ahead": "two"}}
    PREFECT.patch(url, json=change, timeout=10).raise_for_status()
    try:
        wrong = {check.what: check.detail for check in verify(ctx, LIVE) if not check.ok}
    finally:
        PREFECT.patch(url, json={"paused": False}, timeout=10).raise_for_status()
        register(ctx.settings)
    assert set(wrong) == {"deployment", "parameters", "work pool", "entry"}
    assert "paused in Prefect" in wrong["deployment"]
    assert "'two' is not of type 'integer'" in wrong["parameters"]
    assert "no worker online" in wrong["work pool"]
    assert "paused by lena: upstream is down" in wrong["entry"]


def test_verify_tells_what_is_missing_and_that_prefect_is_away(ctx: Context, prefect_url: str) -> None:
    held = deployment_of(prefect_url, LIVE)
    PREFECT.delete(f"{prefect_url}/deployments/{held['id']}", timeout=10).raise_for_status()
    try:
        wrong = {check.what: check.detail for check in verify(ctx, LIVE) if not check.ok}
    finally:
        register(ctx.settings)
    assert "matchbeat flows register" in wrong["deployment"]
    assert "no Beat has declared titan-live yet" in wrong["entry"]
    away = replace(ctx, settings=ctx.settings.model_copy(update={"prefect_api_url": AWAY}))
    assert "not answering" in {check.what: check.detail for check in verify(away, LIVE)}["server"]


def test_an_unknown_name_is_told_with_the_nearest(ctx: Context) -> None:
    for look in (lambda name: verify(ctx, name), lambda name: trigger(ctx, name, {})):
        with pytest.raises(Misconfigured, match=r"'titan-lives'; did you mean titan-live"):
            look("titan-lives")
        with pytest.raises(Misconfigured, match="matchbeat schedule run-now data-quality-check"):
            look("data-quality-check")


def test_a_trigger_goes_through_the_ledger(ctx: Context) -> None:
    declare(ctx.database, find("titan-live"))
    for name in (LIVE, "titan-live"):
        done = trigger(ctx, name, {"hours_ahead": 5})
        assert (done.deployment, done.entry, done.flow_run) == (LIVE, "titan-live", None)
        with ctx.database.session() as session:
            row = session.scalars(select(FireRow).where(FireRow.id == done.fire)).one()
            assert (row.state, row.by_hand) == (FireState.CLAIMED, True)
            assert row.parameters == find("titan-live").parameters | {"hours_ahead": 5}
        ctx.clock.advance(timedelta(seconds=1))  # type: ignore[attr-defined]
    with pytest.raises(Refused, match="titan-live-deployment: hours_ahead must be int, got 'two'"):
        trigger(ctx, LIVE, {"hours_ahead": "two"})


def test_a_deployment_that_no_entry_has_is_run_by_prefect(ctx: Context, prefect_url: str) -> None:
    name = f"by-somebody-{uuid4()}"
    flow = PREFECT.post(f"{prefect_url}/flows/", json={"name": name}, timeout=10).json()["id"]
    made = PREFECT.post(
        f"{prefect_url}/deployments/", json={"name": name, "flow_id": flow}, timeout=10
    ).json()
    done = trigger(ctx, name, {"days": 2})
    assert (done.entry, done.fire) == (None, None)
    run = PREFECT.get(f"{prefect_url}/flow_runs/{done.flow_run}", timeout=10).json()
    assert (run["deployment_id"], run["parameters"], run["tags"]) == (made["id"], {"days": 2}, ["matchbeat"])
    PREFECT.delete(f"{prefect_url}/flows/{flow}", timeout=10).raise_for_status()


def test_clean_deletes_only_what_ended_long_ago_and_is_ours(
    prefect_settings: Settings, prefect_url: str
) -> None:
    flow = PREFECT.post(f"{prefect_url}/flows/", json={"name": f"cleaned-{uuid4()}"}, timeout=10).json()["id"]
    ours = [run_of(prefect_url, flow, "COMPLETED", ["matchbeat", "entry:x"]) for _ in range(3)]
    ours += [run_of(prefect_url, flow, state, ["matchbeat"]) for state in ("FAILED", "CRASHED", "CANCELLED")]
    kept = [run_of(prefect_url, flow, "COMPLETED", []), run_of(prefect_url, flow, "PENDING", ["matchbeat"])]
    now = SystemClock().now()
    assert clean(prefect_settings, 1, now) == 0
    later = now + timedelta(days=1, minutes=1)
    assert clean(prefect_settings, 1, later) >= len(ours)
    found = {run for run in (*ours, *kept) if PREFECT.get(f"{prefect_url}/flow_runs/{run}", timeout=10).ok}
    assert found == set(kept)
    assert clean(prefect_settings, 1, later) == 0
    PREFECT.delete(f"{prefect_url}/flows/{flow}", timeout=10).raise_for_status()


@pytest.mark.parametrize("days", [0, -1, 10**8])
def test_clean_refuses_days_that_cannot_be(prefect_settings: Settings, days: int) -> None:
    with pytest.raises(Misconfigured, match="for example 30"):
        clean(prefect_settings, days, SystemClock().now())


def test_health_tells_server_pools_and_deployments(ctx: Context, beat: None, prefect_url: str) -> None:
    with a_worker_online(prefect_url, WORK_POOL):
        found = health(ctx.settings)
    assert found.faults == []
    assert found.version
    assert {one.state for one in found.deployments} == {"ready"}
    workers = {pool.name: pool.workers for pool in found.pools}
    assert [name.startswith("beat-") for name in workers[CELERY_WORK_POOL]] == [True]


def test_health_tells_what_is_missing(ctx: Context, prefect_url: str) -> None:
    held = deployment_of(prefect_url, LIVE)
    PREFECT.delete(f"{prefect_url}/deployments/{held['id']}", timeout=10).raise_for_status()
    try:
        found = health(ctx.settings)
    finally:
        register(ctx.settings)
    assert {one.name: one.state for one in found.deployments}[LIVE] == "missing"
    assert any(f"deployment {LIVE} is missing" in fault for fault in found.faults)
    assert any("no worker online" in fault for fault in found.faults)


def test_health_of_a_server_that_is_away_still_looks_at_the_modules(prefect_settings: Settings) -> None:
    found = health(prefect_settings.model_copy(update={"prefect_api_url": AWAY}))
    assert (found.version, found.pools, found.deployments, found.broken) == (None, [], [], [])
    assert "not answering" in found.faults[0]


def test_the_commands_say_what_is_wrong_by_their_exit_code(
    in_flow: None, prefect_url: str, prefect_settings: Settings
) -> None:
    register(prefect_settings)
    dismiss_workers(prefect_url)
    ask = CliRunner()
    environment = {"PREFECT_API_URL": prefect_url}
    result = ask.invoke(app, ["verify", LIVE, "--json"], env=environment)
    assert result.exit_code == 1
    assert {check["what"]: check["ok"] for check in json.loads(result.stdout)}["deployment"]
    assert "WRONG" in ask.invoke(app, ["verify", LIVE], env=environment).stdout
    result = ask.invoke(app, ["health", "--json"], env=environment)
    assert (result.exit_code, bool(json.loads(result.stdout)["faults"])) == (1, True)
    result = ask.invoke(app, ["trigger", LIVE, "-p", "hours_ahead=3", "--json"], env=environment)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["entry"] == "titan-live"
    assert "no KEY=VALUE" in ask.invoke(app, ["trigger", LIVE, "-p", "three"], env=environment).stderr
    result = ask.invoke(app, ["clean", "30", "--json"], env=environment)
    assert json.loads(result.stdout) == {"deleted": 0, "days": 30}


def test_the_guides_script_runs_as_written(prefect_settings: Settings, prefect_url: str) -> None:
    register(prefect_settings)
    listed = script("deploy_flow.py", "--list", PREFECT_API_URL=prefect_url)
    assert (listed.returncode, LIVE in listed.stdout) == (0, True), listed.stderr
    cleaned = script("deploy_flow.py", "--clean", "0", PREFECT_API_URL=prefect_url)
    assert (cleaned.returncode, "at least 1" in cleaned.stderr) == (2, True)


def test_the_guides_service_manager_is_the_stacks_commands(tmp_path: Path) -> None:
    asked = script("prefect_service_manager.py", "status", MATCHBEAT_HOME=str(tmp_path))
    assert (asked.returncode, f"no stack runs in {tmp_path}" in asked.stdout) == (3, True)


def test_a_python_without_our_dependencies_is_told_which_one_to_take() -> None:
    told = script("deploy_flow.py", "--list", python=(sys.executable, "-S"))
    assert told.returncode == 1
    assert "make install" in told.stderr
    assert ".venv/bin/python scripts/deploy_flow.py --list" in told.stderr


def dismiss_workers(url: str) -> None:
    """Forget the workers that other tests have left in the pool."""
    pool = f"{url}/work_pools/{CELERY_WORK_POOL}/workers"
    for worker in PREFECT.post(f"{pool}/filter", json={}, timeout=10).json():
        PREFECT.delete(f"{pool}/{worker['name']}", timeout=10).raise_for_status()


def declare(database: Database, entry: Entry) -> None:
    with database.session() as session:
        schedule.declare(session, [Scheduled(entry=entry, next_due=NOW)], NOW)


def deployment_of(url: str, name: str) -> dict[str, Any]:
    body = {"deployments": {"name": {"any_": [name]}}}
    (found,) = PREFECT.post(f"{url}/deployments/filter", json=body, timeout=10).json()
    return dict(found)


def run_of(url: str, flow: str, state: str, tags: list[str]) -> str:
    body = {"flow_id": flow, "tags": tags, "state": {"type": "PENDING"}}
    run = PREFECT.post(f"{url}/flow_runs/", json=body, timeout=10).json()["id"]
    if state != "PENDING":
        ended = {"state": {"type": state}, "force": True}
        PREFECT.post(f"{url}/flow_runs/{run}/set_state", json=ended, timeout=10).raise_for_status()
    return str(run)


def script(
    name: str, *arguments: str, python: tuple[str, ...] = (sys.executable,), **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*python, f"scripts/{name}", *arguments],
        cwd=source_folder(), env=os.environ | environment,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
