"""What can be done to a run in which state, the flow runs in a real Prefect."""

from collections.abc import Callable

import pytest

from src.core.errors import Transient
from src.database.connection import Database
from src.domain.edit import Author, Refused
from src.domain.fire import FireId, FireState
from src.domain.run import WrongState
from src.pipeline.context import Context
from src.pipeline.run_control import RunChange, cancel_run, pause_run, resume_run
from src.pipeline.runs import ClientOf
from src.scheduling.bridge.client import PrefectClient
from tests.integration.runs.conftest import FLOW, TASK, MakeFlowRun, MakeRun, Revoked, nobody
from tests.integration.scheduling.rows import row_of
from tests.ports import free_port

pytestmark = pytest.mark.integration

LENA = Author(who="lena", why="the source is down")
WHY = "cancelled by lena: the source is down"


@pytest.fixture
def cancel(context: Context, client_of: ClientOf, revoked: Revoked) -> Callable[[object], RunChange]:
    return lambda fire: cancel_run(context, client_of, revoked, str(fire), LENA)


def in_prefect(client: PrefectClient, run_id: str) -> str:
    run = client.flow_run(run_id)
    assert run is not None
    return run.state_name


def ledger(database: Database, fire: FireId) -> tuple[str, str | None]:
    row = row_of(database, fire)
    return row.state, row.reason


@pytest.mark.parametrize("state", [FireState.CLAIMED, FireState.BUFFERED, FireState.SENT, FireState.RETRIED])
def test_a_task_that_nobody_has_begun_ends_in_the_ledger(
    context: Context, make_run: MakeRun, revoked: Revoked, state: FireState
) -> None:
    fire = make_run(TASK, state).id
    done = cancel_run(context, nobody, revoked, str(fire)[:8], LENA)
    assert (done.fire, done.state, revoked) == (fire, FireState.REVOKED, [])
    assert ledger(context.database, fire) == ("revoked", WHY)


def test_a_task_that_runs_is_ended_by_its_worker(
    context: Context, make_run: MakeRun, revoked: Revoked
) -> None:
    fire = make_run(TASK, FireState.STARTED).id
    assert cancel_run(context, nobody, revoked, str(fire), LENA).state is FireState.REVOKED
    assert revoked == [fire]
    assert ledger(context.database, fire) == ("revoked", WHY)


def test_a_task_whose_worker_cannot_be_told_goes_on(context: Context, make_run: MakeRun) -> None:
    def away(_fire: FireId) -> None:
        raise Transient("the broker does not answer")

    fire = make_run(TASK, FireState.STARTED).id
    with pytest.raises(Transient, match="broker"):
        cancel_run(context, nobody, away, str(fire), LENA)
    assert row_of(context.database, fire).state == FireState.STARTED


@pytest.mark.parametrize("entry", [TASK, FLOW])
def test_a_run_that_has_ended_is_left_alone(context: Context, make_run: MakeRun, entry: object) -> None:
    fire = str(make_run(entry, FireState.SUCCEEDED).id)
    with pytest.raises(WrongState, match="cannot be cancelled: it ended as succeeded"):
        cancel_run(context, nobody, lambda _: None, fire, LENA)
    for step in (pause_run, resume_run):
        with pytest.raises(WrongState, match="ended as succeeded"):
            step(context, nobody, fire)


def test_a_task_can_be_neither_paused_nor_resumed(context: Context, make_run: MakeRun) -> None:
    fire = str(make_run(TASK, FireState.STARTED).id)
    with pytest.raises(WrongState, match=r"a task cannot be paused.*schedule pause minutely"):
        pause_run(context, nobody, fire)
    with pytest.raises(WrongState, match="a task cannot be paused"):
        resume_run(context, nobody, fire)


