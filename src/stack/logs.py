"""The services' log files: one each, written by the service itself, rotated by size."""

import os
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from src.stack.health import START_MARK

_ROTATE_BYTES = 20_000_000


def open_log(file: Path, started: str) -> int:
    """Return a descriptor to append to `file`, a line marks the start; a large file moves to `.1`."""
    if file.exists() and file.stat().st_size > _ROTATE_BYTES:
        file.replace(file.with_suffix(".log.1"))
    fd = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    os.write(fd, START_MARK + started.encode() + b"\n")
    return fd


def trim(file: Path) -> None:
    """Move a large log's text to `.1` while its service goes on appending to the same file.

    Lines written between the copy and the cut are lost; a few lines a day against a full disk.
    """
    if file.exists() and file.stat().st_size > _ROTATE_BYTES:
        shutil.copyfile(file, file.with_suffix(".log.1"))
        with file.open("r+b") as log:
            log.truncate(0)


def last_lines(file: Path, count: int) -> list[str]:
    """Return the last `count` lines of `file`, none where it does not exist."""
    if not file.exists():
        return []
    with file.open("rb") as log:
        log.seek(max(0, file.stat().st_size - 400 * count - 4096))
        lines = log.read().decode(errors="replace").splitlines()
    return lines[-count:] if count else []


class Tail:
    """Reads what is added to a file from now on, line by line, across its truncation."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._at = file.stat().st_size if file.exists() else 0

    def read(self) -> list[str]:
        """Return the whole lines added since the last call."""
        if not self.file.exists():
            return []
        size = self.file.stat().st_size
        if size < self._at:
            self._at = 0
        if size == self._at:
            return []
        with self.file.open("rb") as log:
            log.seek(self._at)
            whole, newline, _ = log.read(size - self._at).rpartition(b"\n")
        self._at += len(whole) + len(newline)
        return (whole + newline).decode(errors="replace").splitlines()


def follow(files: Sequence[Path], every_s: float = 0.2) -> Iterator[tuple[str, str]]:
    """Yield (service, line) for every line added to the files from now on, without end."""
    tails = [Tail(file) for file in files]
    while True:
        for tail in tails:
            for line in tail.read():
                yield tail.file.stem, line
        time.sleep(every_s)
