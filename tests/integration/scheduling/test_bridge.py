from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, cast

import pytest
import redis
import requests

from src.core.errors import Transient
from src.core.settings import Settings
from src.database.connection import Database
from src.database.leadership import LeadershipLost
from src.domain.entry import Entry
from src.domain.fire import Fire, FireState, fire_id
from src.domain.ports import Sent, Unsent
from src.orchestration.deployments import register
from src.scheduling.bridge import PrefectBridge
from src.scheduling.catalog import find
from src.scheduling.feedback import Feedback
from tests.integration.scheduling.rows import lead, put, row_of, wanted
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


def unsent(fire: Fire, entry: Entry = ENTRY) -> Unsent:
    return Unsent(fire=fire, entry=entry, since=fire.due_at)


def at_minute(minute: int) -> Fire:
    due = AT + timedelta(minutes=minute)
    return replace(FIRE, id=fire_id(ENTRY.name, due), due_at=due)


def hand_over(bridge: PrefectBridge, fire: Fire) -> Sent:
    taken: list[Sent] = []
    assert bridge.send([unsent(fire)], taken.append) == []
    (sent,) = taken
    return sent


def feedback_on(database: Database, bridge: PrefectBridge) -> Feedback:
    return Feedback(1, database, bridge, cast("redis.Redis", None))


def set_state(url: str, run_id: str, state: str) -> None:
    body = {"state": {"type": state}, "force": True}
    requests.post(f"{url}/flow_runs/{run_id}/set_state", json=body, timeout=5).raise_for_status()


def state_of(url: str, run_id: str) -> str:
    return str(requests.get(f"{url}/flow_runs/{run_id}", timeout=5).json()["state"]["type"])


def test_a_fire_becomes_one_flow_run_however_often_it_is_sent(
    bridge: PrefectBridge, prefect_url: str
) -> None:
    first, second = (hand_over(bridge, FIRE) for _ in range(2))
    assert first == second
    run = requests.get(f"{prefect_url}/flow_runs/{first.flow_run_id}", timeout=5).json()
    assert run["parameters"] == {**ENTRY.parameters, "fire_id": str(FIRE.id)}
    assert f"fire:{FIRE.id}" in run["tags"]


def test_states_come_back_in_the_ledgers_words(bridge: PrefectBridge, prefect_url: str) -> None:
    run_id = hand_over(bridge, FIRE).flow_run_id or ""
    assert [state.state for state in bridge.states([run_id])] == [FireState.SENT]
    requests.post(
        f"{prefect_url}/flow_runs/{run_id}/set_state",
        json={"state": {"type": "CANCELLED", "message": "by the operator"}, "force": True},
        timeout=5,
    ).raise_for_status()
    (state,) = bridge.states([run_id])
    assert (state.state, state.message) == (FireState.REVOKED, "by the operator")
    assert bridge.states([]) == []


def test_a_fire_that_prefect_refuses_is_missed_with_the_reason_and_the_others_go_on(
    bridge: PrefectBridge,
) -> None:
    wrong = unsent(replace(FIRE, id=fire_id("wrong", AT)), replace(ENTRY, target="titan-life-deployment"))
    right = unsent(at_minute(1))
    taken: list[Sent] = []
    (closed,) = bridge.send([wrong, right], taken.append)
    assert [sent.id for sent in taken] == [right.fire.id]
    assert (closed.id, closed.state) == (wrong.fire.id, FireState.MISSED)
    assert closed.reason.startswith("refused: entry 'titan-live'")
    assert "'titan-life-deployment'" in closed.reason
    assert "titan-live-deployment" in closed.reason


def test_what_was_taken_before_prefect_went_away_has_been_told(prefect_url: str) -> None:
    class Leaving(PrefectBridge):
        calls = 0

        def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
            if path.endswith("create_flow_run"):
                self.calls += 1
                if self.calls > 1:
                    self._url = f"http://127.0.0.1:{free_port()}/api"
            return super()._call(method, path, body)

    taken: list[Sent] = []
    with pytest.raises(Transient, match="not answering"):
        Leaving(prefect_url).send([unsent(at_minute(n)) for n in (2, 3, 4)], taken.append)
    assert [sent.id for sent in taken] == [at_minute(2).id]


def test_a_cancelled_run_that_nobody_has_begun_ends_at_once_and_is_revoked_in_the_ledger(
    bridge: PrefectBridge, database: Database
) -> None:
    lead(database, AT)
    fire = wanted(database, at_minute(5), AT)
    sent = hand_over(bridge, fire)
    put(database, fire.id, FireState.SENT, AT, flow_run_id=sent.flow_run_id)
    for _ in range(2):
        bridge.cancel([fire.id])
    feedback = feedback_on(database, bridge)
    assert [feedback.reconcile(AT), feedback.reconcile(AT)] == [1, 0]
    assert row_of(database, fire.id).state == FireState.REVOKED


def test_a_cancelled_run_that_has_begun_is_asked_to_end(bridge: PrefectBridge, prefect_url: str) -> None:
    run_id = hand_over(bridge, at_minute(6)).flow_run_id or ""
    set_state(prefect_url, run_id, "PENDING")
    set_state(prefect_url, run_id, "RUNNING")
    bridge.cancel([at_minute(6).id])
    assert state_of(prefect_url, run_id) == "CANCELLING"
    assert [state.state for state in bridge.states([run_id])] == [FireState.STARTED]


@pytest.mark.parametrize("ended", ["COMPLETED", "FAILED", "CRASHED"])
def test_a_run_that_has_ended_stays_as_it_is(bridge: PrefectBridge, prefect_url: str, ended: str) -> None:
    fire = replace(FIRE, id=fire_id(ended, AT))
    run_id = hand_over(bridge, fire).flow_run_id or ""
    set_state(prefect_url, run_id, ended)
    bridge.cancel([fire.id])
    assert state_of(prefect_url, run_id) == ended


def test_a_fire_that_prefect_never_got_is_cancelled_without_a_word(bridge: PrefectBridge) -> None:
    bridge.cancel([])
    bridge.cancel([at_minute(7).id])


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

    wanted(database, FIRE, AT)
    put(database, FIRE.id, FireState.SENT, AT, flow_run_id="gone")
    with pytest.raises(LeadershipLost):
        feedback_on(database, cast("PrefectBridge", Forgetful())).reconcile(AT)
    lead(database, AT)
    assert feedback_on(database, cast("PrefectBridge", Forgetful())).reconcile(AT) == 1
    row = row_of(database, FIRE.id)
    assert (row.state, row.reason) == (FireState.LOST, "Prefect has its run no more")
