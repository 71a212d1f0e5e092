"""Beat at its start: what is away is waited for, but not for ever; what is wrong is refused by name."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.ports import free_port
from tests.prefect_server import PREFECT

pytestmark = pytest.mark.integration

BEAT = [sys.executable, "-m", "celery", "-A", "src.tasks.celery_app", "beat", "--pidfile="]
NOWHERE = "127.0.0.1"


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*BEAT, "--scheduler", "src.tasks.scheduler_prefect.PrefectFlowScheduler"],
        env=os.environ | {"MATCHBEAT_START_TIMEOUT": "1"} | environment,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_postgres_away_ends_beat_with_what_to_do(redis_url: str) -> None:
    ended = start(
        DATABASE_URL=f"postgresql://u:hunter2@{NOWHERE}:{free_port()}/db",
        REDIS_URL=redis_url,
        PREFECT_API_URL=f"http://{NOWHERE}:{free_port()}/api",
    )
    assert ended.returncode != 0
    assert "waiting" in ended.stderr
    assert "Postgres did not answer within 1 s" in ended.stderr
    assert "correct DATABASE_URL" in ended.stderr
    assert "hunter2" not in ended.stderr + ended.stdout


def test_the_broker_away_ends_beat_with_what_to_do(database_url: str) -> None:
    ended = start(
        DATABASE_URL=database_url,
        REDIS_URL=f"redis://:hunter2@{NOWHERE}:{free_port()}/0",
        PREFECT_API_URL=f"http://{NOWHERE}:{free_port()}/api",
    )
    assert ended.returncode != 0
    assert "the broker did not answer within 1 s" in ended.stderr
    assert "hunter2" not in ended.stderr + ended.stdout


def test_beat_leads_without_prefect_which_may_come_later(database_url: str, redis_url: str) -> None:
    with started(
        DATABASE_URL=database_url,
        REDIS_URL=redis_url,
        PREFECT_API_URL=f"http://{NOWHERE}:{free_port()}/api",
    ) as logged:
        logged("event='beat_leads'")
        logged("event='prefect_lane_waits'")


def test_a_deployment_that_prefect_lacks_is_told_by_entry(
    database_url: str, redis_url: str, prefect_url: str
) -> None:
    forget(prefect_url, "titan-hybrid-deployment")
    with started(DATABASE_URL=database_url, REDIS_URL=redis_url, PREFECT_API_URL=prefect_url) as logged:
        told = logged("event='deployment_missing' entry='titan-hybrid'")
    assert "matchbeat flows register" in told


@contextmanager
def started(**environment: str) -> Iterator[Callable[[str], str]]:
    """Run Beat; give what waits until it has said some words, and returns the line."""
    with subprocess.Popen(
        [*BEAT, "--scheduler", "src.tasks.scheduler_prefect.PrefectFlowScheduler"],
        env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    ) as beat:  # fmt: skip
        assert beat.stderr is not None
        lines = beat.stderr

        def logged(words: str) -> str:
            return next(line for line in lines if words in line)

        try:
            yield logged
        finally:
            beat.terminate()
            beat.communicate(timeout=30)


def forget(prefect_url: str, name: str) -> None:
    """Delete a deployment that another test may have registered on the shared server."""
    for found in PREFECT.post(f"{prefect_url}/deployments/filter", json={}, timeout=10).json():
        if found["name"] == name:
            PREFECT.delete(f"{prefect_url}/deployments/{found['id']}", timeout=10).raise_for_status()
