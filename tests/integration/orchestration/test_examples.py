"""The examples as a reader runs them: against a real Prefect, a real Postgres and a small upstream."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.exceptions import ObjectNotFound, ParameterTypeError

from src.core.clock import SystemClock
from src.core.errors import BadData, Transient
from src.database import checkpoints
from src.database.connection import Database
from src.orchestration.flows.examples.basic_pipeline import basic_pipeline_flow, parse, standings
from src.orchestration.flows.examples.data_extraction import data_extraction_flow, spans
from src.orchestration.flows.examples.pausable_loop import ITEMS, STEP, pausable_loop_flow, start_deployed
from src.scheduling.entrypoints import WORK_POOL
from tests.integration.orchestration.upstream import Upstream
from tests.ports import free_port
from tests.prefect_server import QUIET

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("in_flow")]

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def client(prefect_url: str) -> Iterator[SyncPrefectClient]:
    with SyncPrefectClient(prefect_url) as client:
        yield client


def test_the_pipeline_sets_a_bad_line_aside_and_writes_the_table(tmp_path: Path) -> None:
    into = tmp_path / "deep" / "table.json"
    state = basic_pipeline_flow(into=str(into), return_state=True)
    assert state.message == "12 results of 4 clubs, 1 set aside"
    result = state.result()
    assert "postponed" in result["set_aside"][0]
    table = json.loads(into.read_text())
    assert table[0]["club"] == result["leader"]
    assert sum(row["difference"] for row in table) == 0


def test_the_pipeline_may_run_twice(tmp_path: Path) -> None:
    first, second = (basic_pipeline_flow(seed=7, into=str(tmp_path / "table.json")) for _ in range(2))
    assert first == second
    assert [file.name for file in tmp_path.glob("*table*")] == ["table.json"]


def test_a_table_is_ranked_by_points_then_difference() -> None:
    lines = ("A;3;0;B", "B;1;0;C", "C;1;1;A")
    ranked = standings([parse(line) for line in lines])
    assert [(row["club"], row["points"], row["difference"]) for row in ranked] == [
        ("A", 4, 3), ("B", 3, -2), ("C", 1, -1),
    ]  # fmt: skip
    with pytest.raises(BadData, match="'A;3' is no result"):
        parse("A;3")


def test_a_loop_without_a_pause_does_every_item() -> None:
    assert pausable_loop_flow(items=["a", "b"]) == {"before": [], "now": ["a", "b"]}


def test_a_paused_loop_goes_on_with_the_next_item_in_another_process(
    client: SyncPrefectClient, database: Database, prefect_url: str
) -> None:
    try:
        client.read_work_pool(WORK_POOL)
    except ObjectNotFound:
        client.create_work_pool(WorkPoolCreate(name=WORK_POOL, type="process"))
    run = UUID(start_deployed(pause_after=5)["run"])

    def done() -> set[str]:
        with database.session() as session:
            return checkpoints.done(session, run, STEP)

    _attempt(run, prefect_url)
    suspended = client.read_flow_run(run).state
    assert suspended is not None
    assert suspended.name == "Suspended"
    assert done() == set(ITEMS[:5])
    client.resume_flow_run(run)
    _attempt(run, prefect_url)
    ended = client.read_flow_run(run).state
    assert ended is not None
    assert (ended.name, ended.message) == ("Completed", "5 items before, 3 now")
    assert done() == set(ITEMS)


def test_a_pause_of_a_run_without_a_deployment_is_refused() -> None:
    with pytest.raises(BadData, match="no deployment"):
        pausable_loop_flow(pause_after=3)


def test_an_item_named_twice_is_refused() -> None:
    with pytest.raises(BadData, match="named twice"):
        pausable_loop_flow(items=["a", "a"])


def test_a_source_that_is_away_is_skipped_with_the_reason(upstream: Upstream) -> None:
    upstream.breaks("/fbref")
    state = data_extraction_flow(days=3, return_state=True)
    assert state.is_completed()
    result = state.result()
    assert set(result["sources"]) == {"fotmob", "titan007"}
    assert result["sources"]["fotmob"]["batches"] == 3
    assert result["sources"]["fotmob"]["fetched"] == 3
    assert result["skipped"] == {"fbref": f"{upstream.url}/fbref answered 503"}
    assert upstream.asked["fbref"] == 1
    assert "fotmob 3 of 3 batches" in state.message
    assert "skipped: fbref" in state.message


def test_a_batch_that_fails_stops_no_other(upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> None:
    from src.orchestration.flows.examples import data_extraction

    monkeypatch.setattr(data_extraction.batch, "retry_delay_seconds", [0.0] * 3)
    # The site answers at its root, and every page below is away.
    upstream.answers["/fbref/"] = (503, "text/plain", b"away")
    result = data_extraction_flow(sources=["fotmob", "fbref"], days=2, batch_days=2)
    assert result["sources"]["fotmob"]["failed_batches"] == []
    assert len(result["sources"]["fbref"]["failed_batches"]) == 1
    assert result["skipped"] == {}


def test_the_extraction_fails_where_no_source_is_there(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    for prefix in ("/fotmob", "/fbref", "/titan"):
        upstream.breaks(prefix, 429)
    with pytest.raises(Transient, match=r"no source is available: fotmob .*answered 429.*; titan007 "):
        data_extraction_flow()


def test_a_wrong_choice_is_refused() -> None:
    with pytest.raises(ParameterTypeError):
        data_extraction_flow(sources=["weather"])
    for wrong in ({"sources": []}, {"days": 0}, {"batch_days": 0}):
        with pytest.raises(BadData, match="choose a source"):
            data_extraction_flow(**wrong)  # type: ignore[arg-type]


def test_windows_cover_the_days_without_gap() -> None:
    begin = SystemClock().now()
    windows = spans(begin, 5, 2)
    assert [until - since for since, until in windows] == [timedelta(days=days) for days in (2, 2, 1)]
    assert windows[0][0] == begin
    assert all(one[1] == other[0] for one, other in pairwise(windows))


def test_an_example_runs_by_its_module(prefect_url: str) -> None:
    ended = _module("basic_pipeline", PREFECT_API_URL=prefect_url)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["extracted"] == 13


def test_without_prefect_an_example_is_skipped_with_a_word() -> None:
    ended = _module("data_extraction", PREFECT_API_URL=f"http://127.0.0.1:{free_port()}/api")
    assert (ended.returncode, ended.stdout) == (0, "")
    assert "skipped: Prefect is not answering" in ended.stderr
    assert "matchbeat up" in ended.stderr


def _module(name: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", f"src.orchestration.flows.examples.{name}"],
        env={**os.environ, **environment}, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def _attempt(run: UUID, prefect_url: str) -> None:
    """Run a flow run as a worker's process does."""
    environment: dict[str, Any] = {
        **os.environ, **QUIET, "PREFECT_API_URL": prefect_url, "PREFECT__FLOW_RUN_ID": str(run),
    }  # fmt: skip
    subprocess.run(
        [sys.executable, "-m", "prefect.engine"], env=environment, cwd=ROOT, timeout=120, check=True
    )
