"""Every recorded payload is read, by the one line that each source and kind has."""

import csv
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from src.collectors.readers import Record, Untold, reader
from src.collectors.registry import AH_OU, EURO, bookmaker_name, is_mapped
from src.core.errors import Misconfigured
from src.domain.match import MatchStatus, SourceMatch, TeamStat
from src.domain.odds import OddsQuote, Phase
from tests.unit.collectors.recorded import ABOUT, RECORDED, SMALL, files, recorded


def read(source: str, kind: str, path: Path) -> tuple[tuple[Record, ...], int]:
    body, about = recorded(path)
    told = reader(source, kind)(body, about)
    return told.rows, len(told.rejected)


@pytest.mark.parametrize(("source", "kind", "pattern"), RECORDED)
def test_every_recorded_payload_is_read(shared_data: Path, source: str, kind: str, pattern: str) -> None:
    for path in files(shared_data, pattern):
        records, _ = read(source, kind, path)
        assert records, path.name


def test_every_recorded_payload_has_its_kind(shared_data: Path) -> None:
    told = {path for _, _, pattern in RECORDED for path in shared_data.glob(pattern)}
    there = {
        path
        for source in ("fotmob", "fbref", "titan007")
        for path in (shared_data / source).iterdir()
        if path.suffix != ".csv"
    }
    assert told == there


def test_the_recorded_day_is_read_whole(shared_data: Path) -> None:
    matches, rejected = read("fotmob", "day", shared_data / "fotmob/matches_20251130.json")
    assert (len(matches), rejected) == (344, 0)
    assert len({m.competition.source_id for m in matches if isinstance(m, SourceMatch)}) < 115


def figures_in(path: Path) -> int:
    """Count what a details file shows: a figure a period, key and side, one more for a share in brackets."""
    document = json.loads(path.read_bytes())
    periods = document.get("l2_json", document)["content"]["stats"]["Periods"]
    shown = {
        (period, item["key"], side): str(value)
        for period, block in periods.items()
        for group in block["stats"]
        for item in group["stats"]
        for side, value in enumerate(item["stats"])
        if item["type"] != "title" and value is not None
    }
    return len(shown) + sum("(" in value for value in shown.values())


@pytest.mark.parametrize("year", ["2023", "4813374"])
def test_recorded_details_are_a_match_and_all_its_figures(shared_data: Path, year: str) -> None:
    path = shared_data / f"fotmob/match_details_{year}.json"
    records, rejected = read("fotmob", "details", path)
    (match,) = [record for record in records if isinstance(record, SourceMatch)]
    stats = [record for record in records if isinstance(record, TeamStat)]
    assert (len(stats), rejected) == (figures_in(path), 0)
    assert len(stats) > 250
    assert {stat.period for stat in stats} == {"ft", "h1", "h2"}
    assert (match.status, match.venue_timezone) == (MatchStatus.FINISHED, "Europe/London")
    assert match.season in {"2023-2024", "2025-2026"}


@pytest.mark.parametrize(
    ("competition", "matches", "timeless"),
    [("9", 380, 0), ("12", 380, 198), ("13", 306, 108), ("20", 306, 126)],
)
def test_recorded_schedules_are_all_matches(
    shared_data: Path, competition: str, matches: int, timeless: int
) -> None:
    path = shared_data / f"fbref/schedule_2025-2026_comp{competition}.html.gz"
    records, rejected = read("fbref", "schedule", path)
    told = [record for record in records if isinstance(record, SourceMatch)]
    assert (len(told), rejected) == (matches, 0)
    assert len({match.source_match_id for match in told}) == matches
    assert {match.status for match in told} == {MatchStatus.FINISHED, MatchStatus.SCHEDULED}
    assert sum(not match.time_known for match in told) == timeless
    assert {match.season for match in told} == {"2025-2026"}


def test_recorded_changes_tell_opening_closing_and_in_play(shared_data: Path) -> None:
    quotes, rejected = read("titan007", "changes", shared_data / "titan007/changedetail_2990354.html")
    assert rejected == 0
    told = [(q.phase, q.line, q.prices) for q in quotes if isinstance(q, OddsQuote)]
    assert told == [
        (Phase.OPENING, 0.0, (1.8, 2.04)),
        (Phase.PREMATCH, -0.25, (2.0, 1.84)),
        (Phase.CLOSING, -0.25, (1.99, 1.85)),
        (Phase.INPLAY, -0.25, (1.88, 1.94)),
    ]


def test_recorded_odds_in_play_are_in_play_but_for_those_before_the_match(shared_data: Path) -> None:
    quotes, rejected = read("titan007", "live", shared_data / "titan007/livestatic_2990354_sOdds.js")
    phases = Counter(quote.phase for quote in quotes if isinstance(quote, OddsQuote))
    assert (phases, rejected) == ({Phase.PREMATCH: 12, Phase.INPLAY: 12}, 0)


def test_both_numbers_of_every_listed_bookmaker_are_one_name(shared_data: Path) -> None:
    with (shared_data / "titan007/company_ids.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        numbers = [(AH_OU, row["ah_ou_id"]), (EURO, row["euro_id"])]
        told = [number for number in numbers if number[1]]
        assert all(is_mapped(*number) for number in told), row
        (name,) = {bookmaker_name(*number, "?") for number in told}
        # The list names some of them in two ways, as `188bet/金宝博` or `Macau (Macauslot)`.
        assert name.split(" (")[0].lower() in row["name"].lower()


def test_an_unknown_bookmaker_is_kept_under_its_number() -> None:
    assert bookmaker_name(EURO, "4711", "Somebody") == "Somebody (titan-euro 4711)"
    assert not is_mapped(EURO, "4711")


def test_an_unknown_kind_or_source_is_refused_with_those_there_are() -> None:
    with pytest.raises(Misconfigured, match="its kinds are day, details, league"):
        reader("fotmob", "odds")
    with pytest.raises(Misconfigured, match="fbref, football-data, fotmob, titan007"):
        reader("opta", "day")


def test_a_day_list_needs_its_date() -> None:
    with pytest.raises(Untold) as told:
        reader("titan007", "day")(SMALL["titan007", "day"], replace(ABOUT, day=None))
    assert told.value.name == "day"
