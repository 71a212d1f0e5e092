"""From `matchbeat up` on nothing to predictions, as its user meets it."""

import json
import os
import shutil
import signal
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest
import requests

from src.core.clock import SystemClock
from tests.acceptance.conftest import Stack

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(900)]


def test_the_first_run_ends_well(stack: Stack) -> None:
    assert stack.service("first-run")["state"] == "done", stack.log()


def test_predictions_of_twenty_coming_fixtures_sum_to_one(stack: Stack) -> None:
    predictions = stack.get("API", "/predictions?limit=200")["predictions"]
    assert len(predictions) >= 20
    now = SystemClock().now()
    for item in predictions:
        assert sum(item["probabilities"].values()) == pytest.approx(1, abs=1e-6)
        assert datetime.fromisoformat(item["kickoff_utc"]) > now


def test_the_detailed_health_is_all_green(stack: Stack) -> None:
    health = stack.get("API", "/health/detailed")
    assert health["status"] == "ok", health
    assert {part["part"] for part in health["parts"]} >= {
        "database",
        "redis",
        "prefect",
        "mlflow",
        "beat",
        "workers",
    }


def test_flower_lists_the_workers(stack: Stack) -> None:
    metrics = requests.get(stack.url("FLOWER", "/metrics"), timeout=10).text
    assert "flower_worker_online{worker=" in metrics


def test_mlflow_has_a_registered_champion(stack: Stack) -> None:
    alias = "/api/2.0/mlflow/registered-models/alias?name=matchbeat-1x2&alias=champion"
    assert stack.get("MLFLOW", alias)["model_version"]["status"] == "READY"


@pytest.mark.parametrize("path", ["/health", "/health/database", "/health/redis", "/stats", "/openapi.json"])
def test_the_api_answers(stack: Stack, path: str) -> None:
    assert stack.get("API", path)


def test_metrics_are_prometheus_text(stack: Stack) -> None:
    assert "matchbeat_" in requests.get(stack.url("API", "/metrics"), timeout=10).text


@pytest.mark.parametrize("entry", ["data-quality-check", "titan-live"])
def test_an_entry_that_is_due_fires_once_and_succeeds(stack: Stack, entry: str) -> None:
    due = make_due(stack, entry)
    stack.wait_for(lambda: state_of(stack, entry, due) == "succeeded", 120, f"{entry} succeeded")
    fires = [fire for fire in history(stack, entry) if datetime.fromisoformat(fire["due"]) == due]
    assert len(fires) == 1
    assert fires[0]["by_hand"] is False
    if entry == "titan-live":
        assert flow_runs(stack, fires[0]["fire"]) == ["COMPLETED"]


@pytest.mark.parametrize("what", ["active", "scheduled", "registered", "stats"])
def test_celery_inspect_answers(stack: Stack, what: str) -> None:
    with_addresses = stack.run("celery", "-A", "src.tasks.celery_app", "inspect", what, "--timeout", "5")
    assert with_addresses.returncode == 0, with_addresses.stderr
    assert "2 nodes online" in with_addresses.stdout


def test_a_second_up_is_refused_in_one_line(stack: Stack) -> None:
    second = stack.matchbeat("up")
    assert second.returncode != 0
    assert "already" in second.stderr
    assert "Traceback" not in second.stderr


def test_every_list_speaks_json(stack: Stack) -> None:
    for command in (["schedule", "list"], ["flows", "list"], ["schedule", "history", "titan-live"]):
        answer = stack.matchbeat(*command, "--json")
        assert answer.returncode == 0, answer.stderr
        assert json.loads(answer.stdout)


