"""Prefect, broker, workers and Beats die at any moment: each fire has one flow run, or one stated reason."""

import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from src.database.connection import Database
from src.domain.edit import Author
from src.domain.fire import FireState
from src.pipeline import schedule_edits as edits
from src.pipeline.context import Context
from src.pipeline.run_now import ask_for
from src.scheduling.bridge.client import PrefectClient
from tests.integration.beats.flock import Flock
from tests.integration.flows.beat_entries import FAULTS, HASTY
from tests.integration.flows.beat_nursery import DIES_AFTER_CREATE, DIES_BEFORE_CREATE
from tests.integration.flows.beats import (
    fire_that,
    fires,
    flow_beats,
    has_ended,
    runs_of,
    wait_for_declaration,
)
from tests.integration.flows.conftest import FlowWorker
from tests.integration.flows.probe_entries import QUICK, WAITING
from tests.integration.flows.reckoning import reckon
from tests.integration.flows.scene import Scene, scene
from tests.integration.tasks.conftest import until, with_group
from tests.prefect_server import PrefectServer

pytestmark = pytest.mark.integration

#: `make soak-flows` asks for two hundred.
COUNT = int(os.environ.get("FLOW_FAULTS", "6"))
SEED = int(os.environ.get("FLOW_FAULTS_SEED", "20261123"))

LENA = Author(who="lena", why="a test")


@pytest.fixture
def beats(tmp_path: Path, database_url: str, redis_url: str, probes: str, work: Context) -> Iterator[Flock]:
    """A nursery of Beats with entries that fire by hand only."""
    with work.database.session() as session:
        session.execute(text("create table effects (fire text, what text)"))
    with flow_beats(tmp_path, database_url, redis_url, probes, "by hand") as beats:
        yield beats


def test_while_prefect_is_away_a_fire_waits_within_its_window_and_is_missed_after_it(
    beats: Flock, work: Context, client: PrefectClient, mortal_prefect: PrefectServer, flow_worker: FlowWorker
) -> None:
    with flow_worker():
        beats.start()
        wait_for_declaration(beats)
        mortal_prefect.kill()
        waits, late = ask_for(work, QUICK.name), ask_for(work, HASTY.name)
        row = fire_that(work.database, HASTY.name, has_ended)
        assert (row.id, row.state, row.flow_run_id) == (late.id, FireState.MISSED, None)
        assert (row.reason or "").startswith("missed: prefect unavailable")
        raised = "select 1 from signals where kind = 'prefect_unavailable' and resolved_at is null"
        until(lambda: beats.query(raised), "the signal")
        mortal_prefect.start()
        row = fire_that(work.database, QUICK.name, has_ended)
        assert (row.id, row.state, row.attempts) == (waits.id, FireState.SUCCEEDED, 1)
        assert [run.id for run in runs_of(client, waits.id)] == [row.flow_run_id]
        assert runs_of(client, late.id) == []
        until(lambda: not beats.query(raised), "the signal to be resolved")


@pytest.mark.parametrize("fault", [DIES_BEFORE_CREATE, DIES_AFTER_CREATE])
def test_a_beat_that_dies_between_the_ledger_and_the_worker_leaves_one_run(
    beats: Flock, work: Context, client: PrefectClient, flow_worker: FlowWorker, fault: str
) -> None:
    pid = beats.start(fault)
    wait_for_declaration(beats)
    beats.start()
    beats.wait_for_a_standby()
    fire = ask_for(work, QUICK.name)
    beats.wait_for(lambda: beats.query("select 1 from leadership where epoch > 1"), "another leader")
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with flow_worker():
        row = fire_that(work.database, QUICK.name, has_ended)
    assert (row.id, row.state, row.attempts) == (fire.id, FireState.SUCCEEDED, 1)
    assert [run.id for run in runs_of(client, fire.id)] == [row.flow_run_id]
    assert beats.query("select count(*) from effects") == [(1,)]


def test_a_run_whose_worker_and_child_were_killed_is_lost_within_a_minute_in_prefect_too(
    beats: Flock, work: Context, client: PrefectClient, flow_worker: FlowWorker
) -> None:
    beats.start()
    wait_for_declaration(beats)
    fire = ask_for(work, WAITING.name)
    with flow_worker() as worker:
        until(lambda: beats.query("select 1 from effects"), "the flow to be under way")
        with_group(worker.process.pid, signal.SIGKILL)
        killed = time.monotonic()
        row = fire_that(work.database, WAITING.name, has_ended, within_s=60)
        took = time.monotonic() - killed
    assert (row.id, row.state) == (fire.id, FireState.LOST)
    assert "vanished" in (row.reason or "")
    (run,) = until(lambda: [r for r in runs_of(client, fire.id) if r.ended], "Prefect to know", 20)
    assert run.state_type == "CRASHED"
    assert took <= 60


@pytest.mark.timeout(300 + 30 * COUNT)
def test_random_faults_leave_each_fire_with_one_flow_run_or_one_stated_reason(
    tmp_path: Path,
    database: Database,
    database_url: str,
    probes: str,
    mortal_prefect: PrefectServer,
    work: Context,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for run in PrefectClient(probes).flow_runs(tags=["matchbeat"], limit=100_000):
        PrefectClient(probes).delete_flow_run(run.id)
    chance = random.Random(SEED)
    with scene(tmp_path, database, database_url, mortal_prefect, chance) as stage:
        until(lambda: stage.effects(), "flows to run", 120)
        struck = strike(stage, COUNT)
        ends, wrong = settled(stage, work)
    with capsys.disabled():
        sys.stdout.write(told(struck, ends, wrong))
    assert not wrong


def strike(stage: Scene, count: int) -> Counter[str]:
    """Let so many faults come, each kind once before any comes twice."""
    struck: Counter[str] = Counter()
    kinds: list[str] = []
    for _ in range(count):
        if not kinds:
            kinds = sorted(stage.faults)
            stage.chance.shuffle(kinds)
        kind = kinds.pop()
        struck[f"{kind}: {stage.faults[kind]()}"] += 1
        for name in stage.workers.restart_dead():
            struck[f"worker ended by itself: {name}"] += 1
        stage.some_time(1.5)
    return struck


def settled(stage: Scene, work: Context) -> tuple[Counter[str], list[str]]:
    """Stop the due times, wait until all is well, and return what became of the fires and what is wrong."""
    for entry in FAULTS:
        edits.pause(work, entry.name, LENA)

    def look() -> tuple[Counter[str], list[str]]:
        stage.workers.restart_dead()
        return reckon(fires(work.database), stage.client(), stage.effects())

    deadline = time.monotonic() + 150
    ends, wrong = look()
    while wrong and time.monotonic() < deadline:
        time.sleep(1)
        ends, wrong = look()
    return ends, wrong


def told(struck: Counter[str], ends: Counter[str], wrong: list[str]) -> str:
    lines = [f"\n{struck.total()} faults, seed {SEED}; {ends.total()} fires"]
    lines += [f"  {count:5} {what}" for what, count in sorted(struck.items())]
    lines += ["  ended as"] + [f"  {count:5} {what}" for what, count in sorted(ends.items())]
    return "\n".join(lines + [f"  WRONG {what}" for what in wrong]) + "\n"
