"""Runs on the command line, over HTTP and through the guides' script."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from src.api.app import create_app
from src.cli import main
from src.core.settings import Settings, settings
from src.domain.fire import FireState
from src.pipeline.context import Context
from src.scheduling.bridge.client import PrefectClient
from tests.command_line import Run, commands, data
from tests.integration.runs.conftest import TASK, MakeFlowRun, MakeRun, Revoked
from tests.integration.scheduling.rows import row_of
from tests.ports import free_port
from tests.prefect_made import write_logs

pytestmark = pytest.mark.integration

TOKEN = "a-token-of-sixteen-or-more"
CHECKOUT = Path(__file__).resolve().parents[3]
LENA = {"who": "lena", "why": "the source is down"}


@pytest.fixture
def run(
    database_url: str, prefect_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """Runs `matchbeat runs …` and returns exit code, output and errors."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("PREFECT_API_URL", prefect_url)
    with commands("runs", monkeypatch, capsys) as run:
        yield run


def test_a_flow_run_is_listed_shown_paused_resumed_and_cancelled(
    run: Run, make_flow_run: MakeFlowRun, prefect: PrefectClient, prefect_url: str
) -> None:
    fire, run_id = make_flow_run(FireState.STARTED, "RUNNING")
    name = str(fire.id)[:8]
    write_logs(prefect_url, run_id, ["1 of 3 [green]"])
    assert [row["fire"] for row in data(run, "list", "--open", "--kind", "flow")] == [str(fire.id)]
    assert data(run, "show", name)["prefect"]["state_name"] == "Running"
    assert data(run, "logs", name)["lines"][0].endswith("1 of 3 [green]")
    assert "Running" in run("show", name)[1]
    assert "1 of 3 [green]" in run("logs", name)[1]
    assert data(run, "pause", name, "--timeout", "60")["fire"] == str(fire.id)
    assert "resumed: it goes on once a worker takes it" in run("resume", name)[1]
    assert data(run, "cancel", name, "--who", "lena", "--why", "enough")["state"] == "revoked"
    found = prefect.flow_run(run_id)
    assert found is not None
    assert (found.state_name, found.ended) == ("Cancelled", True)


def test_a_table_tells_tasks_and_flow_runs_apart(run: Run, make_run: MakeRun) -> None:
    make_run(TASK, FireState.STARTED, worker="celery@one/7")
    code, out, _ = run("list", TASK.name, "--state", "started")
    assert code == 0
    assert all(word in out for word in ("minutely", "task", "started", "celery@one/7"))


def test_a_refusal_is_one_clear_line(run: Run, make_run: MakeRun) -> None:
    fire = make_run(TASK, FireState.STARTED)
    code, out, err = run("pause", str(fire.id))
    assert (code, out) == (2, "")
    assert "a task cannot be paused" in err
    assert run("show", "zzzz")[0] == run("list", "--state", "wild")[0] == 2


def test_cancelling_a_task_without_a_broker_says_what_to_start(
    run: Run, make_run: MakeRun, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    settings.cache_clear()
    fire = make_run(TASK, FireState.STARTED)
    code, _, err = run("cancel", str(fire.id), "--who", "lena")
    assert code == main.AWAY
    assert "start Redis" in err
    assert row_of(context.database, fire.id).state == FireState.STARTED


def test_the_guides_script_is_the_same_command(make_run: MakeRun, database_url: str, tmp_path: Path) -> None:
    fire = make_run(TASK, FireState.SENT)
    done = subprocess.run(
        [sys.executable, str(CHECKOUT / "scripts" / "control_api.py"), "list", "--json"],
        env=os.environ | {"DATABASE_URL": database_url, "MATCHBEAT_HOME": str(tmp_path)},
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert [row["fire"] for row in json.loads(done.stdout)] == [str(fire.id)]


@pytest.fixture
def api(context: Context, prefect_url: str, revoked: Revoked) -> Iterator[TestClient]:
    """A client that bears the token."""
    here = Settings(_env_file=None, api_token=TOKEN, prefect_api_url=prefect_url)
    app = create_app(replace(context, settings=here))
    app.state.revoke = revoked
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    with TestClient(app, raise_server_exceptions=False, headers=bearer) as client:
        yield client


def test_runs_are_read_over_http(api: TestClient, make_flow_run: MakeFlowRun, make_run: MakeRun) -> None:
    fire, run_id = make_flow_run(FireState.STARTED, "RUNNING")
    make_run(TASK, FireState.SUCCEEDED)
    found = api.get("/runs", params={"state": ["started", "paused"], "kind": "flow"}).json()
    assert (found["count"], found["runs"][0]["fire"]) == (1, str(fire.id))
    one = api.get(f"/runs/{run_id}").json()
    assert (one["run"]["fire"], one["prefect"]["state_type"]) == (str(fire.id), "RUNNING")
    assert api.get(f"/runs/{run_id}/logs").json()["lines"] == []
    assert api.get("/runs").json()["count"] == 2


def test_runs_are_controlled_over_http(
    api: TestClient, make_flow_run: MakeFlowRun, make_run: MakeRun, revoked: Revoked
) -> None:
    flow, _ = make_flow_run(FireState.STARTED, "RUNNING")
    task = make_run(TASK, FireState.STARTED).id
    assert api.post(f"/runs/{flow.id}/pause", json={"timeout_s": 60}).status_code == 200
    assert api.post(f"/runs/{flow.id}/resume").json()["state"] == "started"
    assert api.post(f"/runs/{flow.id}/cancel", json=LENA).json()["state"] == "revoked"
    assert api.post(f"/runs/{task}/cancel", json=LENA).json()["state"] == "revoked"
    assert revoked == [task]


@pytest.mark.parametrize(
    ("step", "body", "status", "told"),
    [
        ("pause", None, 409, "a task cannot be paused"),
        ("resume", None, 409, "a task cannot be paused"),
        ("pause", {"timeout_s": 0}, 422, "for example 3600"),
        ("pause", {"minutes": 1}, 422, "minutes"),
        ("cancel", {"who": "lena"}, 422, "why"),
        ("cancel", {"who": " ", "why": "x"}, 422, "who"),
    ],
)
def test_a_refusal_says_what_is_wrong(
    api: TestClient, make_run: MakeRun, step: str, body: object, status: int, told: str
) -> None:
    answer = api.post(f"/runs/{make_run(TASK, FireState.STARTED).id}/{step}", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert told in answer.json()["detail"]


def test_an_unknown_run_is_not_found(api: TestClient, make_run: MakeRun) -> None:
    for name in ("abcd", "no-id"):
        assert api.get(f"/runs/{name}").status_code == 404
        assert api.get(f"/runs/{name}/logs").status_code == 404
        assert api.post(f"/runs/{name}/resume").status_code == 404


@pytest.mark.parametrize("step", ["cancel", "pause", "resume"])
def test_control_needs_the_token(api: TestClient, make_run: MakeRun, step: str) -> None:
    fire = make_run(TASK, FireState.SENT).id
    answer = api.post(f"/runs/{fire}/{step}", json=LENA, headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 401
