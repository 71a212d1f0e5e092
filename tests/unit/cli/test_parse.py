"""`matchbeat parse` over files, as an operator calls it."""

import gzip
import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from src.cli.main import app
from src.collectors.readers import READERS
from tests.unit.collectors import payloads
from tests.unit.collectors.recorded import RECORDED, files

FETCHED = datetime(2026, 3, 7, 11, tzinfo=UTC)


def saved(folder: Path, name: str, body: bytes) -> str:
    path = folder / name
    path.write_bytes(body)
    os.utime(path, (FETCHED.timestamp(), FETCHED.timestamp()))
    return str(path)


def parse(source: str, kind: str, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["parse", "--source", source, "--kind", kind, *arguments])


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_records_go_to_standard_output_and_the_rest_to_standard_error(tmp_path: Path) -> None:
    broken = payloads.fotmob_match(900002, home={"id": 103, "name": ""})
    file = saved(tmp_path, "day.json", payloads.fotmob_day(payloads.fotmob_match(), broken))
    shown = parse("fotmob", "day", file)
    assert shown.exit_code == 0
    (match,) = lines(shown.stdout)
    assert list(match)[:3] == ["type", "source", "source_match_id"]
    assert (match["type"], match["kickoff_utc"], match["schema_version"]) == (
        "match", "2026-02-28T15:00:00Z", 1,
    )  # fmt: skip
    rejected, summary = lines(shown.stderr)
    assert (rejected["type"], rejected["key"], rejected["file"]) == ("rejected", "900002", file)
    assert rejected["reason"]
    assert json.loads(rejected["record"])["id"] == 900002
    assert (summary["type"], summary["matches"], summary["rejected"]) == ("summary", 1, 1)


def test_an_unreadable_file_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    good = saved(tmp_path, "good.json", payloads.fotmob_day(payloads.fotmob_match()))
    cut = saved(tmp_path, "cut.json", payloads.fotmob_day(payloads.fotmob_match())[:-9])
    foreign = saved(tmp_path, "foreign.json", b"<html>404</html>")
    shown = parse("fotmob", "day", cut, foreign, good)
    assert shown.exit_code == 1
    assert len(lines(shown.stdout)) == 1
    told = [line for line in lines(shown.stderr) if line["type"] == "unreadable"]
    assert [(line["file"], line["error"]) for line in told] == [(cut, "BadData"), (foreign, "BadData")]


def test_a_missing_file_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    shown = parse("fotmob", "day", str(tmp_path / "none.json"))
    assert shown.exit_code == 1
    assert "none.json" in shown.stderr
    assert "Traceback" not in shown.stderr


def test_gzip_is_unpacked_and_a_cut_one_is_unreadable(tmp_path: Path) -> None:
    packed = gzip.compress(payloads.fbref_page(payloads.fbref_row()))
    shown = parse("fbref", "schedule", saved(tmp_path, "page.html.gz", packed))
    assert [line["type"] for line in lines(shown.stdout)] == ["match", "stat", "stat"]
    shown = parse("fbref", "schedule", saved(tmp_path, "cut.html.gz", packed[:-12]))
    assert shown.exit_code == 1
    assert lines(shown.stderr)[0]["type"] == "unreadable"


def test_what_a_file_does_not_tell_is_asked_for(tmp_path: Path) -> None:
    file = saved(tmp_path, "list.html", payloads.titan_day((11, "7日23:00")))
    shown = parse("titan007", "day", file)
    assert shown.exit_code == 2
    assert "--day" in shown.stderr
    assert lines(parse("titan007", "day", file, "--day", "2026-03-07").stdout)[0]["kickoff_utc"] == (
        "2026-03-07T15:00:00Z"
    )
    named = saved(tmp_path, "over_20260307.html", payloads.titan_day((11, "7日23:00")))
    assert lines(parse("titan007", "day", named).stdout)[0]["source_match_id"] == "11"


def test_the_kick_off_tells_the_phases_of_a_page(tmp_path: Path) -> None:
    file = saved(tmp_path, "asian_3095429.html", payloads.lines_page(payloads.line_row()))
    blind = parse("titan007", "ah", file)
    assert [line["phase"] for line in lines(blind.stdout)] == ["opening"]
    assert [line["type"] for line in lines(blind.stderr)] == ["rejected", "summary"]
    coming = parse("titan007", "ah", file, "--kickoff", "2026-03-07T15:00Z")
    assert [line["phase"] for line in lines(coming.stdout)] == ["opening", "prematch"]
    over = parse("titan007", "ah", file, "--kickoff", "2026-03-07 15:00", "--captured-at", "2026-03-09")
    assert [line["phase"] for line in lines(over.stdout)] == ["opening", "closing"]
    told = lines(coming.stdout)[1]
    assert (told["source_match_id"], told["captured_at"]) == ("3095429", "2026-03-07T11:00:00Z")


@pytest.mark.parametrize(("option", "text"), [("--day", "7.3.2026"), ("--kickoff", "noon")])
def test_a_wrong_option_names_itself(tmp_path: Path, option: str, text: str) -> None:
    file = saved(tmp_path, "x.js", payloads.euro_script(payloads.euro_item()))
    shown = parse("titan007", "1x2", file, option, text)
    assert shown.exit_code == 2
    assert option in shown.stderr


def test_an_unknown_kind_names_those_there_are(tmp_path: Path) -> None:
    shown = parse("fotmob", "odds", saved(tmp_path, "x", b""))
    assert shown.exit_code != 0
    assert "day, details, league" in str(shown.exception)


def test_the_help_names_every_kind() -> None:
    shown = " ".join(CliRunner().invoke(app, ["parse", "--help"]).output.split())
    for source, kind in READERS:
        assert re.search(rf"{source}: [^;]*\b{kind}\b", shown), (source, kind)


def test_an_unmapped_bookmaker_is_reported(tmp_path: Path) -> None:
    script = payloads.euro_script(payloads.euro_item(bookmaker=4711), payloads.euro_item())
    summary = lines(parse("titan007", "1x2", saved(tmp_path, "x.js", script)).stderr)[-1]
    assert summary["unmapped_bookmakers"] == ["Some Bookmaker (titan-euro 4711)"]


@pytest.mark.parametrize(("source", "kind", "pattern"), RECORDED)
def test_every_recorded_file_is_parsed_without_options(
    shared_data: Path, source: str, kind: str, pattern: str
) -> None:
    shown = parse(source, kind, *map(str, files(shared_data, pattern)))
    assert shown.exit_code == 0
    assert {line["source"] for line in lines(shown.stdout)} == {source}