@pytest.mark.parametrize("types", [(), ("RUNNING",)])
def test_a_flow_run_that_nobody_has_begun_ends_in_both(
    context: Context, prefect: PrefectClient, make_flow_run: MakeFlowRun,
    cancel: Callable[[object], RunChange], types: tuple[str, ...],
) -> None:  # fmt: skip
    fire, run_id = make_flow_run(FireState.SENT, *types)
    assert cancel(fire.id).state is FireState.REVOKED
    assert ledger(context.database, fire.id) == ("revoked", WHY)
    assert in_prefect(prefect, run_id) == ("Cancelling" if types else "Cancelled")


def test_a_flow_run_without_a_run_in_prefect_yet_ends_without_it(
    context: Context, make_run: MakeRun, revoked: Revoked
) -> None:
    fire = make_run(FLOW, FireState.CLAIMED).id
    assert cancel_run(context, nobody, revoked, str(fire), LENA).state is FireState.REVOKED


def test_a_flow_run_that_runs_is_asked_to_end_and_the_ledger_waits_for_it(
    context: Context,
    prefect: PrefectClient,
    make_flow_run: MakeFlowRun,
    cancel: Callable[[object], RunChange],
) -> None:
    fire, run_id = make_flow_run(FireState.STARTED, "RUNNING")
    for _ in range(2):
        assert cancel(run_id).state is FireState.STARTED
    assert in_prefect(prefect, run_id) == "Cancelling"
    prefect.set_state(run_id, "CANCELLED")
    with pytest.raises(WrongState, match="ended in Prefect as Cancelled"):
        cancel(fire.id)


def test_a_paused_flow_run_ends_at_once(
    context: Context,
    prefect: PrefectClient,
    make_flow_run: MakeFlowRun,
    cancel: Callable[[object], RunChange],
) -> None:
    fire, run_id = make_flow_run(FireState.PAUSED, "RUNNING")
    prefect.suspend(run_id, 60)
    assert cancel(fire.id).state is FireState.REVOKED
    assert in_prefect(prefect, run_id) == "Cancelled"


def test_a_flow_run_is_paused_and_resumed(
    context: Context, prefect: PrefectClient, client_of: ClientOf, make_flow_run: MakeFlowRun
) -> None:
    fire, run_id = make_flow_run(FireState.STARTED, "RUNNING")
    assert "checkpoint" in pause_run(context, client_of, str(fire.id), 60).text
    assert in_prefect(prefect, run_id) == "Suspended"
    with pytest.raises(WrongState, match="paused already"):
        pause_run(context, client_of, str(fire.id), 60)
    assert "once a worker takes it" in resume_run(context, client_of, run_id).text
    assert in_prefect(prefect, run_id) == "Resuming"
    with pytest.raises(WrongState, match="it is Resuming, not paused"):
        resume_run(context, client_of, run_id)
    with pytest.raises(WrongState, match="it is Resuming, not running"):
        pause_run(context, client_of, run_id)


def test_a_flow_run_that_prefect_does_not_have_cannot_be_paused(
    context: Context, client_of: ClientOf, make_run: MakeRun
) -> None:
    fire = make_run(FLOW, FireState.STARTED).id
    with pytest.raises(WrongState, match="Prefect has no flow run of it"):
        pause_run(context, client_of, str(fire))


@pytest.mark.parametrize("timeout_s", [0, -1, float("nan"), float("inf"), 1e9])
def test_a_pause_lasts_from_a_second_to_a_year(context: Context, make_run: MakeRun, timeout_s: float) -> None:
    with pytest.raises(Refused, match="for example 3600"):
        pause_run(context, nobody, str(make_run(FLOW, FireState.STARTED).id), timeout_s)


def test_nothing_changes_while_prefect_is_away(
    context: Context, make_flow_run: MakeFlowRun, revoked: Revoked
) -> None:
    fire, _ = make_flow_run(FireState.STARTED, "RUNNING")
    away = PrefectClient(f"http://127.0.0.1:{free_port()}/api")
    with pytest.raises(Transient, match="not answering"):
        cancel_run(context, lambda: away, revoked, str(fire.id), LENA)
    assert row_of(context.database, fire.id).state == FireState.STARTED
