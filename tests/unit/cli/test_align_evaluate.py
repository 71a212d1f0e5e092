"""`matchbeat align evaluate` from outside."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from src.cli.align_evaluate import spread
from src.cli.main import app
from src.cli.output import complain

PAIRS = """fotmob_match_id,fbref_match_id,utc,home_fotmob,away_fotmob,home_fbref,away_fbref,label
1,aaaa0001,2025-11-30T15:00:00Z,Aldham Town,Brixworth,Aldham,Brixworth,1
2,aaaa0002,2025-11-30T17:00:00Z,Carrowby,Denholme,Carrowby,Esk,1
"""


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    file = tmp_path / "pairs.csv"
    file.write_text(PAIRS, encoding="utf-8")
    return file


def run(*args: str) -> str:
    result = CliRunner().invoke(app, ["align", "evaluate", *args])
    assert result.exit_code == 0, result.output
    return result.output


def test_precision_recall_and_every_miss_are_printed(pairs: Path) -> None:
    output = run("--left", "pairs:fotmob", "--right", "pairs:fbref", "--pairs", str(pairs))
    assert "precision 1.0000  recall 0.5000" in output
    assert "plain rule: precision" in output
    assert "missing" in output
    assert "Carrowby v Esk" in output
    assert "2025-11-30 17:00:00" in output


def test_json_has_the_same(pairs: Path) -> None:
    found = json.loads(
        run("--left", "pairs:fotmob", "--right", "pairs:fbref", "--pairs", str(pairs), "--json")
    )
    assert (found["precision"], found["recall"], found["labelled"]) == (1.0, 0.5, 2)
    assert found["missing"][0]["pair"] == ["2", "aaaa0002"]


def test_a_side_takes_all_files_up_to_the_next_option() -> None:
    args = ["--left", "a", "b", "--right", "c", "d", "--pairs", "x", "--json"]
    assert spread(args) == [
        "--left",
        "a",
        "--left",
        "b",
        "--right",
        "c",
        "--right",
        "d",
        "--pairs",
        "x",
        "--json",
    ]


def test_colons_of_a_side_are_no_picture(capsys: pytest.CaptureFixture[str]) -> None:
    complain("'fotmob:x:y' is no side")
    assert "fotmob:x:y" in capsys.readouterr().err
