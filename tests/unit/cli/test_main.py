import pytest
from typer.testing import CliRunner

from src.cli import main
from src.cli.main import app
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
        "flows",
        "schedule",
        "first-run",
    ):
        assert f"\n  {command} " in shown or f"\n  {command}\n" in shown


@pytest.mark.parametrize("command", ["up", "down", "restart", "status", "logs", "demo", "overview"])
def test_every_command_shows_an_example(command: str) -> None:
    assert f"Example: matchbeat {command}" in CliRunner().invoke(app, [command, "--help"]).output
