"""The servers of a run, and the processes that are measured on them; each is ended by its id."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import redis
import requests

from benchmarks.scheduler.servers import Servers, environment, servers
from src.scheduling.bridge.client import PrefectClient
from src.stack.ports import free_port

ROOT = Path(__file__).parents[2]
_LOOPBACK = "127.0.0.1"
#: As the stack starts the services; Prefect's own worker and `serve()` are measured without it.
_OURS = {
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
    "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false",
}

T = TypeVar("T")


@dataclass(frozen=True)
class Stage:
    """Postgres, Valkey and a Prefect server on SQLite, as the embedded stack has it."""

    servers: Servers
    prefect_url: str
    #: What this process asks Prefect with; it remembers the deployments, as Beat's does.
    client: PrefectClient

    @property
    def marks(self) -> Path:
        """The file in which each flow leaves a line when its code begins."""
        return self.servers.folder / "marks"

    @contextmanager
    def beat(self, schedule: dict[str, str] | None = None) -> Iterator[None]:
        """A Beat that leads, on an empty ledger, with the entries of `schedule`."""
        self.servers.empty()
        argv = ["celery", "-A", "benchmarks.bridge.app", "beat", "--pidfile=", "--loglevel=INFO"]
        scheduler = ["--scheduler", "benchmarks.bridge.beat.BenchScheduler"]
        with self.process("beat", [*argv, *scheduler], "beat_leads", _OURS | (schedule or {})):
            time.sleep(2)  # it has greeted Prefect
            yield

    @contextmanager
    def flow_worker(self, processes: int) -> Iterator[None]:
        """A Celery worker of the queue of flows, with so many processes."""
        argv = ["celery", "-A", "benchmarks.bridge.app", "worker", "--queues=flows", "--loglevel=INFO", "-E"]
        with self.process("flow-worker", [*argv, f"--concurrency={processes}"], " ready.", _OURS):
            yield

    @contextmanager
    def prefect_worker(self, pool: str, **variables: str) -> Iterator[None]:
        """A stock process worker of `pool`."""
        argv = ["prefect", "worker", "start", "--pool", pool, "--type", "process"]
        with self.process(f"worker-{pool}", argv, "started!", variables):
            yield

    @contextmanager
    def prefork_worker(self) -> Iterator[None]:
        """The worker that forks, with its fork server; both have imported everything."""
        variables = _OURS | {"PREFECT_WORKER_QUERY_SECONDS": "1"}
        with self.process("worker-prefork", ["benchmarks.bridge.prefork"], "started!", variables):
            yield

    def wake(self, name: str) -> None:
        """Wake who waits for the Redis list `name`."""
        with redis.Redis.from_url(self.servers.valkey.url) as link:
            link.lpush(name, "")

    @contextmanager
    def process(
        self, name: str, module: list[str], says: str, variables: dict[str, str] | None = None
    ) -> Iterator[None]:
        """A running Python module that has said `says` in its log; its whole group ends with it."""
        log = self.servers.folder / f"{name}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", *module],
                cwd=ROOT, env=self.environment(variables or {}), stdout=out, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
        try:
            until(lambda: _has_said(process, log, says), f"{name} to say {says!r}", 120)
            yield
        except BaseException:
            sys.stderr.write(log.read_text(errors="replace")[-3000:])
            raise
        finally:
            _end(process)

    def run(self, *module: str) -> None:
        """Run a Python module to its end."""
        subprocess.run(
            [sys.executable, "-m", *module],
            cwd=ROOT,
            env=self.environment(_OURS),
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def environment(self, variables: dict[str, str]) -> dict[str, str]:
        """What a measured process finds in its environment."""
        scripts = str(Path(sys.executable).parent)
        temporary = self.servers.folder / "tmp"
        temporary.mkdir(exist_ok=True)
        return environment() | {
            "PATH": os.pathsep.join([scripts, os.environ.get("PATH", os.defpath)]),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "DO_NOT_TRACK": "1",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "TMPDIR": str(temporary),
            "MATCHBEAT_HOME": str(self.servers.folder / "home"),
            "DATABASE_URL": self.servers.postgres.url,
            "REDIS_URL": self.servers.valkey.url,
            "PREFECT_API_URL": self.prefect_url,
            "PREFECT_HOME": str(self.servers.folder / "prefect"),
            "PREFECT_WORKER_WEBSERVER_HOST": _LOOPBACK,
            "BENCH_MARKS": str(self.marks),
            **variables,
        }


@contextmanager
def stage() -> Iterator[Stage]:
    """Start the servers and make the deployments; end them all."""
    with servers() as running:
        port = free_port()
        url = f"http://{_LOOPBACK}:{port}/api"
        made = Stage(running, url, PrefectClient(url))
        (running.folder / "prefect").mkdir()
        argv = ["prefect", "server", "start", "--host", _LOOPBACK, "--port", str(port)]
        quiet = {"PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
        with made.process("prefect", argv, "Check out the dashboard", quiet):
            until(lambda: _is_healthy(made.prefect_url), "Prefect to be healthy", 120)
            made.run("benchmarks.bridge.deploy")
            yield made


def until(look: Callable[[], T | None], what: str, within_s: float, every_s: float = 0.05) -> T:
    """Return what `look` finds, as soon as it finds something; raise RuntimeError where it does not."""
    deadline = time.monotonic() + within_s
    while not (found := look()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"waited {within_s:g} s for {what}")
        time.sleep(every_s)
    return found


def _has_said(process: subprocess.Popen[bytes], log: Path, words: str) -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"{log.name}: the process ended with {process.returncode}")
    return words in log.read_text(errors="replace")


def _is_healthy(url: str) -> bool:
    with suppress(requests.RequestException):
        return requests.get(f"{url}/health", timeout=2).ok
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end, then end what is left of its group."""
    process.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(15)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
