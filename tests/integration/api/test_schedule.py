"""The schedule over HTTP."""

import pytest
from starlette.testclient import TestClient

from src.database.leadership import Leadership
from src.domain.edit import Author
from src.pipeline.context import Context
from src.pipeline.schedule_checks import Wanted
from src.pipeline.schedule_edits import edit, pause

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
    "path",
    [
        "/schedule/no-such",
        "/schedule/no-such/fires",
        "/schedule/audit?entry=%00",
        "/schedule/next?entry=no-such",
        "/schedule/no-such/why?at=2026-03-01T08:00:00",
    ],
)
def test_an_unknown_entry_is_not_found(client: TestClient, world: Context, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "there is no schedule entry" in answer.json()["detail"]


def test_coming_due_times_are_served_soonest_first(client: TestClient, world: Context) -> None:
    answer = client.get("/schedule/next", params={"count": 3}).json()
    times = [item["due_at"] for item in answer["coming"]]
    assert answer["count"] == 3
    assert times == sorted(times)
    one = client.get("/schedule/next", params={"entry": "titan-regular", "count": 2}).json()
    assert {item["entry"] for item in one["coming"]} == {"titan-regular"}


def test_what_a_deploy_would_change_and_who_leads_are_served(
    client: TestClient, world: Context, leading: Leadership
) -> None:
    assert client.get("/schedule/diff").json() == {"count": 0, "differences": []}
    leader = client.get("/schedule/leader").json()["leader"]
    assert (leader["epoch"], leader["held"]) == (leading.epoch, True)
    assert leader["silent_s"] < leader["lease_s"]


def test_nobody_leads_before_a_beat_has_led(client: TestClient, world: Context) -> None:
    assert client.get("/schedule/leader").json() == {"leader": None}


def test_what_became_of_a_due_time_is_served(client: TestClient, world: Context) -> None:
    told = client.get("/schedule/data-quality-check/why", params={"at": "2026-03-01T08:00:00"}).json()
    assert told["verdict"] == "succeeded"
    assert "was due at 2026-03-01 08:00:00 UTC" in told["text"]
    wrong = client.get("/schedule/data-quality-check/why", params={"at": "noon"})
    assert wrong.status_code == 422
    assert "for example" in wrong.json()["errors"][0]["problem"]
