"""Runs a program as a process tree of its own and keeps the end of what it says.

The program stands under the stack's watchdog: it ends with this process, however that goes, and takes every
process that it started along.
"""

import os
import subprocess
import time
from codecs import getincrementaldecoder
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread
from typing import IO

from src.core.logging import redact
from src.stack import guard

#: How much of the end of each output is kept, in bytes.
KEPT_BYTES = 64 * 1024
#: Lines that are passed on while the program runs; a chatty one would bury Prefect's log.
TOLD_LINES = 5_000
#: Seconds between asking the program to end and killing its whole tree.
GRACE_S = 5.0

#: What every program may see of our environment. Nothing else is handed on: it holds passwords.
_INHERITED = (
    "PATH", "HOME", "USER", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH",
)  # fmt: skip
#: Longer lines are cut: a program that never ends its line must not fill the memory.
_LONGEST_LINE = 4 * 1024

#: Called for each line: the stream's name, `stdout` or `stderr`, and the line without its end.
Tell = Callable[[str, str], None]


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a program ended: 128 + the signal as `exit_code` where a signal killed it.

    `stdout` and `stderr` are the last KEPT_BYTES of each, in whole lines.
    """

    exit_code: int
    stdout: str
    stderr: str
    duration_s: float
    timed_out: bool

    def last_lines(self, count: int = 5) -> str:
        """Return the last lines of stderr, or of stdout where stderr is empty."""
        return "\n".join((self.stderr.strip() or self.stdout.strip()).splitlines()[-count:])


def bare_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return the few harmless variables that every program gets, and `extra` over them."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {**inherited, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", **extra}


def run(
    argv: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    timeout_s: float,
    tell: Tell,
    hidden: Collection[str] = (),
) -> Ended:
    """Run `argv` in `folder` and wait for its end, at most `timeout_s` seconds.

    `hidden` values are blanked in all it says. Whatever ends the wait — the end, the time-out, an error or a
    signal's exception in this thread — no process of the program is left when this returns or raises.
    """
    began = time.monotonic()
    with _started(argv, folder, environment) as process:
        ends = [_Output(name, tell, hidden) for name in ("stdout", "stderr")]
        readers = [_reading(output, pipe) for output, pipe in zip(ends, _pipes(process), strict=True)]
        timed_out = False
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            timed_out = True
        finally:
            _end(process)
        for reader in readers:
            reader.join(GRACE_S)
    stdout, stderr = (output.text() for output in ends)
    return Ended(
        exit_code=process.returncode,
        stdout=stdout,
        stderr=stderr,
        duration_s=round(time.monotonic() - began, 3),
        timed_out=timed_out,
    )


@contextmanager
def _started(
    argv: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    # The guard ends the tree when its standard input closes, which no kind of our death can prevent.
    process = subprocess.Popen(  # noqa: S603 - an argument list of the caller's, never a shell
        guard.command(argv, grace_s=GRACE_S),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=dict(environment),
        # Signals for our terminal's process group are ours to pass on.
        start_new_session=True,
    )
    try:
        yield process
    finally:
        _end(process)
        for pipe in (process.stdin, *_pipes(process)):
            if pipe is not None:
                pipe.close()


def _pipes(process: "subprocess.Popen[bytes]") -> tuple[IO[bytes], IO[bytes]]:
    assert process.stdout is not None  # noqa: S101 - opened above
    assert process.stderr is not None  # noqa: S101 - opened above
    return process.stdout, process.stderr


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the guard and so the tree below it; nothing happens where it has ended."""
    if process.poll() is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        process.wait(GRACE_S * 2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class _Output:
    """The end of one stream, filled by a reader's thread."""

    def __init__(self, name: str, tell: Tell, hidden: Collection[str]) -> None:
        self._name, self._tell = name, tell
        # A value of several lines is blanked line by line; the longest first, since one may hold another.
        lines = {line for value in hidden for line in value.splitlines() if line.strip()}
        self._hidden = sorted(lines, key=len, reverse=True)
        self._kept: deque[tuple[str, int]] = deque()
        self._size = self._told = 0
        self._lock = Lock()

    def read(self, pipe: IO[bytes]) -> None:
        """Take in `pipe` to its end."""
        decoder, rest = getincrementaldecoder("utf-8")("replace"), ""
        # Where a long line is cut, so much is held back that no secret is cut with it.
        held = max((len(secret) for secret in self._hidden), default=1) - 1
        with suppress(ValueError):  # closed: what still held it open outlived its grace
            while raw := pipe.readline(_LONGEST_LINE):
                text = self._blanked(rest + decoder.decode(raw))
                rest = "" if text.endswith("\n") else text[max(0, len(text) - held) :]
                self._add(text[: len(text) - len(rest)].rstrip("\r\n"))
        if rest:
            self._add(rest)

    def text(self) -> str:
        """Return what was kept."""
        with self._lock:
            return "\n".join(line for line, _ in self._kept)

    def _blanked(self, line: str) -> str:
        for secret in self._hidden:
            line = line.replace(secret, "***")
        # The search for passwords in addresses takes long in long words, and most lines hold no address.
        return redact(line) if "://" in line or "password=" in line.lower() else line

    def _add(self, line: str) -> None:
        size = len(line.encode()) + 1
        with self._lock:
            self._kept.append((line, size))
            self._size += size
            while self._size > KEPT_BYTES and len(self._kept) > 1:
                self._size -= self._kept.popleft()[1]
        self._told += 1
        if self._told <= TOLD_LINES:
            self._tell(self._name, line)
        elif self._told == TOLD_LINES + 1:
            self._tell(self._name, f"… more than {TOLD_LINES} lines: the rest is not shown here")


def _reading(output: _Output, pipe: IO[bytes]) -> Thread:
    reader = Thread(target=output.read, args=(pipe,), daemon=True)
    reader.start()
    return reader
