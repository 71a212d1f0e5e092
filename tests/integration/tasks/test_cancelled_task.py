"""A task that runs on a real worker is cancelled."""

from dataclasses import replace

import pytest

from src.api.revoking import revoke
from src.database.connection import Database
from src.domain.edit import Author
from src.domain.fire import Fire, FireState, fire_id
from src.pipeline.context import Context
from src.pipeline.run_control import cancel_run
from src.scheduling.bridge.client import PrefectClient
from src.scheduling.catalog import find
from src.tasks.publisher import CeleryCarrier
from tests.conftest import NOW
from tests.integration.tasks.conftest import PROBE, Worker, begun, effects, hand_over, outcome, shut, wanted

pytestmark = pytest.mark.integration

ENTRY = replace(find("data-quality-check"), target="probe.pass_gate")
FIRE = Fire(id=fire_id(ENTRY.name, NOW), entry=ENTRY.name, due_at=NOW, parameters={})


def nobody() -> PrefectClient:
    raise AssertionError("Prefect is asked")


def test_a_cancelled_task_loses_its_process_and_the_worker_goes_on(
    context: Context,
    database: Database,
    database_url: str,
    gate: None,
    carrier: CeleryCarrier,
    worker: Worker,
) -> None:
    later = replace(FIRE, id=fire_id("later", NOW))
    hand_over(carrier, wanted(database, FIRE), ENTRY)
    with worker(app=PROBE) as running:
        with shut(database_url):
            begun(context, FIRE)
            cancel_run(context, nobody, revoke, str(FIRE.id), Author(who="lena", why="enough"))
            running.logged(f"Terminating {FIRE.id}")
        hand_over(carrier, wanted(database, replace(later, entry="later")), ENTRY)
        assert outcome(context, later).state == FireState.SUCCEEDED
    row = outcome(context, FIRE)
    assert (row.state, row.reason) == (FireState.REVOKED, "cancelled by lena: enough")
    assert effects(database, FIRE.id) == 1
    assert f"{FIRE.id}] succeeded" not in running.log.read_text()
