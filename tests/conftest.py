"""Real servers for the tests: one Postgres and one Valkey a run, an empty database a test."""

import os
import pwd
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
import pytest
import redis

from src.core.clock import FixedClock
from src.core.settings import Settings
from src.database.connection import Database
from src.database.migrate import upgrade
from src.pipeline.context import Context
from src.stack.postgres import PostgresServer, run_as
from src.stack.valkey import ValkeyServer
from tests.ports import free_port, running

pytest_plugins = ["tests.celery_app", "tests.prefect_server"]

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

#: A test that forgets which Prefect it means fails, instead of having Prefect start a server by itself.
_NO_OTHER_PREFECT = "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE"
os.environ[_NO_OTHER_PREFECT] = "false"


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """A folder that the account Postgres runs as can reach."""
    folder = Path(tempfile.mkdtemp(prefix="matchbeat-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(server_folder: Path) -> Iterator[PostgresServer]:
    server = PostgresServer(folder=server_folder / "pg", port=free_port(), password=secrets.token_hex(8))
    server.prepare()
    user = run_as()
    options = {"user": user, "group": pwd.getpwnam(user).pw_gid} if user else {}
    with running(server.argv(durable=False), server.create_database, cwd=server.folder, **options):
        migrate_template(server)
        yield server


def migrate_template(server: PostgresServer) -> None:
    database = Database(server.url)
    upgrade(database)
    database.close()


@contextmanager
def fresh_database(postgres_server: PostgresServer) -> Iterator[str]:
    """Give the address of a new database with the schema at head, and drop it afterwards."""
    name = f"t_{secrets.token_hex(6)}"
    admin = psycopg2.connect(postgres_server.url.rsplit("/", 1)[0] + "/postgres")
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"create database {name} template matchbeat")
    try:
        yield postgres_server.url.rsplit("/", 1)[0] + f"/{name}"
    finally:
        with admin.cursor() as cursor:
            cursor.execute(f"drop database {name} with (force)")
        admin.close()


@pytest.fixture
def database_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of a fresh database with the schema at head, dropped after the test."""
    with fresh_database(postgres_server) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture(scope="session")
def valkey_server(server_folder: Path) -> Iterator[ValkeyServer]:
    server = ValkeyServer(folder=server_folder / "valkey", port=free_port(), password=secrets.token_hex(8))
    server.prepare()
    with running(server.argv(), redis.Redis.from_url(server.url).ping):
        yield server


@pytest.fixture
def redis_url(valkey_server: ValkeyServer) -> str:
    """The address of an empty Redis database."""
    redis.Redis.from_url(valkey_server.url).flushall()
    return valkey_server.url


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def context(database: Database, database_url: str, clock: FixedClock) -> Context:
    """A use case's context on a fresh database, standing at NOW."""
    settings = Settings(_env_file=None, database_url=database_url)  # type: ignore[call-arg]
    return Context(settings=settings, clock=clock, database=database)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The recorded payloads; a test that needs them skips where they are absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the recorded payloads are not here: {SHARED_DATA}")
    return SHARED_DATA


@pytest.fixture(autouse=True)
def _no_settings_from_outside(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Keep a developer's own environment and running stack out of the tests."""
    for name in set(os.environ) - {_NO_OTHER_PREFECT}:
        if name.startswith(("MATCHBEAT_", "TITAN_", "DATABASE_", "REDIS_", "PREFECT_", "MLFLOW_")):
            monkeypatch.delenv(name)
