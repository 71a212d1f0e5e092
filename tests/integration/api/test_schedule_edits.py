"""Changes of the schedule over HTTP, for whoever bears the token."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from httpx import Response
from starlette.testclient import TestClient

from src.api.app import create_app
from src.core.settings import Settings
from src.database.schedule_audit import changes
from src.pipeline.context import Context
from src.pipeline.schedule_show import details, past_fires
from tests.conftest import NOW

pytestmark = pytest.mark.integration

TOKEN = "a-token-of-sixteen-or-more"
WHO = {"who": "lena", "why": "upstream is down"}
#: Every operation that changes something, with a body that is right.
WRITES: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "pause", WHO),
    ("POST", "resume", WHO),
    ("POST", "reset", WHO),
    ("POST", "run-now", WHO),
    ("POST", "backfill", {**WHO, "from": "2026-03-01T04:00:00Z", "to": "2026-03-01T12:00:00Z"}),
    ("PATCH", "", {**WHO, "priority": 9}),
]


@pytest.fixture
def guarded(world: Context) -> Context:
    settings = Settings(_env_file=None, api_token=TOKEN)  # type: ignore[call-arg]
    return replace(world, settings=settings)


@pytest.fixture
def editor(guarded: Context) -> Iterator[TestClient]:
    """A client that bears the token."""
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    with TestClient(create_app(guarded), raise_server_exceptions=False, headers=bearer) as client:
        yield client


def nested(depth: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found


def send(client: TestClient, method: str, action: str, body: Any, **options: Any) -> Response:
    path = f"/schedule/data-quality-check/{action}".rstrip("/")
    options["headers"] = {"Content-Type": "application/json"} | options.get("headers", {})
    answer: Response = client.request(method, path, content=json.dumps(body), **options)
    return answer


def actions(context: Context) -> list[str]:
    with context.database.session() as session:
        return [change.action for change in changes(session)]


def test_an_entry_is_paused_edited_resumed_and_reset(editor: TestClient, world: Context) -> None:
    seen = editor.get("/schedule/data-quality-check").json()["revision"]
    paused = send(editor, "POST", "pause", {**WHO, "revision": seen}).json()
    assert (paused["revision"], paused["disabled_reason"]) == (seen + 1, "paused by lena: upstream is down")
    edit = {
        **WHO, "cadence": {"cron": "*/5 * * * *", "timezone": "Europe/Paris"}, "priority": 9,
        "parameters": {"days_back": 3}, "policy": {"overlap": "buffer_all", "jitter": 5},
    }  # fmt: skip
    assert send(editor, "PATCH", "", edit).json()["changed"]
    found = details(world, "data-quality-check")
    assert found.effective["cadence"] == {"cron": "*/5 * * * *", "timezone": "Europe/Paris"}
    assert (found.effective["priority"], found.effective["parameters"]) == (9, {"days_back": 3})
    assert found.policy["overlap"] == "buffer_all"
    assert send(editor, "POST", "resume", WHO).json()["enabled"]
    assert send(editor, "POST", "reset", WHO).json()["changed"]
    assert not send(editor, "POST", "reset", WHO).json()["changed"]
    assert actions(world) == ["reset", "resume", "edit", "pause"]


def test_a_run_and_a_backfill_are_asked_for(editor: TestClient, world: Context) -> None:
    asked = send(editor, "POST", "run-now", {**WHO, "parameters": {"days_back": 1}})
    assert asked.status_code == 202
    body = {**WHO, "from": "2026-03-01T00:00:00Z", "to": "2026-03-01T11:00:00Z"}
    would = send(editor, "POST", "backfill", {**body, "dry_run": True}).json()
    done = send(editor, "POST", "backfill", body).json()
    # 08:00 ran already.
    assert done["claimed"] == would["claimed"] == ["2026-03-01T00:00:00Z", "2026-03-01T04:00:00Z"]
    assert send(editor, "POST", "backfill", body).json()["claimed"] == []
    fires = past_fires(world, "data-quality-check", limit=9)
    assert (fires[0].fire, fires[0].due_at) == (asked.json()["fire"], NOW)
    assert actions(world) == ["backfill", "run-now"]


@pytest.mark.parametrize(("method", "action", "body"), WRITES)
def test_without_a_token_nothing_is_changed(
    client: TestClient, guarded: Context, method: str, action: str, body: Any
) -> None:
    off = send(client, method, action, body)
    assert off.status_code == 403
    assert "set MATCHBEAT_API_TOKEN" in off.json()["detail"]
    with TestClient(create_app(guarded)) as known:
        wrong = (None, "Bearer", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer \xe9\xe9".encode("latin-1"))
        for header in wrong:
            headers = {} if header is None else {"Authorization": header}
            answer = send(known, method, action, body, headers=headers)
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert TOKEN not in answer.text
    assert actions(guarded) == []


@pytest.mark.parametrize(("method", "action", "body"), WRITES)
def test_a_change_on_an_older_revision_is_refused_with_the_newer_one(
    editor: TestClient, world: Context, method: str, action: str, body: Any
) -> None:
    answer = send(editor, method, action, {**body, "revision": 99})
    assert answer.status_code == 409
    assert "99 is not the present one" in answer.json()["detail"]
    assert "it is at 1" in answer.json()["detail"]
    assert actions(world) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({}, "edit"),
        ({"why": " "}, "why"),
        ({"who": 5}, "who"),
        ({"why": "\ud800"}, "why"),
        ({"revision": "soon"}, "revision"),
        ({"priority": 11}, "priority"),
        ({"priority": "high"}, "priority"),
        ({"cadence": {"cron": "* *"}}, "cadence"),
        ({"cadence": {"cron": "0 2 * * *", "timezone": "Mars/Base"}}, "cadence"),
        ({"cadence": {"every_s": 0}}, "cadence"),
        ({"cadence": {"every_s": "soon"}}, "cadence"),
        ({"cadence": {"every_s": 5, "anchor": "2026-01-01"}}, "cadence"),
        ({"cadence": {"density": [{"matches": 0}]}}, "cadence"),
        ({"cadence": {"noon": True}}, "cadence"),
        ({"cadence": {}}, "cadence"),
        ({"cadence": {"cron": "0 2 * * *", "zone": "Europe/Paris"}}, "cadence"),
        ({"cadence": {"cron": "0 2 * * *", "every_s": 60}}, "cadence"),
        ({"cadence": {"density": [{"matches": 1, "within_s": 9, "every_s": 9, "every": 1}]}}, "cadence"),
        ({"parameters": {"day": 1}}, "parameters"),
        ({"parameters": {"days_back": float("nan")}}, "parameters"),
        ({"parameters": {"days_back": "\0"}}, "parameters"),
        ({"parameters": [1]}, "parameters"),
        ({"parameters": {"\ud800": 1}}, "parameters"),
        ({"policy": {"\ud800": 1}}, "policy"),
        ({"cadence": {"\ud800": 1}}, "cadence"),
        ({"policy": {"overlap": "never"}}, "policy"),
        ({"policy": {"pause_after": 0}}, "policy"),
        ({"policy": {"start": "2026-01-01"}}, "policy"),
        ({"policy": {"catch_up_window": [1]}}, "policy"),
        ({"policy": {"expires": 1e300}}, "policy"),
        ({"policy": {"expires": 1e11}}, "policy"),
        ({"policy": {"start": "9999-12-31T23:59:59-14:00", "end": "9999-12-31T00:00:00Z"}}, "policy"),
        ({"cadence": {"at": "9999-12-31T23:59:59-14:00"}}, "cadence"),
        ({"parameters": {"days_back": nested(900)}}, "parameters"),
    ],
)
def test_what_cannot_be_is_refused_with_field_and_example(
    editor: TestClient, world: Context, change: dict[str, Any], field: str
) -> None:
    answer = send(editor, "PATCH", "", {**WHO, **change})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["field"] == field
    assert "for example" in error["problem"]
    assert actions(world) == []


def test_an_unknown_entry_is_not_found(editor: TestClient, world: Context) -> None:
    for method, action, body in WRITES:
        path = f"/schedule/data-quality-chek/{action}".rstrip("/")
        answer = editor.request(method, path, json=body)
        assert answer.status_code == 404
        assert "did you mean data-quality-check" in answer.json()["detail"]
