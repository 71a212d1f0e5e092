from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from src.database import schedule
from src.database.connection import Database
from src.domain.fire import FireState
from src.domain.ports import Scheduled
from src.orchestration.work_pools import CELERY_POOL_TYPE
from src.scheduling.bridge.client import PrefectClient
from src.scheduling.bridge.records import FlowRun
from src.scheduling.entrypoints import CELERY_WORK_POOL
from src.scheduling.pickup import PickUp
from tests.integration.pickup.runs import (
    AT,
    ENTRY,
    FIRE,
    Start,
    made_for,
)
from tests.integration.scheduling.rows import lead, put, wanted
from tests.prefect_made import call, make_deployment, told


@pytest.fixture(scope="module")
def pool(prefect_url: str) -> Iterator[str]:
    """The work pool that the leading Beat polls, made here where no other test has made it."""
    body = {"name": CELERY_WORK_POOL, "type": CELERY_POOL_TYPE}
    made = call("POST", f"{prefect_url}/work_pools/", body)
    assert made.status_code in {201, 409}, made.text
    yield CELERY_WORK_POOL
    if made.status_code == 201:
        told("DELETE", f"{prefect_url}/work_pools/{CELERY_WORK_POOL}")


@pytest.fixture(scope="module")
def deployments(prefect_url: str, pool: str) -> Iterator[dict[str, str]]:
    """The ids of two deployments in the pool; an entry names the first of them."""
    names = (ENTRY.target, "picked-by-nobody")
    made = {name: make_deployment(prefect_url, name, pool) for name in names}
    yield made
    for id_ in made.values():
        told("DELETE", f"{prefect_url}/deployments/{id_}")


@pytest.fixture
def client(prefect_url: str, deployments: dict[str, str]) -> Iterator[PrefectClient]:
    """Prefect without a run that these tests or earlier ones have made ahead."""
    client = PrefectClient(prefect_url)
    for run in client.flow_runs(tags=["matchbeat"], state_types=["PENDING"]):
        client.delete_flow_run(run.id)
    yield client
    for run in client.flow_runs(deployment_ids=deployments.values()):
        client.delete_flow_run(run.id)


@pytest.fixture
def ledger(database: Database) -> Database:
    """The ledger of a leader of epoch 1, which has declared ENTRY."""
    lead(database, AT)
    with database.session() as session:
        schedule.declare(session, [Scheduled(entry=ENTRY, next_due=None)], AT)
    return database


@pytest.fixture
def pick_up(ledger: Database, client: PrefectClient) -> PickUp:
    return PickUp(1, ledger, client, "beat@test")


@pytest.fixture
def start(prefect_url: str, deployments: dict[str, str]) -> Start:
    """Start a run as a person does in Prefect's UI; return its id."""

    def start(target: str = ENTRY.target, at: datetime = AT, **more: Any) -> str:
        state = {"type": "SCHEDULED", "state_details": {"scheduled_time": at.isoformat()}}
        url = f"{prefect_url}/deployments/{deployments[target]}/create_flow_run"
        return str(told("POST", url, {"state": state, "parameters": {"day": "today"}, **more})["id"])

    return start


@pytest.fixture
def sent(ledger: Database, client: PrefectClient) -> FlowRun:
    """The pending run of FIRE, which a leader has sent."""
    wanted(ledger, FIRE, AT)
    run = made_for(client, FIRE)
    put(ledger, FIRE.id, FireState.SENT, AT, flow_run_id=run.id)
    return run
