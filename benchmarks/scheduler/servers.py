"""A Postgres that keeps its promises (fsync on) and a Valkey, for one run of the benchmarks."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import redis

from src.database.connection import Database
from src.database.migrate import upgrade
from src.stack.ports import free_port
from src.stack.postgres import PostgresServer, run_as
from src.stack.valkey import ValkeyServer


@dataclass
class Server:
    """One server process, ended by its id."""

    argv: list[str]
    ready: Callable[[], object]
    options: dict[str, object] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self, limit_s: float = 30) -> None:
        """Start the server and return when it answers."""
        self.process = subprocess.Popen(
            self.argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self.options
        )
        deadline = time.monotonic() + limit_s
        while True:
            try:
                self.ready()
            except Exception:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                return

    def stop(self) -> None:
        """End the server in order, as an operator's restart would."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass
class Servers:
    """The servers of a run and a folder for what schedulers keep."""

    folder: Path
    postgres: PostgresServer
    postgres_process: Server
    valkey: ValkeyServer
    valkey_process: Server

    def empty(self) -> None:
        """Forget every message, and every entry and fire."""
        redis.Redis.from_url(self.valkey.url).flushall()
        database = Database(self.postgres.url)
        with database.engine.begin() as link:
            link.exec_driver_sql(
                "truncate fires, schedule_overrides, schedule_entries, schedule_audit cascade"
            )
        database.close()
        for file in self.folder.glob("celerybeat-schedule*"):
            file.unlink()


@contextmanager
def servers() -> Iterator[Servers]:
    """Start both, the schema at head; end both."""
    folder = Path(tempfile.mkdtemp(prefix="matchbeat-bench-"))
    folder.chmod(0o755)
    postgres = PostgresServer(folder=folder / "pg", port=free_port(), password=secrets.token_hex(8))
    postgres.prepare()
    user = run_as()
    options = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}
    database = Server(
        postgres.argv(durable=True), postgres.create_database, {"cwd": postgres.folder, **options}
    )
    valkey = ValkeyServer(folder=folder / "valkey", port=free_port(), password=secrets.token_hex(8))
    valkey.prepare()
    broker = Server(valkey.argv(), redis.Redis.from_url(valkey.url).ping)
    try:
        database.start()
        broker.start()
        connection = Database(postgres.url)
        upgrade(connection)
        connection.close()
        yield Servers(folder, postgres, database, valkey, broker)
    finally:
        broker.stop()
        database.stop()
        shutil.rmtree(folder, ignore_errors=True)


def environment() -> dict[str, str]:
    """This process's environment without a developer's own settings and running stack."""
    ours = ("MATCHBEAT_", "TITAN_", "DATABASE_", "REDIS_", "PREFECT_", "MLFLOW_", "CELERY_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
