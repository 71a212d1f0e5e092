"""Flow runs on Celery workers that are cancelled, paused and resumed from Prefect's API, and moved."""

import os
import signal
from datetime import datetime

import pytest

from src.core.clock import SystemClock
from src.database import outcomes
from src.database.connection import Database
from src.database.tables.schedule import LeadershipRow
from src.domain.fire import Fire, FireId, FireState
from src.scheduling.bridge.client import PrefectClient
from src.scheduling.flow_carrier import FlowCarrier
from src.scheduling.pickup import PickUp
from tests.integration.flows.conftest import FlowWorker
from tests.integration.flows.fires import effects, ended, go, reached, row_of, send
from tests.integration.flows.probe_entries import HOLDING, LOOP, QUICK, WAITING
from tests.integration.scheduling.rows import lead
from tests.integration.tasks.conftest import until
from tests.prefect_server import PREFECT

pytestmark = pytest.mark.integration


def now() -> datetime:
    return SystemClock().now()


def items_done(database: Database, fire: Fire, at_least: int) -> None:
    until(lambda: len(effects(database, fire)) >= at_least, f"{at_least} items")


@pytest.fixture
def pick_up(schedule: Database, client: PrefectClient) -> PickUp:
    lead(schedule, now())
    with schedule.session() as session:
        epoch = session.get_one(LeadershipRow, 1).epoch
    return PickUp(epoch, schedule, client, "beat@test")


def resumed(database: Database, pick_up: PickUp, carrier: FlowCarrier, fire: Fire) -> None:
    """Take the run that Prefect has scheduled anew, as the leader does."""
    until(lambda: pick_up.pick_up(now()), "the resumed run to be picked up")
    assert row_of(database, fire).state == FireState.CLAIMED
    send(database, carrier, LOOP, fire)


def test_a_run_cancelled_in_prefect_ends_also_where_its_code_waits(
    schedule: Database, carrier: FlowCarrier, client: PrefectClient, flow_worker: FlowWorker
) -> None:
    with flow_worker():
        fire, run_id = go(schedule, carrier, WAITING)
        items_done(schedule, fire, 1)
        client.cancel(run_id)
        assert ended(schedule, fire, 5).state == FireState.REVOKED
        until(lambda: (run := client.flow_run(run_id)) and run.state_type == "CANCELLED", "Prefect to know")
        # The process lives on.
        other, _ = go(schedule, carrier, QUICK)
        assert ended(schedule, other).state == FireState.SUCCEEDED


def test_a_cancelled_run_that_holds_on_in_a_thread_loses_its_process(
    schedule: Database, carrier: FlowCarrier, client: PrefectClient, flow_worker: FlowWorker
) -> None:
    with flow_worker():
        fire, run_id = go(schedule, carrier, HOLDING)
        items_done(schedule, fire, 1)
        client.cancel(run_id)
        assert ended(schedule, fire, 30).state == FireState.REVOKED
        other, _ = go(schedule, carrier, QUICK)
        assert ended(schedule, other).state == FireState.SUCCEEDED


def test_a_run_paused_in_prefect_goes_on_with_the_next_item_on_another_worker(
    schedule: Database, carrier: FlowCarrier, client: PrefectClient, pick_up: PickUp, flow_worker: FlowWorker
) -> None:
    with flow_worker(name="first"):
        fire, run_id = go(schedule, carrier, LOOP, items=12, wait_s=0.4)
        items_done(schedule, fire, 2)
        client.suspend(run_id, 600)
        reached(schedule, fire, FireState.PAUSED, 10)
    before = effects(schedule, fire)
    assert 2 <= len(before) < 12
    client.resume(run_id)
    with flow_worker(name="second"):
        resumed(schedule, pick_up, carrier, fire)
        row = ended(schedule, fire)
    assert (row.state, row.attempts) == (FireState.SUCCEEDED, 2)
    assert (row.worker or "").startswith("second@")
    assert effects(schedule, fire) == [f"item {number}" for number in range(12)]


def test_a_run_that_pauses_by_itself_can_be_resumed_again_and_again(
    schedule: Database, carrier: FlowCarrier, client: PrefectClient, pick_up: PickUp, flow_worker: FlowWorker
) -> None:
    with flow_worker():
        fire, run_id = go(schedule, carrier, LOOP, items=5, pause_after=2)
        for done in (2, 4):
            reached(schedule, fire, FireState.PAUSED)
            assert len(effects(schedule, fire)) == done
            client.resume(run_id)
            resumed(schedule, pick_up, carrier, fire)
        assert ended(schedule, fire).state == FireState.SUCCEEDED
    assert effects(schedule, fire) == [f"item {number}" for number in range(5)]


def test_a_worker_that_is_stopped_hands_its_run_to_another_one(
    schedule: Database, carrier: FlowCarrier, client: PrefectClient, flow_worker: FlowWorker
) -> None:
    with flow_worker(name="first") as worker:
        fire, run_id = go(schedule, carrier, LOOP, items=12, wait_s=0.4)
        items_done(schedule, fire, 2)
        os.kill(worker.process.pid, signal.SIGTERM)
        row = reached(schedule, fire, FireState.CLAIMED, 10)
        assert row.reason == "its worker stopped"
        worker.process.wait(20)
    with flow_worker(name="second"):
        assert send(schedule, carrier, LOOP, fire).flow_run_id == run_id
        assert ended(schedule, fire).state == FireState.SUCCEEDED
    assert effects(schedule, fire) == [f"item {number}" for number in range(12)]


def test_a_run_that_somebody_starts_in_prefect_becomes_a_fire_by_hand(
    schedule: Database,
    carrier: FlowCarrier,
    client: PrefectClient,
    pick_up: PickUp,
    flow_worker: FlowWorker,
    probes: str,
) -> None:
    deployment = client.deployment(QUICK.target)
    body = {"parameters": {"answer": 3}}  # as Prefect's UI sends it
    url = f"{probes}/deployments/{deployment.id}/create_flow_run"
    run_id = PREFECT.post(url, json=body, timeout=10).json()["id"]
    pick_up.show_life()
    assert until(lambda: pick_up.pick_up(now()), "the run to be picked up") == 1
    assert pick_up.pick_up(now()) == 0
    with schedule.session() as session:
        (row,) = outcomes.history(session, QUICK.name, 5)
    assert (row.by_hand, row.flow_run_id, row.state) == (True, run_id, FireState.CLAIMED)
    fire = Fire(
        id=FireId(row.id), entry=row.entry, due_at=row.due_at, parameters=row.parameters, by_hand=True
    )
    with flow_worker():
        assert send(schedule, carrier, QUICK, fire).flow_run_id == run_id
        row = ended(schedule, fire)
        assert (row.state, row.result) == (FireState.SUCCEEDED, {"answer": 3})
