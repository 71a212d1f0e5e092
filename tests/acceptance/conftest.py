"""The whole stack as real processes, on free ports in a home of its own, through its first run."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from tests.ports import free_port

PORTS = ("API", "PREFECT", "FLOWER", "MLFLOW", "POSTGRES", "REDIS", "SANDBOX")
FIRST_RUN_S = 300
START_S = 150


@dataclass
class Stack:
    """A stack started by `matchbeat up`, and what its user would do with it."""

    home: Path
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in PORTS})
    process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        foreign = ("DATABASE_", "REDIS_", "PREFECT_", "MLFLOW_", "TITAN_", "MATCHBEAT_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        ports = {f"MATCHBEAT_{name}_PORT": str(port) for name, port in self.ports.items()}
        return kept | ports | {"MATCHBEAT_HOME": str(self.home)}

    def url(self, name: str, path: str = "") -> str:
        return f"http://127.0.0.1:{self.ports[name]}{path}"

    def get(self, name: str, path: str) -> Any:
        answer = requests.get(self.url(name, path), timeout=30)
        answer.raise_for_status()
        return answer.json()

    def run(
        self, *command: str, timeout: float = 120, module: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a Python module, or a script of the checkout."""
        return subprocess.run(
            [sys.executable, *(["-m"] if module else []), *command],
            env=self.environment, capture_output=True, text=True, timeout=timeout, check=False,
        )  # fmt: skip

    def matchbeat(self, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        return self.run("src.cli.main", *arguments, timeout=timeout)

    def up(self, *arguments: str) -> None:
        self.home.mkdir(exist_ok=True)
        with (self.home / "up.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "src.cli.main", "up", *arguments],
                env=self.environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.wait_for(lambda: self.status().get("phase") == "ready", START_S, "the stack is ready")

    def status(self) -> dict[str, Any]:
        answer = self.matchbeat("status", "--json")
        found: dict[str, Any] = json.loads(answer.stdout) if answer.stdout.startswith("{") else {}
        return found

    def service(self, name: str) -> dict[str, Any]:
        return next(item for item in self.status()["services"] if item["name"] == name)

    def wait_for(self, done: Any, within_s: float, what: str) -> None:
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            if self.process is not None and self.process.poll() is not None:
                raise AssertionError(f"the stack ended while waiting until {what}:\n{self.log()}")
            if done():
                return
            time.sleep(0.5)
        raise AssertionError(f"not within {within_s} s: {what}\n{self.log()}")

    def log(self) -> str:
        return (self.home / "up.log").read_text()[-3000:]

    def family(self) -> list[psutil.Process]:
        assert self.process is not None
        supervisor = psutil.Process(self.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                for member in self.family():
                    member.kill()


@pytest.fixture(scope="session")
def stack(server_folder: Path) -> Iterator[Stack]:
    """The stack after its first run on made seasons; one for all acceptance tests."""
    started = Stack(home=server_folder / "home")
    try:
        started.up()
        started.wait_for(
            lambda: started.service("first-run")["state"] in {"done", "failed"},
            FIRST_RUN_S,
            "the first run ended",
        )
        yield started
    finally:
        started.end()
