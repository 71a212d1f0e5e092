"""The commands as a user types them, on the smallest stack."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from src.stack.home import Home
from tests.integration.stack.conftest import CHECKOUT, alive, tree
from tests.ports import free_port

pytestmark = pytest.mark.integration


class Shell:
    def __init__(self, home: Path, **env: str) -> None:
        self.home = Home(home)
        self.env = {
            **os.environ,
            "MATCHBEAT_HOME": str(home),
            "MATCHBEAT_POSTGRES_PORT": str(free_port()),
            "MATCHBEAT_REDIS_PORT": str(free_port()),
        }

    def __call__(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "src.cli.main", *arguments],
            env={**self.env, **env}, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip


@pytest.fixture
def shell(server_folder: Path) -> Iterator[Shell]:
    made = Shell(server_folder / f"commands-{free_port()}")
    yield made
    made("down")


def services(shell: Shell) -> dict[str, dict[str, object]]:
    told = json.loads(shell("status", "--json").stdout)
    return {service["name"]: service for service in told["services"]}


def test_up_status_restart_and_down(shell: Shell) -> None:
    started = shell("up", "--detach", "migrate", "redis")
    assert started.returncode == 0, started.stderr
    assert "postgres       ready in" in started.stdout

    before = services(shell)
    assert {name: service["state"] for name, service in before.items()} == {
        "postgres": "ready", "redis": "ready", "migrate": "done",
    }  # fmt: skip
    assert shell("restart", "redis").returncode == 0
    after = services(shell)
    assert after["redis"]["pid"] != before["redis"]["pid"]
    assert after["postgres"]["pid"] == before["postgres"]["pid"]

    assert shell("restart").returncode == 0
    again = services(shell)
    assert set(again) == set(before)
    assert again["postgres"]["pid"] != before["postgres"]["pid"]

    state = shell.home.running()
    assert state is not None
    below = tree(state["pid"])
    assert shell("down").returncode == 0
    assert alive(below) == []
    assert shell("status").returncode == 3


def test_one_service_is_stopped_and_started_while_the_others_run(shell: Shell) -> None:
    assert shell("up", "--detach", "redis", "postgres").returncode == 0
    before = services(shell)
    for command in (("down", "redis"), ("status", "redis", "--json")):
        told = shell(*command)
        assert told.returncode == 0, told.stderr
    (redis,) = json.loads(told.stdout)["services"]
    assert (redis["state"], redis["pid"]) == ("stopped", None)
    assert shell("down", "redis").returncode == 2
    assert "no service of the running stack is called reddis" in shell("down", "reddis").stderr
    assert shell("up", "redis").returncode == 0
    after = services(shell)
    assert after["redis"]["state"] == "ready"
    assert after["redis"]["pid"] != before["redis"]["pid"]
    assert after["postgres"] == {**before["postgres"], "memory": after["postgres"]["memory"]}


def test_a_second_up_refuses_and_leaves_the_first_alone(shell: Shell) -> None:
    assert shell("up", "--detach", "redis").returncode == 0
    for refused in (shell("up"), shell("up", "--detach")):
        assert refused.returncode == 2
        assert "already runs" in refused.stderr + refused.stdout
    assert shell("up", "redis").stdout == "redis runs\n"
    assert services(shell)["redis"]["state"] == "ready"


def test_a_server_of_the_users_own_that_is_away_is_waited_for_and_then_named(shell: Shell) -> None:
    url = f"redis://:hush@127.0.0.1:{free_port()}/0"
    away = shell("up", "redis", REDIS_URL=url, MATCHBEAT_START_TIMEOUT="1")
    assert away.returncode == 3
    assert "waiting for 127.0.0.1" in away.stdout
    assert "start the server that REDIS_URL names" in away.stderr
    assert "hush" not in away.stdout + away.stderr


def test_a_server_of_the_users_own_is_used_and_left_running(shell: Shell, redis_url: str) -> None:
    started = shell("up", "--detach", "redis", REDIS_URL=redis_url)
    assert started.returncode == 0, started.stderr
    assert services(shell)["redis"]["state"] == "external"
    assert shell("down").returncode == 0
