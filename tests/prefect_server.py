"""A real Prefect server a run, and another one that tests may kill and start again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from tests.ports import free_port, running

QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "ERROR",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
    "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false",
    "PREFECT_SERVER_UI_ENABLED": "false",
}


def _patient() -> requests.Session:
    session = requests.Session()
    # On SQLite it answers 503 where its database is locked for a moment, and has done nothing then.
    busy = Retry(total=12, backoff_factor=0.05, backoff_max=1, status_forcelist=[503], allowed_methods=None)
    session.mount("http://", HTTPAdapter(max_retries=busy))
    return session


#: Asks a Prefect server as `requests` does, and again where it is busy.
PREFECT = _patient()


class PrefectServer:
    """A Prefect server on SQLite in `home`; it can be killed and started again on the same data and port."""

    def __init__(self, home: Path) -> None:
        self.home, self.port = home, free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address of its API."""
        return f"http://127.0.0.1:{self.port}/api"

    @property
    def runs(self) -> bool:
        return self._process is not None

    def argv(self) -> list[str]:
        port = str(self.port)
        return [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", port]

    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        return inherited | QUIET | {"PREFECT_HOME": str(self.home)}

    def healthy(self) -> None:
        requests.get(f"{self.url}/health", timeout=2).raise_for_status()

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = subprocess.Popen(
            self.argv(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd=self.home, env=self.environment(), start_new_session=True,
        )  # fmt: skip
        deadline = time.monotonic() + 120
        while True:
            try:
                return self.healthy()
            except requests.RequestException:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def kill(self) -> None:
        """Kill it and what it started; nothing happens where it does not run."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="session")
def prefect_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The API of a Prefect server on SQLite in a folder of its own."""
    server = PrefectServer(tmp_path_factory.mktemp("prefect"))
    # A first start migrates SQLite, which takes long on a busy machine.
    with running(server.argv(), server.healthy, limit_s=120, cwd=server.home, env=server.environment()):
        yield server.url


@pytest.fixture(scope="session")
def _second_prefect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    server = PrefectServer(tmp_path_factory.mktemp("mortal-prefect"))
    yield server
    server.kill()


@pytest.fixture
def mortal_prefect(_second_prefect: PrefectServer) -> PrefectServer:
    """A running Prefect server that this test may kill and start again."""
    if not _second_prefect.runs:
        _second_prefect.start()
    return _second_prefect