@pytest.mark.parametrize(
    "command",
    [
        "deploy_flow.py --register", "deploy_flow.py --list", "deploy_flow.py --health",
        "deploy_flow.py --verify titan-regular-deployment", "deploy_flow.py --trigger titan-live-deployment",
        "deploy_flow.py --clean 30", "control_api.py list", "prefect_service_manager.py status",
        "prefect_service_manager.py restart prefect-worker", "prefect_service_manager.py stop flower",
        "prefect_service_manager.py status flower",
    ],
)  # fmt: skip
def test_the_guides_commands_run_as_written(stack: Stack, command: str) -> None:
    script, *arguments = command.split()
    answer = stack.run(f"scripts/{script}", *arguments, module=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stdout
    assert "Traceback" not in answer.stderr


def test_the_logs_of_a_run_are_shown_by_the_guides_command(stack: Stack) -> None:
    fire = history(stack, "titan-live")[0]["fire"]
    answer = stack.run("scripts/control_api.py", "logs", fire, module=False)
    assert "Finished in state Completed" in answer.stdout, answer.stderr
    refused = stack.run("scripts/control_api.py", "resume", fire, module=False)
    assert refused.returncode == 2
    assert "succeeded" in refused.stderr


def test_the_dashboard_shows_schedule_and_predictions_in_a_browser(stack: Stack, tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no Chromium on this machine: install Debian's package `chromium`")
    picture = tmp_path / "dashboard.png"
    shown = subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         f"--user-data-dir={tmp_path / 'profile'}", "--window-size=1280,1600", f"--screenshot={picture}",
         "--dump-dom", stack.url("API", "/")],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "daily-data-collection" in shown.stdout, shown.stderr[-1000:]
    assert "matchbeat-1x2" in shown.stdout
    assert picture.stat().st_size > 10_000


def test_kill_9_of_the_supervisor_leaves_nothing_behind_and_up_finds_its_data(stack: Stack) -> None:
    """The last one: it ends the shared stack the hard way."""
    before = stack.get("API", "/predictions?limit=200")["predictions"]
    family = stack.family()
    assert len(family) > 10
    assert stack.process is not None
    os.kill(stack.process.pid, signal.SIGKILL)
    stack.process.wait()
    _, alive = psutil.wait_procs(family, timeout=10)
    assert alive == []

    stack.up()
    after = stack.get("API", "/predictions?limit=200")["predictions"]
    assert {item["match_id"] for item in after} >= {item["match_id"] for item in before}
    stack.wait_for(lambda: stack.service("first-run")["state"] == "done", 60, "the first run ended")
    assert "nothing to do" in (stack.home / "logs" / "first-run.log").read_text()
    stack.end()
    assert stack.matchbeat("status").returncode == 3


def make_due(stack: Stack, entry: str) -> datetime:
    """Move the entry's next due time to this second, as an edit of the schedule does."""
    due = datetime.fromtimestamp(int(time.time()), UTC)
    link = psycopg2.connect(database_url(stack))
    with link, link.cursor() as cursor:
        cursor.execute("update schedule_entries set next_due = %s where name = %s", (due, entry))
        cursor.execute("select pg_notify('matchbeat_schedule', %s)", (entry,))
    link.close()
    return due


def database_url(stack: Stack) -> str:
    lines = (stack.home / "stack.env").read_text().splitlines()
    value = next(line.partition("=")[2] for line in lines if line.startswith("DATABASE_URL="))
    return value.strip("'\"")


def history(stack: Stack, entry: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(stack.matchbeat("schedule", "history", entry, "--json").stdout)
    return found


def state_of(stack: Stack, entry: str, due: datetime) -> str | None:
    found = [fire["state"] for fire in history(stack, entry) if datetime.fromisoformat(fire["due"]) == due]
    assert "failed" not in found
    return found[0] if found else None


def flow_runs(stack: Stack, fire: str) -> list[str]:
    body = {"flow_runs": {"tags": {"all_": [f"fire:{fire}"]}}}
    answer = requests.post(stack.url("PREFECT", "/api/flow_runs/filter"), json=body, timeout=10)
    answer.raise_for_status()
    return [run["state"]["type"] for run in answer.json()]
