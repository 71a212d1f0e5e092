"""The schedule over HTTP."""

import pytest
from starlette.testclient import TestClient

from src.domain.edit import Author
from src.pipeline.context import Context
from src.pipeline.schedule_edits import Wanted, edit, pause

pytestmark = pytest.mark.integration

LENA = Author(who="lena", why="upstream is down")


def test_an_entry_is_served_with_declared_override_and_fires(client: TestClient, world: Context) -> None:
    edit(world, "titan-live", Wanted(priority=9), LENA)
    answer = client.get("/schedule/titan-live").json()
    assert (answer["declared"]["priority"], answer["effective"]["priority"]) == (7, 9)
    assert answer["override"]["priority"] == 9
    fires = client.get("/schedule/titan-live/fires", params={"limit": 2}).json()
    assert [fire["state"] for fire in fires["fires"]] == ["succeeded", "succeeded"]


def test_the_audit_is_served_newest_first(client: TestClient, world: Context) -> None:
    edit(world, "titan-live", Wanted(priority=9), LENA)
    pause(world, "titan-regular", LENA)
    everything = client.get("/schedule/audit").json()
    assert [change["action"] for change in everything["changes"]] == ["pause", "edit"]
    one = client.get("/schedule/audit", params={"entry": "titan-live"}).json()
    assert [change["who"] for change in one["changes"]] == ["lena"]


def test_the_schedule_and_the_dashboard_show_a_pause_with_its_reason(
    client: TestClient, world: Context
) -> None:
    pause(world, "titan-live", LENA)
    entries = {entry["name"]: entry for entry in client.get("/schedule").json()["entries"]}
    assert entries["titan-live"]["disabled_reason"] == "paused by lena: upstream is down"
    assert entries["titan-live"]["overridden"]
    assert "paused by lena: upstream is down" in client.get("/").text


@pytest.mark.parametrize(
    "path", ["/schedule/no-such", "/schedule/no-such/fires", "/schedule/audit?entry=%00"]
)
def test_an_unknown_entry_is_not_found(client: TestClient, world: Context, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "there is no schedule entry" in answer.json()["detail"]


def test_the_api_changes_nothing(client: TestClient, world: Context) -> None:
    for action in ("pause", "resume", "run-now"):
        assert client.post(f"/schedule/titan-live/{action}", json={}).status_code in {404, 405}
