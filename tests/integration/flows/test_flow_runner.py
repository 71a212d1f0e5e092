"""Flow runs on a warm Celery worker, with a real Prefect server."""

from datetime import timedelta

import pytest

from src.core.clock import SystemClock
from src.database.connection import Database
from src.domain.fire import FireState
from src.domain.ports import Unsent
from src.scheduling.bridge.client import PrefectClient
from src.scheduling.flow_carrier import FlowCarrier
from tests.integration.flows.conftest import FlowWorker
from tests.integration.flows.fires import claim, effects, ended, fire_of, go, reached, row_of, send
from tests.integration.flows.probe_entries import ABSENT, DYING, DYING_ONCE, FAILING, QUICK
from tests.integration.tasks.conftest import until

pytestmark = pytest.mark.integration


def test_a_fire_runs_as_one_flow_run_and_its_end_stands_in_the_ledger(
    schedule: Database, carrier: FlowCarrier, client: PrefectClient, flow_worker: FlowWorker
) -> None:
    with flow_worker():
        fire, run_id = go(schedule, carrier, QUICK, answer=7)
        row = ended(schedule, fire)
        assert (row.state, row.attempts, row.result) == (FireState.SUCCEEDED, 1, {"answer": 7})
        run = client.flow_run(run_id)
        assert run is not None
        assert (run.state_type, run.run_count, run.message) == ("COMPLETED", 1, "the answer is 7")
        assert effects(schedule, fire) == ["ran"]

        failed, _ = go(schedule, carrier, FAILING)
        row = ended(schedule, failed)
        assert row.state == FireState.FAILED
        assert "it does not work" in (row.reason or "")


def test_messages_of_one_fire_run_it_once_and_a_run_that_was_cancelled_not_at_all(
    schedule: Database, carrier: FlowCarrier, client: PrefectClient, flow_worker: FlowWorker
) -> None:
    fire, run_id = go(schedule, carrier, QUICK)
    again = send(schedule, carrier, QUICK, fire)
    assert again.flow_run_id == run_id
    cancelled, cancelled_id = go(schedule, carrier, QUICK)
    client.cancel(cancelled_id)
    deleted, deleted_id = go(schedule, carrier, QUICK)
    client.delete_flow_run(deleted_id)
    with flow_worker() as worker:
        assert ended(schedule, fire).state == FireState.SUCCEEDED
        row = ended(schedule, cancelled)
        assert (row.state, effects(schedule, cancelled)) == (FireState.REVOKED, [])
        # Nobody has begun it, so the leader makes it another run.
        reached(schedule, deleted, FireState.CLAIMED)
        assert send(schedule, carrier, QUICK, deleted).flow_run_id != deleted_id
        assert ended(schedule, deleted).state == FireState.SUCCEEDED
        worker.logged("flow_run_left_alone")
    assert (effects(schedule, fire), effects(schedule, deleted)) == (["ran"], ["ran"])


def test_a_worker_that_stands_by_begins_once_the_fire_is_claimed_and_not_before(
    schedule: Database, carrier: FlowCarrier, client: PrefectClient, flow_worker: FlowWorker
) -> None:
    with flow_worker(concurrency=2) as worker:
        due = SystemClock().now() + timedelta(seconds=1)
        fire, withdrawn = fire_of(QUICK, due), fire_of(QUICK, due + timedelta(microseconds=1))
        runs = {}
        for each in (fire, withdrawn):
            item = Unsent(fire=each, entry=QUICK, since=due)
            runs[each.id] = carrier.create(item)
            carrier.stand_by(item, runs[each.id].id, due)
        client.delete_flow_run(runs[withdrawn.id].id)
        until(lambda: SystemClock().now() > due + timedelta(seconds=0.5), "the due time to pass", 10)
        assert (effects(schedule, fire), effects(schedule, withdrawn)) == ([], [])
        claim(schedule, fire)
        assert ended(schedule, fire).state == FireState.SUCCEEDED
        # It was known to stand by: no second message is sent, and the run is the same.
        assert send(schedule, carrier, QUICK, fire).flow_run_id == runs[fire.id].id
        worker.logged("flow_run_left_alone")
        assert effects(schedule, fire) == ["ran"]


def test_a_process_that_dies_ends_its_fire_or_lets_it_run_again_as_its_policy_says(
    schedule: Database, carrier: FlowCarrier, client: PrefectClient, flow_worker: FlowWorker
) -> None:
    with flow_worker():
        fire, _ = go(schedule, carrier, DYING)
        row = ended(schedule, fire)
        assert (row.state, effects(schedule, fire)) == (FireState.FAILED, ["ran"])
        assert "SIGKILL" in (row.reason or "")

        fire, run_id = go(schedule, carrier, DYING_ONCE)
        row = reached(schedule, fire, FireState.CLAIMED)
        assert (row.reason or "").endswith("it runs again")
        assert send(schedule, carrier, DYING_ONCE, fire).flow_run_id == run_id
        assert ended(schedule, fire).state == FireState.SUCCEEDED
        assert effects(schedule, fire) == ["ran", "ran"]
        run = client.flow_run(run_id)
        assert run is not None
        assert (run.state_type, run.run_count) == ("COMPLETED", 2)


def test_a_flow_whose_module_cannot_be_imported_stops_only_its_own_fires(
    schedule: Database, carrier: FlowCarrier, client: PrefectClient, flow_worker: FlowWorker
) -> None:
    with flow_worker() as worker:
        worker.logged("flow_not_imported")
        fire, run_id = go(schedule, carrier, ABSENT)
        assert ended(schedule, fire).state == FireState.FAILED
        assert "cannot be imported" in (row_of(schedule, fire).reason or "")
        until(lambda: (run := client.flow_run(run_id)) and run.state_type == "FAILED", "Prefect to know")
        other, _ = go(schedule, carrier, QUICK)
        assert ended(schedule, other).state == FireState.SUCCEEDED
