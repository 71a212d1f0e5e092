from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import cast

import pytest
import requests
from sqlalchemy import update

from src.core.errors import Misconfigured, Transient
from src.core.settings import Settings
from src.database import outcomes
from src.database.connection import Database
from src.database.tables.schedule import FireRow
from src.domain.fire import Fire, FireState, fire_id
from src.orchestration.deployments import register
from src.scheduling.bridge import PrefectBridge
from src.scheduling.catalog import find
from src.scheduling.feedback import Feedback
from tests.ports import free_port

pytestmark = pytest.mark.integration

ENTRY = find("titan-live")
AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FIRE = Fire(id=fire_id(ENTRY.name, AT), entry=ENTRY.name, due_at=AT, parameters=ENTRY.parameters)


@pytest.fixture
def bridge(prefect_url: str) -> PrefectBridge:
    settings = Settings(_env_file=None, prefect_api_url=prefect_url)  # type: ignore[call-arg]
    register(settings, [ENTRY])
    return PrefectBridge(prefect_url)


def test_a_fire_becomes_one_flow_run_however_often_it_is_sent(
    bridge: PrefectBridge, prefect_url: str
) -> None:
    first, second = bridge.send(FIRE, ENTRY), bridge.send(FIRE, ENTRY)
    assert first == second
    run = requests.get(f"{prefect_url}/flow_runs/{first.flow_run_id}", timeout=5).json()
    assert run["parameters"] == {**ENTRY.parameters, "fire_id": str(FIRE.id)}
    assert f"fire:{FIRE.id}" in run["tags"]


def test_states_come_back_in_the_ledgers_words(bridge: PrefectBridge, prefect_url: str) -> None:
    run_id = bridge.send(FIRE, ENTRY).flow_run_id or ""
    assert [state.state for state in bridge.states([run_id])] == [FireState.SENT]
    requests.post(
        f"{prefect_url}/flow_runs/{run_id}/set_state",
        json={"state": {"type": "CANCELLED", "message": "by the operator"}, "force": True},
        timeout=5,
    ).raise_for_status()
    (state,) = bridge.states([run_id])
    assert (state.state, state.message) == (FireState.FAILED, "by the operator")
    assert bridge.states([]) == []


def test_an_unknown_deployment_names_the_entry_and_its_neighbours(bridge: PrefectBridge) -> None:
    with pytest.raises(Misconfigured, match=r"'titan-live'.*'titan-life-deployment'.*titan-live-deployment"):
        bridge.send(FIRE, replace(ENTRY, target="titan-life-deployment"))


def test_prefect_away_is_transient() -> None:
    with pytest.raises(Transient, match="not answering"):
        PrefectBridge(f"http://127.0.0.1:{free_port()}/api").ping()


def test_an_answer_that_is_no_json_is_transient() -> None:
    class Portal(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>log in first</html>")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Portal) as server:
        Thread(target=server.handle_request, daemon=True).start()
        with pytest.raises(Transient, match="does not answer as Prefect does"):
            PrefectBridge(f"http://127.0.0.1:{server.server_port}/api").ping()


def test_a_run_that_prefect_has_deleted_is_lost_not_open_for_ever(database: Database) -> None:
    class Forgetful:
        def states(self, _ids: object) -> list[object]:
            return []

    with database.session() as session:
        outcomes.request(session, FIRE, AT)
        session.execute(update(FireRow).values(state=FireState.SENT, flow_run_id="gone"))
    assert Feedback(1, database, cast("PrefectBridge", Forgetful())).reconcile(AT) == 1
    with database.session() as session:
        row = outcomes.find(session, FIRE.id)
    assert row is not None
    assert (row.state, row.reason) == (FireState.LOST, "Prefect has its run no more")
