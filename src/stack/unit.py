"""One service while it is supervised: its guard process and its state."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import psutil

from src.core.clock import Clock
from src.stack import guard
from src.stack.home import Home
from src.stack.logs import open_log
from src.stack.service import Service, State

#: Seconds beyond its grace after which a guard that does not end is killed itself.
_GUARD_MARGIN_S = 5.0


class Unit:
    """A service with its present process; all methods run on the event loop's thread.

    Processes are spawned on that thread on purpose: it is the main one and lives as long as the supervisor.
    """

    def __init__(self, service: Service, home: Home, clock: Clock) -> None:
        self.service = service
        self.state = State.WAITING
        self.since = clock.now()
        self.detail = ""
        self.restarts = 0
        self.restart_wanted = False
        #: Not set while the service is to stay stopped.
        self.wanted = asyncio.Event()
        self.wanted.set()
        self.satisfied = asyncio.Event()
        self.ended = asyncio.Event()
        self.stopped = asyncio.Event()
        self._home, self._clock = home, clock
        self._guard: subprocess.Popen[bytes] | None = None
        self._pipe = -1

    @property
    def pid(self) -> int | None:
        """The guard's pid while it runs."""
        return self._guard.pid if self._guard and self._guard.returncode is None else None

    @property
    def log(self) -> str:
        """The path of the service's log."""
        return str(self._home.log_file(self.service.name))

    def enter(self, state: State, detail: str = "") -> None:
        """Take a new state now."""
        self.state, self.detail, self.since = state, detail, self._clock.now()
        if state.satisfied:
            self.satisfied.set()

    def spawn(self, env: Mapping[str, str], lock_fd: int) -> None:
        """Start the service under a guard that holds one end of a pipe; we keep the other open."""
        service = self.service
        read_end, self._pipe = os.pipe()
        log = open_log(self._home.log_file(service.name), self._clock.now().isoformat(timespec="seconds"))
        try:
            self._guard = subprocess.Popen(  # noqa: S603 - the declared services only
                guard.command(service.argv, stop_signal=service.stop_signal, grace_s=service.grace_s,
                              account=service.account, lock_fd=lock_fd),
                env={**env, **service.env}, cwd=service.cwd, stdin=read_end, stdout=log, stderr=log,
                start_new_session=True, pass_fds=(lock_fd,), umask=0o077,
            )  # fmt: skip
        finally:
            os.close(read_end)
            os.close(log)
        self.ended.clear()

    def poll(self) -> None:
        """Note the guard's end, if it has ended."""
        if self._guard is not None and self._guard.poll() is not None and self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1
            self.ended.set()

    @property
    def exit_code(self) -> int:
        """The code of the service that ended; 128 + the signal where one ended it."""
        code = self._guard.returncode if self._guard else 0
        return 128 - code if code < 0 else code

    def signal(self, number: int) -> None:
        """Send the guard a signal; nothing happens where it has ended."""
        if self._guard is not None and self._guard.poll() is None:
            self._guard.send_signal(number)

    async def stop(self) -> None:
        """Let the service end in its grace, then make sure of it."""
        if self.pid is not None:
            self.signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self.ended.wait(), self.service.grace_s + _GUARD_MARGIN_S)
            except TimeoutError:
                self.signal(signal.SIGKILL)
                await self.ended.wait()

    async def ended_within(self, seconds: float) -> bool:
        """Wait until the service has ended, at most `seconds`; return whether it has."""
        try:
            await asyncio.wait_for(self.ended.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def as_dict(self) -> dict[str, Any]:
        """Return what the state file says of it."""
        return {
            "name": self.service.name,
            "state": self.state.value,
            "address": self.service.address,
            "guard": self.pid,
            "since": self.since.isoformat(timespec="seconds"),
            "restarts": self.restarts,
            "detail": self.detail,
        }


class Backoff:
    """The wait before a service is started again: half a second, doubled to thirty; a good run resets it."""

    def __init__(self, good_run_s: float = 60) -> None:
        self._good_run_s, self._failures, self._started = good_run_s, 0, time.monotonic()

    def started(self) -> None:
        """Note a start."""
        self._started = time.monotonic()

    def failed(self) -> float:
        """Note an end and return the seconds to wait."""
        if time.monotonic() - self._started >= self._good_run_s:
            self._failures = 0
        self._failures += 1
        return float(min(30.0, 0.5 * 2 ** (self._failures - 1)))


def adopt_orphans() -> None:
    """Make orphans below us our children on Linux, so that a killed guard's descendants can be found."""
    guard.become_subreaper()


def kill_orphans(known: set[int], limit_s: float = 5) -> None:
    """Kill what a killed guard left to us: our children in foreign sessions that are no guards of ours.

    Whoever ends leaves its own children to us before we can collect it, so this looks until none is left.
    """
    deadline = time.monotonic() + limit_s
    while (left := _orphans(known)) and time.monotonic() < deadline:
        for orphan in left:
            with suppress(psutil.Error):  # ended meanwhile, or not to be ended: the deadline settles that
                orphan.kill()
                orphan.wait(1)


def _orphans(known: set[int]) -> list[psutil.Process]:
    ours = os.getsid(0)
    found = []
    for child in psutil.Process().children():
        with suppress(ProcessLookupError):
            if child.pid not in known and os.getsid(child.pid) != ours:
                found.append(child)
    return found
