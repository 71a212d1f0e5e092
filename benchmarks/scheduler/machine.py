"""The machine and the versions a run was made with."""

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import psutil

from src.stack.postgres import binary as postgres_binary
from src.stack.valkey import binary as valkey_binary

_PACKAGES = ("celery", "kombu", "redis", "celery-redbeat", "psycopg2-binary", "sqlalchemy")


def facts(folder: Path, packages: Sequence[str] = _PACKAGES) -> dict[str, str]:
    """Facts that a reader needs to judge the figures; `folder` is where the servers keep their data."""
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        **{name: version(name) for name in packages},
        "Postgres": _first_line([str(postgres_binary("postgres")), "--version"]).split()[-1],
        "Valkey": _valkey(),
        "one fsync of 8 KiB (median)": f"{_fsync_s(folder) * 1e6:.0f} µs",
        "load average before the run": f"{os.getloadavg()[0]:.2f}",
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines() if sys.platform == "linux" else ():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _valkey() -> str:
    words = _first_line([str(valkey_binary()), "--version"]).split()
    return next((word.partition("=")[2] for word in words if word.startswith("v=")), "unknown")


def _first_line(argv: list[str]) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[0]


def _fsync_s(folder: Path, times: int = 50) -> float:
    took = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(times):
            file.write(bytes(8192))
            began = time.perf_counter()
            file.flush()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - began)
    return statistics.median(took)
