"""Celery workers of the queue `flows` as processes of a test."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tests.integration.tasks.conftest import with_group
from tests.prefect_server import QUIET


def worker_environment(redis_url: str, database_url: str, prefect_url: str, home: Path) -> dict[str, str]:
    """Return the environment of a worker; `home` is where its Prefect keeps what it stores."""
    return {
        **os.environ,
        **QUIET,
        "REDIS_URL": redis_url,
        "DATABASE_URL": database_url,
        "PREFECT_API_URL": prefect_url,
        "PREFECT_HOME": str(home),
        "PREFECT_LOGGING_TO_API_ENABLED": "true",
        "PREFECT_LOGGING_LEVEL": "INFO",
    }


def start_worker(
    name: str, concurrency: int, environment: dict[str, str], log: Path
) -> "subprocess.Popen[bytes]":
    """Start a prefork worker that leads a process group of its own; do not wait for it."""
    with log.open("ab") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "tests.integration.flows.flow_app", "worker",
             f"--concurrency={concurrency}", "--queues=flows", "--without-mingle", "-n", f"{name}@%h",
             "--loglevel=INFO"],
            env=environment, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip


def stop_worker(process: "subprocess.Popen[bytes]", patience_s: float = 20) -> None:
    """Ask it to stop; kill what is left of its group."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(patience_s)
    with_group(process.pid, signal.SIGKILL)
    process.wait()
