from pathlib import Path

import pytest
from typer.testing import CliRunner

from src.cli import main
from src.cli.main import app
from src.cli.output import complain
from src.core.errors import BadData, MatchbeatError, Misconfigured, Transient


@pytest.mark.parametrize(
    ("error", "code"),
    [(Misconfigured("x"), 2), (Transient("x"), 3), (BadData("x"), 1), (MatchbeatError("x"), 1)],
)
def test_the_exit_code_says_who_must_act(error: MatchbeatError, code: int) -> None:
    assert main.exit_code(error) == code


def test_our_errors_become_one_line_on_standard_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["matchbeat", "status"])
    monkeypatch.setenv("MATCHBEAT_API_PORT", "eighty")
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "MATCHBEAT_API_PORT" in shown.err
    assert "Traceback" not in shown.err


def test_help_names_every_command() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    for command in (
        "up",
        "down",
        "restart",
        "status",
        "logs",
        "demo",
        "overview",
        "parse",
        "flows",
        "schedule",
        "collect",
        "first-run",
    ):
        assert f"\n  {command} " in shown or f"\n  {command}\n" in shown


@pytest.mark.parametrize("command", ["up", "down", "restart", "status", "logs", "demo", "overview", "parse"])
def test_every_command_shows_an_example(command: str) -> None:
    assert f"Example: matchbeat {command}" in CliRunner().invoke(app, [command, "--help"]).output


def test_a_home_that_cannot_be_made_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr("sys.argv", ["matchbeat", "up", "redis"])
    monkeypatch.setenv("MATCHBEAT_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 1
    shown = capsys.readouterr().err
    assert f"{tmp_path / 'file'}" in shown
    assert "Not a directory" in shown
    assert len(shown.splitlines()) == 1


def test_an_error_never_shows_a_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    complain("redis://:hunter2@host does not answer")
    assert "hunter2" not in capsys.readouterr().err
