"""A real Prefect server, Postgres, Valkey, and Celery workers that run flows."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import pytest
import redis
from celery import Celery
from sqlalchemy import text

from src.core.clock import SystemClock
from src.core.settings import Settings
from src.database import schedule as stored
from src.database.connection import Database
from src.domain.ports import Scheduled
from src.pipeline.context import Context
from src.scheduling.bridge.client import PrefectClient
from src.scheduling.flow_carrier import FlowCarrier
from src.tasks.publisher import CeleryCarrier
from tests.integration.flows.probe_entries import PROBES, register_probes
from tests.integration.flows.workers import start_worker, stop_worker, worker_environment
from tests.integration.tasks.conftest import Running
from tests.prefect_server import PrefectServer


class FlowWorker(Protocol):
    """Starts a prefork worker that runs flows; it is asked to stop and awaited at the end."""

    def __call__(self, *, name: str = "flows", concurrency: int = 1) -> AbstractContextManager[Running]: ...


_REGISTERED: set[str] = set()


@pytest.fixture
def probes(mortal_prefect: PrefectServer) -> str:
    """The API of a server that a test may kill, with the deployments of the probe flows.

    It is another one than that of the other tests, for which these deployments would be in the way.
    """
    url = mortal_prefect.url
    if url not in _REGISTERED:
        register_probes(url)
        _REGISTERED.add(url)
    return url


@pytest.fixture
def client(probes: str) -> PrefectClient:
    return PrefectClient(probes)


@pytest.fixture
def schedule(database: Database, context: Context) -> Database:
    """The probe entries as a leader has declared them, and the table that the flows leave rows in."""
    with database.session() as session:
        session.execute(text("create table effects (fire text, what text)"))
        planned = [Scheduled(entry=entry, next_due=None) for entry in PROBES]
        stored.declare(session, planned, context.clock.now())
    return database


@pytest.fixture
def work(database: Database, database_url: str) -> Context:
    """A use case's context at the present moment."""
    settings = Settings(_env_file=None, database_url=database_url)  # type: ignore[call-arg]
    return Context(settings=settings, clock=SystemClock(), database=database)


@pytest.fixture
def carrier(app: Celery, client: PrefectClient, redis_url: str) -> Iterator[FlowCarrier]:
    """What the leader sends flow runs with; nothing is left on the queue by an earlier test."""
    redis.Redis.from_url(redis_url).flushdb()
    celery = CeleryCarrier(app)
    yield FlowCarrier(client, celery)
    celery.close()


@pytest.fixture
def flow_worker(
    redis_url: str, database_url: str, probes: str, server_folder: Path, tmp_path: Path
) -> FlowWorker:
    """Start workers of the queue `flows`, one child each unless more are asked for."""

    @contextmanager
    def start(*, name: str = "flows", concurrency: int = 1) -> Iterator[Running]:
        environment = worker_environment(redis_url, database_url, probes, tmp_path / "prefect")
        log = tmp_path / f"{name}-{len(list(tmp_path.glob(f'{name}-*')))}.log"
        process = start_worker(name, concurrency, environment, log)
        try:
            running = Running(process, log)
            running.logged("ready.")
            yield running
        finally:
            stop_worker(process)
            sys.stdout.write(log.read_text())

    return start
