"""Flow runs that a person starts, and what becomes of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from src.database import outcomes
from src.database.connection import Database
from src.database.tables.schedule import FireRow
from src.domain.fire import Fire, FireId, FireState, fire_id
from src.domain.ports import Unsent
from src.scheduling.bridge.client import PrefectClient
from src.scheduling.bridge.records import FlowRun
from src.scheduling.flow_carrier import FlowCarrier
from src.scheduling.pickup import PickUp
from tests.entries import NIGHTLY
from tests.fakes.carrier import MemoryCarrier
from tests.integration.scheduling.rows import put

#: Starts a run of a deployment in the pool, and returns its id.
Start = Callable[..., str]

#: Long after all that other tests leave in Prefect.
AT = datetime(2031, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ENTRY = replace(NIGHTLY, name="picked", target="picked-deployment")
FIRE = Fire(id=fire_id(ENTRY.name, AT), entry=ENTRY.name, due_at=AT, parameters={"day": "1 March"})


def made_for(client: PrefectClient, fire: Fire) -> FlowRun:
    """Make the flow run of a fire, as the leader does ahead of its due time."""
    return FlowCarrier(client, MemoryCarrier()).create(Unsent(fire=fire, entry=ENTRY, since=fire.due_at))


def fires(database: Database) -> list[FireRow]:
    with database.session() as session:
        return list(outcomes.history(session, ENTRY.name, 10))


def state(client: PrefectClient, run_id: str) -> str | None:
    run = client.flow_run(run_id)
    return run.state_type if run else None


def ends(database: Database, client: PrefectClient, run_id: str, fire: FireId) -> None:
    """Let a run fail, and the ledger know."""
    client.set_state(run_id, "FAILED", force=True)
    put(database, fire, FireState.FAILED, AT)


def starts_again(client: PrefectClient, run_id: str) -> None:
    """Start a run that has ended as Prefect's button Retry does."""
    client.set_state(run_id, "SCHEDULED", name="AwaitingRetry", force=True)


def started_again(pick_up: PickUp, database: Database, client: PrefectClient, run: FlowRun) -> FireId:
    """Let the run of FIRE fail and be started again; return the fire that this makes."""
    ends(database, client, run.id, FIRE.id)
    starts_again(client, run.id)
    assert pick_up.pick_up(AT) == 1
    return next(FireId(row.id) for row in fires(database) if row.id != FIRE.id)


def pauses(database: Database, client: PrefectClient, run_id: str, fire: FireId) -> None:
    """Let a run begin and be suspended, and the ledger know."""
    client.set_state(run_id, "RUNNING", force=True)
    client.suspend(run_id, 600)
    put(database, fire, FireState.PAUSED, AT)


def old(run: FlowRun) -> datetime:
    """Return when a run that nobody wants is old enough to be ended."""
    assert run.expected_start is not None
    return run.expected_start + timedelta(minutes=1, microseconds=1)
