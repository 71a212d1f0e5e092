"""The stack's folder: one supervisor at a time, its state for others to read, its passwords and addresses."""

import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from src.core.errors import Misconfigured
from src.core.settings import STACK_ENV

STATE_FILE = "supervisor.json"
#: psutil derives a process's start from the boot time, which moves a little when the clock is set.
_SAME_START_S = 5.0


@dataclass(frozen=True)
class Home:
    """The folder that holds one stack's data, logs and state; the path is absolute."""

    path: Path

    @property
    def logs(self) -> Path:
        """The folder of the services' logs."""
        return self.path / "logs"

    @property
    def requests(self) -> Path:
        """The folder through which commands ask the running supervisor for something."""
        return self.path / "requests"

    def log_file(self, service: str) -> Path:
        """The log of one service."""
        return self.logs / f"{service}.log"

    def make(self) -> None:
        """Create the folders, for our own account alone; root's lets Postgres' account pass through."""
        if not self.path.exists():
            self.path.mkdir(parents=True)
            self.path.chmod(0o711 if os.geteuid() == 0 else 0o700)
        for folder in (self.path, self.logs, self.requests):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def lock(self, wait_s: float = 15) -> Iterator[int]:
        """Hold the home's lock; yield its file descriptor, which the guards inherit.

        A supervisor that was killed leaves guards that are still ending their services, so a lock without a
        living supervisor is waited for. Raises Misconfigured where a supervisor runs already.
        """
        fd = os.open(self.path / "supervisor.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            deadline = time.monotonic() + wait_s
            while not _try_lock(fd):
                running = self.running()
                if running is not None:
                    raise Misconfigured(
                        f"a stack already runs in {self.path} (pid {running['pid']}): "
                        "`matchbeat status` shows it, `matchbeat down` ends it"
                    )
                if time.monotonic() > deadline:
                    raise Misconfigured(f"{self.path / 'supervisor.lock'} is held by a stack that is ending")
                time.sleep(0.05)
            yield fd
        finally:
            os.close(fd)

    def state(self) -> dict[str, Any] | None:
        """Return what the last supervisor wrote, None where there is nothing readable."""
        try:
            state = json.loads((self.path / STATE_FILE).read_text())
        except (OSError, ValueError):
            return None
        return state if isinstance(state, dict) and "pid" in state else None

    def running(self) -> dict[str, Any] | None:
        """Return the state of the supervisor that runs now; None where none does or its pid is another's."""
        state = self.state()
        return state if state and same_process(state["pid"], state["created"]) else None

    def write_state(self, state: Mapping[str, Any]) -> None:
        """Replace the state file in one step."""
        write_private(self.path / STATE_FILE, json.dumps(state, indent=1))

    def remove_state(self) -> None:
        """Forget the state and the addresses, after a clean stop."""
        for name in (STATE_FILE, STACK_ENV):
            (self.path / name).unlink(missing_ok=True)

    def write_addresses(self, env: Mapping[str, str]) -> None:
        """Write the running servers' addresses where core.settings reads them."""
        lines = [f"{name}='{_escaped(value)}'\n" for name, value in env.items()]
        write_private(self.path / STACK_ENV, "".join(lines))

    def password(self, name: str) -> str:
        """Return the password of one embedded server, made at the first call and kept (mode 0600)."""
        file = self.path / "secrets.json"
        known: dict[str, str] = {}
        with suppress(FileNotFoundError):
            known = json.loads(file.read_text())
        if name not in known:
            known[name] = secrets.token_urlsafe(24)
            write_private(file, json.dumps(known, indent=1))
        return known[name]


def same_process(pid: int, created: float) -> bool:
    """Return whether `pid` is alive and still the process that started at `created` (Unix time)."""
    try:
        process = psutil.Process(pid)
        return (
            abs(process.create_time() - created) < _SAME_START_S and process.status() != psutil.STATUS_ZOMBIE
        )
    except psutil.Error:
        return False


def write_private(file: Path, text: str) -> None:
    """Replace `file` in one step, readable by our own account alone from its first byte."""
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w") as stream:
        stream.write(text)
    fresh.replace(file)


def _escaped(value: str) -> str:
    """Return `value` as it stands between single quotes in an environment file."""
    return value.replace("\\", "\\\\").replace("'", "\\'")


def _try_lock(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
