"""A ledger with tasks and flow runs, the flow runs in a real Prefect."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from src.database import schedule
from src.database.connection import Database
from src.domain.entry import Entry
from src.domain.fire import Fire, FireId, FireState, fire_id
from src.domain.ports import Scheduled
from src.pipeline.context import Context
from src.pipeline.runs import ClientOf
from src.scheduling.bridge.client import PrefectClient
from tests.conftest import NOW
from tests.entries import MINUTELY, NIGHTLY
from tests.integration.scheduling.rows import put, wanted
from tests.prefect_made import make_deployment

DEPLOYMENT = "runs-deployment"
TASK = MINUTELY
FLOW = replace(NIGHTLY, target=DEPLOYMENT)

#: Writes a fire of an entry so many minutes before NOW, in a state.
MakeRun = Callable[..., Fire]


@pytest.fixture
def make_run(database: Database) -> MakeRun:
    with database.session() as session:
        planned = [Scheduled(entry=entry, next_due=NOW) for entry in (TASK, FLOW)]
        schedule.declare(session, planned, NOW)

    def make(entry: Entry, state: FireState, minutes: int = 1, **values: Any) -> Fire:
        due = NOW - timedelta(minutes=minutes)
        fire = Fire(id=fire_id(entry.name, due), entry=entry.name, due_at=due, parameters={"day": "today"})
        wanted(database, fire, due)
        put(database, fire.id, state, due, **values)
        return fire

    return make


def nobody() -> PrefectClient:
    """Stands for a Prefect that must not be asked."""
    raise AssertionError("Prefect is asked")


@pytest.fixture(scope="session")
def prefect(prefect_url: str) -> PrefectClient:
    make_deployment(prefect_url, DEPLOYMENT)
    return PrefectClient(prefect_url)


@pytest.fixture
def client_of(prefect: PrefectClient) -> ClientOf:
    return lambda: prefect


class Revoked(list[FireId]):
    """The fires whose workers were told to end them."""

    def __call__(self, fire: FireId) -> None:
        self.append(fire)


@pytest.fixture
def revoked() -> Revoked:
    return Revoked()


#: Makes a flow run in Prefect and its fire in the ledger, both in the states named.
MakeFlowRun = Callable[..., tuple[Fire, str]]


@pytest.fixture
def make_flow_run(make_run: MakeRun, prefect: PrefectClient, context: Context) -> Iterator[MakeFlowRun]:
    made: list[str] = []

    def make(state: FireState, *types: str) -> tuple[Fire, str]:
        fire = make_run(FLOW, state)
        run = prefect.create_flow_run(
            prefect.deployment(DEPLOYMENT), key=str(fire.id), name="made", parameters={}, tags=[],
            state="PENDING",
        )  # fmt: skip
        made.append(run.id)
        for type_ in types:
            prefect.set_state(run.id, type_)
        put(context.database, fire.id, state, NOW, flow_run_id=run.id)
        return fire, run.id

    yield make
    for run_id in made:  # the fires of all tests have the same ids
        prefect.delete_flow_run(run_id)
