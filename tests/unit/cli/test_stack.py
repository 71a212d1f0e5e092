import json
import os
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from src.cli.main import app
from src.stack.home import Home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("MATCHBEAT_HOME", str(tmp_path / "home"))
    made = Home(tmp_path / "home")
    made.make()
    return made


def test_status_of_nothing_says_so_and_exits_with_3(home: Home) -> None:
    shown = CliRunner().invoke(app, ["status"])
    assert shown.exit_code == 3
    assert "no stack runs" in shown.output
    told = CliRunner().invoke(app, ["status", "--json"])
    assert told.exit_code == 3
    assert json.loads(told.output)["running"] is False


def test_status_shows_state_address_pid_memory_and_since(home: Home) -> None:
    service = {
        "name": "redis", "state": "ready", "address": "127.0.0.1:6379", "guard": os.getpid(),
        "since": "2026-03-01T12:00:00+00:00", "restarts": 0, "detail": "",
    }  # fmt: skip
    home.write_state(
        {
            "pid": os.getpid(),
            "created": psutil.Process().create_time(),
            "phase": "ready",
            "services": [service],
        }
    )
    told = json.loads(CliRunner().invoke(app, ["status", "--json"]).output)
    assert told["services"][0]["memory"] > 1_000_000
    shown = CliRunner().invoke(app, ["status"])
    assert shown.exit_code == 0
    for word in ("redis", "ready", "127.0.0.1:6379", "MB", " d "):
        assert word in shown.output


def test_down_of_nothing_is_no_failure(home: Home) -> None:
    assert CliRunner().invoke(app, ["down"]).exit_code == 0


def test_logs_are_prefixed_with_the_service(home: Home) -> None:
    home.log_file("redis").write_text("one\ntwo\n")
    home.log_file("postgres").write_text("three\n")
    shown = CliRunner().invoke(app, ["logs", "--lines", "1"]).output.splitlines()
    assert shown == ["postgres | three", "redis    | two"]


def test_a_detached_start_runs_in_the_foreground_whatever_the_switches_looked_like(
    home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started: list[list[str]] = []

    class Ended:
        returncode = 7
        pid = -1

        def __init__(self, argv: list[str], **_options: object) -> None:
            started.append(argv)

        def poll(self) -> int:
            return self.returncode

    monkeypatch.setattr("src.cli.stack.subprocess.Popen", Ended)
    asked = ["up", "-dv", "--no-first-run", "--history", str(tmp_path), "redis"]
    assert CliRunner().invoke(app, asked).exit_code == 7
    (argv,) = started
    assert argv[3:] == [
        "up", "--no-first-run", "--verbose", "--history", str(tmp_path), "--", "redis",
    ]  # fmt: skip
