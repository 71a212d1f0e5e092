"""The clock of Beat's host is set an hour back or forward: what is due fires on time, by Postgres' clock."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.integration.beats.flock import Flock, flock
from tests.integration.beats.nursery import CLOCK_IS_WRONG, CLOCK_MAY_BE_SET

pytestmark = pytest.mark.integration


@pytest.fixture
def beats(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[Flock]:
    with flock(tmp_path, database_url, redis_url) as beats:
        yield beats


@pytest.mark.parametrize("change", [signal.SIGUSR1, signal.SIGUSR2], ids=["back", "forward"])
def test_what_is_due_fires_once_and_at_its_time(
    change: signal.Signals, beats: Flock, capsys: pytest.CaptureFixture[str]
) -> None:
    pid = beats.start(CLOCK_MAY_BE_SET)
    beats.leader()
    os.kill(pid, change)
    behind = behind_of_postgres(beats, for_s=4)
    ended = beats.now()
    beats.wait_for_fires_after(ended)
    beats.check_each_due_time_took_effect_once(ended)
    # An hour's error would show as one; how many milliseconds it is depends on the machine.
    assert timedelta(0) <= min(behind) <= max(behind) < timedelta(minutes=1)
    with capsys.disabled():
        sys.stdout.write(f"\nclock set: fires behind Postgres' clock by at most {max(behind)}\n")


def test_a_beat_whose_clock_is_wrong_from_the_start_fires_on_time(beats: Flock) -> None:
    beats.start(CLOCK_IS_WRONG)
    beats.leader()
    behind = behind_of_postgres(beats, for_s=1)
    ended = beats.now()
    beats.wait_for_fires_after(ended)
    beats.check_each_due_time_took_effect_once(ended)
    assert timedelta(0) <= min(behind) <= max(behind) < timedelta(minutes=1)


def behind_of_postgres(beats: Flock, for_s: float) -> list[timedelta]:
    """Look again and again how far the newest fire lies behind Postgres' clock; one is due every 10 ms."""
    until, found = time.monotonic() + for_s, []
    while time.monotonic() < until:
        ((behind,),) = beats.query("select clock_timestamp() - max(due_at) from fires")
        found.append(behind)
    return found
