"""Starts a small stack, and makes sure that nothing of it outlives the test."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from src.stack.home import Home
from tests.ports import free_port

CHECKOUT = Path(__file__).resolve().parents[3]


def until(holds: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.02)


def tree(pid: int) -> list[psutil.Process]:
    """All processes below `pid`."""
    return psutil.Process(pid).children(recursive=True)


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [each for each in processes if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


class SmallStack:
    """Runs `small_stack` again and again in one home."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder / "home")
        self.env = {
            **os.environ,
            "MATCHBEAT_HOME": str(self.home.path),
            "MATCHBEAT_POSTGRES_PORT": str(free_port()),
            "MATCHBEAT_REDIS_PORT": str(free_port()),
        }
        self.seen: list[psutil.Process] = []
        self.process: subprocess.Popen[bytes] | None = None

    def run(self) -> subprocess.Popen[bytes]:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.stack.small_stack"],
            env=self.env, cwd=CHECKOUT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        return self.process

    def up(self) -> int:
        """Start it, wait until it is ready, and return the supervisor's pid."""
        process = self.run()

        def ready() -> bool:
            if process.poll() is not None:
                assert process.stderr is not None
                pytest.fail(process.stderr.read().decode())
            state = self.home.running()
            return state is not None and state["pid"] == process.pid and state["phase"] == "ready"

        until(ready)
        self.seen += tree(process.pid)
        return process.pid

    def service(self, name: str) -> dict[str, object]:
        state = self.home.running()
        assert state is not None
        return next(service for service in state["services"] if service["name"] == name)

    def close(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        psutil.wait_procs(self.seen, timeout=10)
        for left in alive(self.seen):
            left.kill()


@pytest.fixture
def small_stack(server_folder: Path) -> Iterator[SmallStack]:
    """In the folder that the account Postgres runs as can reach."""
    folder = server_folder / f"stack-{free_port()}"
    folder.mkdir(mode=0o755)
    stack = SmallStack(folder)
    yield stack
    stack.close()
