"""What people start in a real Prefect becomes fires, and what waits for nobody is ended."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from src.core.errors import Transient
from src.database.connection import Database
from src.database.leadership import LeadershipLost
from src.database.ledger import PostgresLedger
from src.domain.entry import Runner
from src.domain.fire import OPEN, FireId, FireState, fire_id
from src.scheduling import pickup
from src.scheduling.bridge.client import PrefectClient
from src.scheduling.bridge.records import FlowRun
from src.scheduling.entrypoints import CELERY_WORK_POOL
from src.scheduling.pickup import PickUp
from tests.integration.pickup.runs import (
    AT,
    ENTRY,
    FIRE,
    SECOND,
    Start,
    fires,
    made_for,
    old,
    pauses,
    state,
)
from tests.integration.scheduling.rows import lead, put, row_of
from tests.ports import free_port
from tests.prefect_made import told

pytestmark = pytest.mark.integration


def test_a_run_that_a_person_started_becomes_a_fire_by_hand(
    pick_up: PickUp, ledger: Database, start: Start
) -> None:
    run_id = start()
    assert [pick_up.pick_up(AT), pick_up.pick_up(AT + SECOND)] == [1, 0]
    (row,) = fires(ledger)
    assert (row.state, row.by_hand, row.flow_run_id) == (FireState.CLAIMED, True, run_id)
    assert (row.parameters, row.due_at, row.claimed_at) == ({"day": "today"}, AT, AT)
    (item,) = PostgresLedger(ledger).unsent(Runner.PREFECT, 10, AT)
    assert (item.fire.id, item.flow_run_id) == (row.id, run_id)


def test_a_run_that_is_due_later_is_left_until_then(pick_up: PickUp, ledger: Database, start: Start) -> None:
    start(at=AT + SECOND)
    assert pick_up.pick_up(AT) == 0
    assert fires(ledger) == []
    assert pick_up.pick_up(AT + SECOND) == 1


@pytest.mark.parametrize("key", ["from my script", str(uuid4())])
def test_a_key_that_is_no_fires_is_a_persons(
    pick_up: PickUp, ledger: Database, start: Start, key: str
) -> None:
    run_id = start(idempotency_key=key)
    assert pick_up.pick_up(AT) == 1
    (row,) = fires(ledger)
    assert (row.id, row.flow_run_id) == (fire_id(ENTRY.name, AT), run_id)


def test_a_run_without_an_entry_fails_with_the_reason(
    pick_up: PickUp, ledger: Database, client: PrefectClient, start: Start
) -> None:
    run_id, other = start("picked-by-nobody", at=AT - SECOND), start()
    assert [pick_up.pick_up(AT), pick_up.pick_up(AT)] == [1, 0]
    run = client.flow_run(run_id)
    assert run is not None
    assert (run.state_type, run.message) == ("FAILED", pickup.NO_ENTRY)
    assert [row.flow_run_id for row in fires(ledger)] == [other]


def test_two_runs_of_one_due_time_become_two_fires(pick_up: PickUp, ledger: Database, start: Start) -> None:
    runs = {start(), start()}
    assert [pick_up.pick_up(AT), pick_up.pick_up(AT)] == [2, 0]
    assert {row.flow_run_id for row in fires(ledger)} == runs


def test_what_is_revoked_before_it_began_is_not_picked_up_once_more(
    pick_up: PickUp, ledger: Database, start: Start
) -> None:
    start()
    pick_up.pick_up(AT)
    (row,) = fires(ledger)
    put(ledger, FireId(row.id), FireState.REVOKED, AT)
    assert pick_up.pick_up(AT + SECOND) == 0


def test_a_deposed_leader_picks_nothing_up(pick_up: PickUp, ledger: Database, start: Start) -> None:
    start()
    lead(ledger, AT, epoch=2)
    with pytest.raises(LeadershipLost):
        pick_up.pick_up(AT)
    assert fires(ledger) == []


def test_a_deposed_leader_sends_nothing_again(
    pick_up: PickUp, ledger: Database, client: PrefectClient, sent: FlowRun
) -> None:
    pauses(ledger, client, sent.id, FIRE.id)
    client.resume(sent.id)
    lead(ledger, AT, epoch=2)
    with pytest.raises(LeadershipLost):
        pick_up.pick_up(AT)
    assert row_of(ledger, FIRE.id).state == FireState.PAUSED


def test_prefect_away_is_transient(ledger: Database) -> None:
    pick_up = PickUp(1, ledger, PrefectClient(f"http://127.0.0.1:{free_port()}/api"), "beat@test")
    for what in (pick_up.show_life, lambda: pick_up.pick_up(AT), lambda: pick_up.tidy(AT, ())):
        with pytest.raises(Transient, match="not answering"):
            what()


def test_the_pool_is_shown_as_served(pick_up: PickUp, prefect_url: str) -> None:
    pick_up.show_life()
    workers = told("POST", f"{prefect_url}/work_pools/{CELERY_WORK_POOL}/workers/filter", {})
    assert ("beat@test", "ONLINE") in {(worker["name"], worker["status"]) for worker in workers}


def test_a_run_whose_due_time_nobody_claimed_is_deleted_after_a_minute(
    pick_up: PickUp, client: PrefectClient
) -> None:
    run = made_for(client, FIRE)
    assert pick_up.tidy(old(run) - SECOND, ()) == 0
    assert state(client, run.id) == "PENDING"
    assert [pick_up.tidy(old(run), ()), pick_up.tidy(old(run), ())] == [1, 0]
    assert state(client, run.id) is None


def test_a_run_that_is_still_made_ahead_is_left(pick_up: PickUp, client: PrefectClient) -> None:
    run, other = made_for(client, FIRE), made_for(client, replace(FIRE, id=FireId(uuid4())))
    assert pick_up.tidy(old(other), {run.id}) == 1
    assert [state(client, one.id) for one in (run, other)] == ["PENDING", None]


def test_a_run_that_waits_for_a_worker_is_left(
    pick_up: PickUp, ledger: Database, client: PrefectClient, sent: FlowRun
) -> None:
    for open_ in OPEN:
        put(ledger, FIRE.id, open_, AT)
        assert pick_up.tidy(old(sent), ()) == 0
    assert state(client, sent.id) == "PENDING"


@pytest.mark.parametrize("end", [FireState.REVOKED, FireState.MISSED, FireState.LOST])
def test_a_run_whose_fire_has_ended_is_cancelled(
    pick_up: PickUp, ledger: Database, client: PrefectClient, sent: FlowRun, end: FireState
) -> None:
    put(ledger, FIRE.id, end, AT)
    assert [pick_up.tidy(old(sent), ()), pick_up.tidy(old(sent), ())] == [1, 0]
    assert state(client, sent.id) == "CANCELLED"
    assert row_of(ledger, FIRE.id).state == end


def test_what_has_begun_or_is_nobodys_fire_is_not_tidied_away(
    pick_up: PickUp, client: PrefectClient, sent: FlowRun, start: Start
) -> None:
    client.set_state(sent.id, "RUNNING", force=True)
    by_hand = start(tags=["matchbeat"])
    client.set_state(by_hand, "PENDING")
    assert pick_up.tidy(AT + timedelta(minutes=2), ()) == pick_up.tidy(old(sent), ()) == 0
    assert [state(client, run) for run in (sent.id, by_hand)] == ["RUNNING", "PENDING"]
