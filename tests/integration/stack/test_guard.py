import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from src.stack import guard
from tests.integration.stack.conftest import alive, tree, until

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks at processes as Linux shows them"),
]

FAMILY = str(Path(__file__).with_name("family.py"))


class Guarded:
    """A guard with its pipe in our hand."""

    def __init__(self, *argv: str, grace_s: float = 0.3) -> None:
        read_end, self.pipe = os.pipe()
        self.process = subprocess.Popen(
            guard.command(argv, grace_s=grace_s),
            stdin=read_end,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        os.close(read_end)

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().decode().strip()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def family() -> Iterator[tuple[Guarded, list[psutil.Process]]]:
    guarded = Guarded(sys.executable, FAMILY)
    assert guarded.line() == "family is here"
    until(lambda: len(tree(guarded.process.pid)) == 3)
    below = tree(guarded.process.pid)
    yield guarded, below
    guarded.close()
    for left in alive(below):
        left.kill()


def test_a_closed_pipe_ends_every_generation(family: tuple[Guarded, list[psutil.Process]]) -> None:
    guarded, below = family
    os.close(guarded.pipe)
    assert guarded.process.wait(10) == 128 + signal.SIGKILL
    assert alive(below) == []


def test_sigterm_ends_every_generation_after_the_grace(family: tuple[Guarded, list[psutil.Process]]) -> None:
    guarded, below = family
    guarded.process.terminate()
    assert guarded.process.wait(10) == 128 + signal.SIGKILL
    assert alive(below) == []


def test_sigquit_ends_every_generation_at_once(family: tuple[Guarded, list[psutil.Process]]) -> None:
    guarded, below = family
    guarded.process.send_signal(signal.SIGQUIT)
    guarded.process.wait(10)
    assert alive(below) == []


def test_a_service_that_ends_takes_what_it_left_behind_with_it() -> None:
    guarded = Guarded(sys.executable, FAMILY, "--leave", "--orphan")
    assert guarded.line() == "family is here"
    below = tree(guarded.process.pid)
    assert guarded.process.wait(10) == 0
    assert alive(below) == []


def test_the_exit_code_is_the_services() -> None:
    guarded = Guarded(sys.executable, "-c", "raise SystemExit(7)")
    assert guarded.process.wait(10) == 7


def test_a_program_that_is_not_there_is_named() -> None:
    with subprocess.Popen(
        guard.command(["/no/such/program"]), stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as guarded:
        assert guarded.wait(10) == 127
        assert guarded.stderr is not None
        assert b"/no/such/program" in guarded.stderr.read()


def test_a_guard_is_small(family: tuple[Guarded, list[psutil.Process]]) -> None:
    guarded, _ = family
    assert psutil.Process(guarded.process.pid).memory_info().rss < 20e6
