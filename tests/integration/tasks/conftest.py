"""A real worker process on the session's Valkey and the test's Postgres."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from celery import Celery

from src.core.settings import settings
from src.database import outcomes
from src.database.connection import Database
from src.database.tables.schedule import FireRow
from src.domain.fire import OPEN, Fire
from src.pipeline.context import Context

Worker = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def app(redis_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Celery:
    """The app on the session's Valkey, as Beat uses it."""
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("DATABASE_URL", database_url)
    settings.cache_clear()
    from src.tasks.celery_app import app as celery_app

    celery_app.conf.update(broker_url=redis_url, result_backend=redis_url)
    return celery_app


@pytest.fixture
def worker(redis_url: str, database_url: str, server_folder: object) -> Worker:
    """Start a prefork worker with one child; it is asked to stop and awaited at the end."""

    @contextmanager
    def start() -> Iterator[None]:
        environment = os.environ | {"REDIS_URL": redis_url, "DATABASE_URL": database_url}
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "src.tasks.celery_app", "worker", "--concurrency=1",
             "--queues=scheduler,data_collection,quality,monitoring,maintenance", "--without-mingle"],
            env=environment,
        )  # fmt: skip
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    return start


def outcome(ctx: Context, fire: Fire, within_s: float = 60) -> FireRow:
    """Wait until the fire has ended and return its row."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        with ctx.database.session() as session:
            row = outcomes.find(session, fire.id)
        if row is not None and row.state not in OPEN:
            return row
        time.sleep(0.05)
    raise AssertionError(f"{fire.entry} had not ended after {within_s} s")


def wanted(database: Database, fire: Fire) -> Fire:
    """Write the row of a fire as Beat's claim does."""
    with database.session() as session:
        outcomes.request(session, fire, fire.due_at)
    return fire
