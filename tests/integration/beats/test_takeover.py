"""Beats that die, freeze and come back: no due time is lost, none takes effect twice."""

import os
import random
import statistics
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import sleep

import pytest

from tests.integration.beats.flock import DIES_BEFORE_SEND, Flock, flock, freeze, kill, thaw

pytestmark = pytest.mark.integration

#: `make soak` asks for a thousand.
KILLS = int(os.environ.get("SOAK_KILLS", "8"))


@pytest.fixture
def beats(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[Flock]:
    with flock(tmp_path, database_url, redis_url) as beats:
        yield beats


@pytest.mark.timeout(300 + 2 * KILLS)
def test_leaders_that_are_killed_lose_and_double_nothing(
    beats: Flock, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(20261122)
    beats.start()
    _, epoch = beats.leader()
    beats.start()
    gaps = []
    for _ in range(KILLS):
        # At no particular moment: before, within and after a batch.
        sleep(0.1 + chance.random() * 0.2)
        pid, epoch = beats.leader(after_epoch=epoch - 1)
        beats.wait_for_a_standby()
        killed_at = beats.now()
        kill(pid)
        beats.start()
        _, epoch = beats.leader(after_epoch=epoch)
        ((first,),) = beats.query("select min(claimed_at) from fires where epoch = %s", epoch)
        gaps.append((first - killed_at).total_seconds())
    ended = beats.now()
    beats.wait_for_fires_after(ended)
    told = beats.check_each_due_time_took_effect_once(ended)
    with capsys.disabled():
        sys.stdout.write(f"\n{KILLS} kills: {told}; {summary(gaps)}\n")


def summary(gaps: list[float]) -> str:
    ordered = sorted(gap * 1000 for gap in gaps)
    p99 = ordered[min(int(len(ordered) * 0.99), len(ordered) - 1)]
    median = statistics.median(ordered)
    return (
        f"from kill to the next claim: median {median:.0f} ms, p99 {p99:.0f} ms, longest {ordered[-1]:.0f} ms"
    )


def test_a_leader_that_dies_between_claim_and_send_leaves_nothing_unsent(beats: Flock) -> None:
    beats.start(DIES_BEFORE_SEND)
    _, epoch = beats.leader()
    beats.start()
    beats.leader(after_epoch=epoch)
    ended = beats.now()
    beats.wait_for_fires_after(ended)
    assert beats.query("select 1 from fires where epoch = %s and state = 'sent' limit 1", epoch)
    beats.check_each_due_time_took_effect_once(ended)


def test_a_leader_frozen_past_its_lease_is_followed_and_writes_nothing_when_it_wakes(
    tmp_path: Path, database_url: str, redis_url: str
) -> None:
    with flock(tmp_path, database_url, redis_url, lease_s=3.0) as beats:
        beats.start()
        pid, epoch = beats.leader()
        beats.start()
        freeze(pid)
        _, later = beats.leader(after_epoch=epoch)
        thaw(pid)
        woken = beats.now()
        beats.wait_for_fires_after(woken + timedelta(seconds=1))
        assert beats.query("select epoch from leadership") == [(later,)]
        assert not beats.query("select 1 from fires where epoch = %s and claimed_at > %s", epoch, woken)
        beats.check_each_due_time_took_effect_once(beats.now() - timedelta(seconds=1))


def test_the_woken_beat_stands_by_and_leads_again_when_its_turn_comes(
    tmp_path: Path, database_url: str, redis_url: str
) -> None:
    with flock(tmp_path, database_url, redis_url, lease_s=3.0) as beats:
        beats.start()
        first, epoch = beats.leader()
        beats.start()
        freeze(first)
        second, epoch = beats.leader(after_epoch=epoch)
        thaw(first)
        beats.wait_for_fires_after(beats.now())
        kill(second)
        again, _ = beats.leader(after_epoch=epoch)
        assert again == first
        ended = datetime.now(UTC)  # noqa: TID251 - real Beats fire by real time
        beats.wait_for_fires_after(ended)
        beats.check_each_due_time_took_effect_once(ended)
