"""The broker or Postgres goes away under two running Beats: the due times meanwhile are not lost."""

import os
import pwd
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from time import sleep
from typing import Any

import pytest
import redis

from src.stack.postgres import PostgresServer, run_as
from src.stack.valkey import ValkeyServer
from tests.conftest import migrate_template
from tests.integration.beats.flock import Flock, flock
from tests.ports import free_port, running

pytestmark = pytest.mark.integration

#: `make soak` asks for fifteen.
OUTAGE_S = float(os.environ.get("SOAK_OUTAGE_S", "3"))


@dataclass
class Server:
    """A server that a test stops and starts again on the same data and port."""

    argv: list[str]
    ready: Callable[[], object]
    options: dict[str, Any] = field(default_factory=dict)
    stack: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        self.stack.enter_context(running(self.argv, self.ready, **self.options))

    def away(self, seconds: float) -> None:
        self.stack.close()
        sleep(seconds)
        self.start()


@pytest.fixture
def postgres(server_folder: Path) -> Iterator[tuple[Server, str]]:
    server = PostgresServer(
        folder=server_folder / secrets.token_hex(4), port=free_port(), password=secrets.token_hex(8)
    )
    server.prepare()
    user = run_as()
    options = {"user": user, "group": pwd.getpwnam(user).pw_gid} if user else {}
    one = Server(server.argv(durable=False), server.create_database, {"cwd": server.folder, **options})
    one.start()
    migrate_template(server)
    yield one, server.url
    one.stack.close()


@pytest.fixture
def valkey(server_folder: Path) -> Iterator[tuple[Server, str]]:
    server = ValkeyServer(
        folder=server_folder / secrets.token_hex(4), port=free_port(), password=secrets.token_hex(8)
    )
    server.prepare()
    one = Server(server.argv(), redis.Redis.from_url(server.url).ping)
    one.start()
    yield one, server.url
    one.stack.close()


def fire_through(beats: Flock, server: Server) -> None:
    beats.start()
    beats.start()
    beats.leader()
    beats.wait_for_a_standby()
    server.away(OUTAGE_S)
    back = beats.now()
    beats.wait_for_fires_after(back)
    ended = beats.now()
    beats.wait_for_fires_after(ended)
    beats.wait_for(
        lambda: not beats.query("select 1 from fires where state = 'claimed' and due_at <= %s", ended),
        "end of the backlog",
    )
    told = beats.check_each_due_time_took_effect_once(ended)
    assert told["fires"] >= OUTAGE_S * beats.entries() / beats.every.total_seconds()


def test_fires_wait_while_the_broker_is_away_and_go_out_once(
    tmp_path: Path, database_url: str, valkey: tuple[Server, str]
) -> None:
    server, url = valkey
    with flock(tmp_path, database_url, url) as beats:
        fire_through(beats, server)


def test_due_times_while_postgres_is_away_are_caught_up_once(
    tmp_path: Path, postgres: tuple[Server, str], redis_url: str
) -> None:
    server, url = postgres
    with flock(tmp_path, url, redis_url) as beats:
        pids = {beats.start(), beats.start()}
        beats.leader()
        fire_through(beats, server)
        for pid in pids:
            os.kill(pid, 0)  # both have lived through it
