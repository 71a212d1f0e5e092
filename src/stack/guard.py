"""A tiny watchdog between the supervisor and one service, so that no process outlives the supervisor.

It is run by path in an isolated interpreter (`python -I -S guard.py …`) and imports almost nothing: a few
megabytes a service. Its standard input is a pipe that the supervisor holds. The guard

- starts the service in a session of its own, with signals reset and, as root, as another account;
- on SIGTERM, or when the pipe closes (the supervisor is gone, however it went), sends the service its stop
  signal, and after the grace kills it and every descendant;
- when the service ends by itself, kills the descendants it left behind;
- exits as the service did: its code, or 128 + the signal.

On Linux the guard is a child subreaper, so a descendant that forks twice or opens a session of its own is
still found below it, and the service dies with the guard (PR_SET_PDEATHSIG). Elsewhere descendants are
found in the process table and in the service's process group.
"""

import os
import select
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

_LINUX = sys.platform.startswith("linux")
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
#: Seconds that a service gets to end cleanly once the supervisor is gone; all must be over within ten.
_ORPHAN_GRACE_S = 4.0
_FOREVER_S = 3600.0


def command(
    argv: Sequence[str],
    *,
    stop_signal: int = signal.SIGTERM,
    grace_s: float = 10,
    account: tuple[int, int] | None = None,
    lock_fd: int = -1,
) -> list[str]:
    """Return the command line of a guard for `argv`; `account` is the (uid, gid) to run the service as.

    The guard keeps `lock_fd` open and hides it from the service: the lock lasts as long as any guard.
    """
    uid, gid = account or (-1, -1)
    options = [int(stop_signal), grace_s, uid, gid, lock_fd]
    return [sys.executable, "-I", "-S", __file__, *map(str, options), *argv]


def descendants(root: int) -> set[int]:
    """Return the pids of all living processes below `root`, without `root` itself."""
    below: set[int] = set()
    pairs = _parents()
    frontier = {root}
    while frontier:
        frontier = {pid for pid, parent in pairs if parent in frontier} - below
        below |= frontier
    return below


def _parents() -> list[tuple[int, int]]:
    """Return (pid, parent) of every process that is no zombie."""
    if not _LINUX:
        import subprocess

        table = subprocess.run(["/bin/ps", "-A", "-o", "pid=,ppid="], capture_output=True, check=False)
        return [(int(line.split()[0]), int(line.split()[1])) for line in table.stdout.splitlines()]
    pairs = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    state, parent = file.read().rpartition(b")")[2].split()[:2]
            except OSError:
                continue
            if state != b"Z":
                pairs.append((int(name), int(parent)))
    return pairs


def _prctl(option: int, value: int) -> None:
    if _LINUX:
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def become_subreaper() -> None:
    """Inherit the processes below us whose parent ends, on Linux; elsewhere init does."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


class Guard:
    """One service's watchdog; `run` returns the exit code."""

    def __init__(self, argv: list[str], stop_signal: int, grace_s: float, account: tuple[int, int]) -> None:
        self._argv, self._stop_signal, self._grace_s, self._account = argv, stop_signal, grace_s, account
        self._service = 0
        self._stopping = False
        self._kill_at = _FOREVER_S + time.monotonic()
        self._wake_read, wake_write = os.pipe()
        for fd in (self._wake_read, wake_write):
            os.set_blocking(fd, False)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)

    def run(self) -> int:
        """Start the service and stay until it and everything below it has ended."""
        self._on(signal.SIGTERM, lambda: self._stop(self._grace_s))
        self._on(signal.SIGQUIT, lambda: self._stop(0))
        self._on(signal.SIGCHLD, lambda: None)
        for ignored in (signal.SIGINT, signal.SIGHUP):
            signal.signal(ignored, signal.SIG_IGN)
        become_subreaper()
        self._service = self._start()
        watched = [0, self._wake_read]
        while (code := self._reap()) is None:
            if time.monotonic() >= self._kill_at:
                self._kill_all()
            wait_s = max(0.02, min(self._kill_at - time.monotonic(), _FOREVER_S))
            readable, _, _ = select.select(watched, [], [], wait_s)
            if self._wake_read in readable:
                os.read(self._wake_read, 512)
            if 0 in readable and not os.read(0, 512):
                watched.remove(0)
                self._stop(min(self._grace_s, _ORPHAN_GRACE_S))
        self._sweep()
        return code

    def _on(self, number: int, act: Callable[[], None]) -> None:
        signal.signal(number, lambda *_: act())

    def _start(self) -> int:
        guard = os.getpid()
        pid = os.fork()
        if pid:
            return pid
        try:
            self._become_service(guard)
        except OSError as error:
            os.write(2, f"cannot start {self._argv[0]}: {error.strerror}\n".encode())
        os._exit(127)

    def _become_service(self, guard: int) -> None:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP, signal.SIGCHLD,
                       signal.SIGPIPE):  # fmt: skip
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        uid, gid = self._account
        if uid >= 0:
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)
        # After setuid, which clears it; and the guard may have died before it took hold.
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == guard:
            os.execvp(self._argv[0], self._argv)  # noqa: S606 - the declared services only

    def _stop(self, grace_s: float) -> None:
        self._kill_at = min(self._kill_at, time.monotonic() + grace_s)
        if not self._stopping and self._service:
            self._stopping = True
            with suppress(ProcessLookupError):
                os.kill(self._service, self._stop_signal)

    def _reap(self) -> int | None:
        """Collect every ended child; return the service's exit code where it is among them.

        As the subreaper we inherit the processes that the service abandons.
        """
        ended = None
        with suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0] != 0:
                if found[0] == self._service:
                    code = os.waitstatus_to_exitcode(found[1])
                    ended = code if code >= 0 else 128 - code
        return ended

    def _kill_all(self) -> None:
        for pid in descendants(os.getpid()):
            _kill(pid)

    def _sweep(self) -> None:
        """Kill what the service left behind; a process may fork while we look, so look until none is left."""
        if not _LINUX:
            _kill(-self._service)
        for _ in range(200):
            left = descendants(os.getpid())
            if not left:
                return
            for pid in left:
                _kill(pid)
            time.sleep(0.01)
            self._reap()


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # already gone
        os.kill(pid, signal.SIGKILL)


def main(arguments: list[str]) -> int:
    """Guard the service described by `command`'s arguments."""
    stop_signal, grace_s, uid, gid, lock_fd = arguments[:5]
    if int(lock_fd) >= 0:
        os.set_inheritable(int(lock_fd), False)
    return Guard(arguments[5:], int(stop_signal), float(grace_s), (int(uid), int(gid))).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
