"""Health on real servers, and with the servers away."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
import redis
from sqlalchemy import text
from starlette.testclient import TestClient

from src.api.app import create_app
from src.api.parts import examine_within
from src.core.clock import FixedClock
from src.core.settings import Settings
from src.database.connection import Database
from src.database.leadership import Leadership
from src.pipeline.context import Context
from src.stack.postgres import PostgresServer
from tests.ports import free_port

pytestmark = pytest.mark.integration


@pytest.fixture
def stranded(clock: FixedClock) -> Iterator[TestClient]:
    """The application with nobody at any of its addresses; the database's has a password in it."""
    url = f"postgresql://matchbeat:hush-hush@127.0.0.1:{free_port()}/matchbeat"
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        database_url=url,
        prefect_api_url=f"http://127.0.0.1:{free_port()}/api",
        mlflow_tracking_uri=f"http://127.0.0.1:{free_port()}",
    )
    database = Database(url)
    connection = redis.Redis.from_url(f"redis://:hush-hush@127.0.0.1:{free_port()}/0", retry=None)
    ctx = Context(settings=settings, clock=clock, database=database)
    with TestClient(create_app(ctx, connection), raise_server_exceptions=False) as client:
        yield client
    database.close()


def test_database_and_redis_answer(client: TestClient) -> None:
    for part in ("database", "redis"):
        answer = client.get(f"/health/{part}")
        assert answer.status_code == 200
        assert answer.json()["status"] == "ok"
        assert answer.json()["part"] == part


@pytest.mark.parametrize(("part", "setting"), [("database", "DATABASE_URL"), ("redis", "REDIS_URL")])
def test_a_part_that_is_away_is_named_with_what_to_do(stranded: TestClient, part: str, setting: str) -> None:
    answer = stranded.get(f"/health/{part}")
    assert answer.status_code == 503
    assert answer.json()["part"] == part
    assert setting in answer.json()["remedy"]


def test_the_process_is_alive_whatever_is_away(stranded: TestClient) -> None:
    assert stranded.get("/health").json() == {"status": "ok"}


def test_detailed_names_every_part_that_is_down(stranded: TestClient) -> None:
    answer = stranded.get("/health/detailed")
    assert answer.status_code == 503
    assert answer.json()["down"] == ["database", "redis", "prefect", "mlflow", "beat", "workers"]


@pytest.mark.parametrize("path", ["/predictions", "/schedule", "/stats", "/"])
def test_without_a_database_an_answer_is_503_and_holds_no_secret(stranded: TestClient, path: str) -> None:
    answer = stranded.get(path)
    assert answer.status_code == 503
    assert "Postgres is not answering" in answer.text
    assert "hush-hush" not in answer.text


def test_metrics_tell_that_the_database_is_away(stranded: TestClient) -> None:
    answer = stranded.get("/metrics")
    assert answer.status_code == 200
    assert 'matchbeat_up{part="database"} 0.0' in answer.text


def test_a_leading_beat_and_a_living_worker_are_seen(client: TestClient, leading: Leadership) -> None:
    parts = _parts(client)
    assert parts["beat"]["status"] == "ok"
    assert parts["workers"] == parts["workers"] | {"status": "ok", "detail": "1 alive"}


def test_a_beat_that_gave_up_is_down(client: TestClient, leading: Leadership) -> None:
    leading.resign()
    assert "nobody leads" in _parts(client)["beat"]["detail"]


def test_a_leader_that_is_silent_past_its_lease_is_down(
    client: TestClient, leading: Leadership, context: Context
) -> None:
    with context.database.session() as session:
        session.execute(text("update leadership set heartbeat_at = now() - interval '1 minute'"))
    assert "holds the lock and has been silent for 6" in _parts(client)["beat"]["detail"]


def test_a_leader_that_fires_nothing_is_down(
    client: TestClient, leading: Leadership, world: Context, clock: FixedClock
) -> None:
    assert _parts(client)["beat"]["status"] == "ok"
    clock.advance(timedelta(hours=5))
    assert "has not fired what was due 2026-03-01 16:00" in _parts(client)["beat"]["detail"]


def test_without_workers_or_settings_the_parts_say_so(context: Context, redis_url: str) -> None:
    connection = redis.Redis.from_url(redis_url)
    bare = replace(context, settings=Settings(_env_file=None))  # type: ignore[call-arg]
    with TestClient(create_app(bare, connection)) as client:
        parts = _parts(client)
    connection.close()
    assert "no worker" in parts["workers"]["detail"]
    assert "PREFECT_API_URL is not set" in parts["prefect"]["detail"]
    assert "no Beat has led yet" in parts["beat"]["detail"]


def _parts(client: TestClient) -> dict[str, dict[str, str]]:
    return {part["part"]: part for part in client.get("/health/detailed").json()["parts"]}


def test_a_part_that_hangs_is_down_within_the_limit() -> None:
    go_on = Event()
    try:
        (state,) = examine_within({"database": lambda: str(go_on.wait(30))}, limit_s=0.05)
    finally:
        go_on.set()
    assert not state.ok
    assert "has not answered within 0.05 s" in state.detail
    assert "DATABASE_URL" in (state.remedy or "")


def test_head_is_answered_as_get_without_a_body(client: TestClient) -> None:
    for path in ("/health", "/", "/metrics", "/docs", "/static/matchbeat.css"):
        answer = client.head(path)
        assert (path, answer.status_code, answer.content) == (path, 200, b"")


def test_a_database_without_our_tables_is_named(
    postgres_server: PostgresServer, context: Context, clock: FixedClock
) -> None:
    bare = Database(postgres_server.admin_url)
    with TestClient(create_app(replace(context, database=bare)), raise_server_exceptions=False) as client:
        answer = client.get("/schedule")
        assert answer.status_code == 500
        assert "src.stack.migrate" in answer.json()["detail"]
        assert 'matchbeat_up{part="database"} 0.0' in client.get("/metrics").text
    bare.close()
