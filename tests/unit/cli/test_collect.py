"""What the commands of `matchbeat collect` show and end with."""

import pytest
import typer
from typer.testing import CliRunner

from src.cli.collect_output import as_dict, end, show_outcomes
from src.cli.main import app
from src.core.errors import Transient
from src.domain.summary import SourceSummary

GOOD = SourceSummary(source="fotmob", requested=5, fetched=3, from_cache=1, failed=1, parsed=40, changed=7)
BROKEN = SourceSummary(source="titan007", requested=5, failed=5, error="redis://:hunter2@host is away")
HALF = SourceSummary(
    source="titan007", requested=9, fetched=4, failed=5, unreadable=3, quarantined=2, error="503"
)
IDLE = SourceSummary(source="titan007")


@pytest.mark.parametrize("command", ["odds", "fixtures", "details", "schedules", "status"])
def test_every_command_shows_an_example(command: str) -> None:
    shown = CliRunner().invoke(app, ["collect", command, "--help"]).output
    assert f"Example: matchbeat collect {command}" in " ".join(shown.split())


def test_the_numbers_of_all_sources_are_added_up_and_no_password_is_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_outcomes({"fotmob-fixtures": GOOD, "titan007": HALF, "other": BROKEN})
    shown = capsys.readouterr().out
    (total,) = [line.split() for line in shown.splitlines() if line.startswith("together")]
    assert [int(cell) for cell in total[1:]] == [19, 7, 1, 11, 3, 40, 2, 7]
    assert "503" in shown
    assert "hunter2" not in shown
    show_outcomes({"titan007": HALF})
    assert "together" not in capsys.readouterr().out


@pytest.mark.parametrize("outcomes", [{}, {"titan007": IDLE}, {"fotmob-fixtures": GOOD, "titan007": IDLE}])
def test_single_failures_and_nothing_to_do_are_no_failure(outcomes: dict[str, SourceSummary]) -> None:
    end(outcomes)


def test_a_source_given_up_on_the_way_ends_with_one(capsys: pytest.CaptureFixture[str]) -> None:
    for outcomes in ({"titan007": HALF}, {"fotmob-fixtures": GOOD, "titan007": BROKEN}):
        with pytest.raises(typer.Exit) as ended:
            end(outcomes)
        assert ended.value.exit_code == 1
        assert "titan007 failed" in capsys.readouterr().err


def test_nothing_that_arrived_is_for_a_later_try() -> None:
    with pytest.raises(Transient, match="nothing was collected: titan007 failed"):
        end({"fotmob-fixtures": IDLE, "titan007": BROKEN})


def test_json_has_every_number_by_step() -> None:
    assert as_dict({"titan007": GOOD})["titan007"]["from_cache"] == 1


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["odds"], ["--mode"]),
        (["odds", "--mode", "wild"], ["regular", "smart"]),
        (["odds", "--mode", "live", "--days-ahead", "2"], ["--days-ahead", "--mode live", "--hours-ahead"]),
        (["odds", "--mode", "regular", "--no-live"], ["--no-live", "--mode regular", "--days-ahead"]),
        (["odds", "--mode", "smart", "--cleanup-days", "2"], ["--cleanup-days", "--mode smart"]),
        (["odds", "--mode", "regular", "--days-ahead", "0"], ["--days-ahead", "should be greater"]),
        (["odds", "--mode", "regular", "--matches", "0"], ["--matches", "should be greater"]),
        (["fixtures", "--since", "yesterday"], ["--since", "for example 2026-11-22"]),
        (["details", "--since", "noon"], ["--since", "for example"]),
        (["schedules", "--season", "2025"], ["'2025'", "for example 2025-2026"]),
        (["status", "--runs", "0"], ["--runs", "should be greater"]),
    ],
)
def test_what_is_wrong_is_refused_with_option_and_example(arguments: list[str], parts: list[str]) -> None:
    result = CliRunner().invoke(app, ["collect", *arguments])
    assert (result.exit_code, result.stdout) == (2, "")
    shown = " ".join(result.stderr.replace("│", " ").split())
    assert [part for part in parts if part not in shown] == []
