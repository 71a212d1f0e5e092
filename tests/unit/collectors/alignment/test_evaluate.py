"""Evaluation: what counts as wrong, missing and unlabelled, and how its files are read."""

import gzip
from pathlib import Path

import pytest

from src.collectors.alignment.alias_file import read_aliases
from src.collectors.alignment.evaluate import evaluate
from src.collectors.alignment.fixture import HALF_A_DAY
from src.collectors.alignment.pairs import Side, read_truth
from src.collectors.alignment.sides import read_sides
from src.core.errors import BadData, Misconfigured, SourceChanged
from src.domain.alignment import Alias
from tests.unit.collectors.alignment.fixtures import fixture

PAIRS = """\
fotmob_match_id,fbref_match_id,utc,home_fotmob,away_fotmob,fotmob_ccode,home_fbref,away_fbref,fbref_comp,\
label
1,aaaa0001,2025-11-30T15:00:00Z,Aldham Town,Brixworth,ENG,Aldham,Brixworth,English League,1
2,,2025-11-30T17:00:00.000Z,Carrowby,Denholme,ENG,Carrowby,Denholme,English League,1
3,aaaa0003,2025-11-30T19:00:00Z,Esk,Farley,ENG,Gorton,Harley,English League,0
"""
HISTORY = """Div,Date,Time,HomeTeam,AwayTeam,FTHG,FTAG
E0,30/08/2025,15:00,Aldham,Brixworth,1,0
E0,30/11/25,15:00,Carrowby,Denholme,1,0
E0,30/11/2025,,Esk,Farley,1,0
E0,30/11/2025,15:00,Gorton,Harley,?,0
"""


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    file = tmp_path / "pairs.csv"
    file.write_text(PAIRS, encoding="utf-8")
    return file


def test_links_are_right_wrong_or_unlabelled_and_misses_say_why() -> None:
    left = [
        fixture("a", "Aldham", "Brixworth"),
        fixture("b", "Carrowby", "Denholme"),
        fixture("c", "Esk", "Farley"),
    ]
    right = [
        fixture("1", "Aldham", "Brixworth"), fixture("2", "Gorton", "Harley"),
        fixture("3", "Carrowby", "Denholme"), fixture("4", "Esk", "Farley"),
    ]  # fmt: skip
    found = evaluate(left, right, {("a", "1"), ("b", "2"), ("x", "9")})
    assert (found.labelled, found.right, found.absent) == (2, 1, (("x", "9"),))
    assert [item.pair for item in found.wrong] == [("b", "3")]
    assert [(item.pair, item.why) for item in found.missing] == [(("b", "2"), "linked to 3 instead")]
    assert [item.pair for item in found.unlabelled] == [("c", "4")]
    assert (found.precision, found.recall) == (0.5, 0.5)


def test_a_miss_tells_what_excluded_it_or_what_was_doubtful() -> None:
    left = [
        fixture("a", "Aldham (W)", "Brixworth (W)"), fixture("b", "Carrowby", "Denholme", country="ENG"),
        fixture("c", "Esk", "Qwertz"),
    ]  # fmt: skip
    right = [
        fixture("1", "Aldham", "Brixworth"), fixture("2", "Carrowby", "Denholme", country="SCO"),
        fixture("3", "Esk", "Aldham"),
    ]  # fmt: skip
    found = evaluate(left, right, {("a", "1"), ("b", "2"), ("c", "3")})
    assert [item.why for item in found.missing] == [
        "one is a women's match, the other is not",
        "the competitions are of other countries: ENG and SCO",
        "no candidate: home names 1.00 alike, away names 0.00",
    ]


def test_pairs_file_gives_both_sides_and_the_truth(pairs: Path) -> None:
    left, right = read_sides(["pairs:fotmob"], pairs), read_sides(["pairs:fbref"], pairs)
    assert [one.key for one in right.fixtures] == ["aaaa0001", "2025-11-30 Carrowby v Denholme", "aaaa0003"]
    assert left.fixtures[0].country == "ENG"
    truth = read_truth(pairs, left, right)
    assert truth == {("1", "aaaa0001"), ("2", "2025-11-30 Carrowby v Denholme")}
    assert evaluate(left.fixtures, right.fixtures, truth).recall == 1.0


def test_packed_files_and_stars_are_read_and_a_fixture_of_two_files_counts_once(
    pairs: Path, tmp_path: Path
) -> None:
    packed = tmp_path / "more_pairs.csv.gz"
    packed.write_bytes(gzip.compress(PAIRS.encode()))
    side = read_sides(["pairs:fotmob", f"pairs:fotmob:{tmp_path}/*_pairs.csv.gz"], pairs)
    assert [one.key for one in side.fixtures] == ["1", "2", "3"]


def test_football_data_is_read_as_it_is_imported(tmp_path: Path) -> None:
    file = tmp_path / "E0.csv"
    file.write_text(HISTORY, encoding="cp1252")
    side = read_sides([f"football-data:history:{file}"], file)
    assert [(one.key, one.kickoff_utc.hour, one.slack == HALF_A_DAY) for one in side.fixtures] == [
        ("E0/2025-2026/Aldham/Brixworth", 14, False),
        ("E0/2025-2026/Carrowby/Denholme", 15, False),
        ("E0/2025-2026/Esk/Farley", 12, True),
    ]
    assert (side.left_out, side.fixtures[0].country) == (1, "ENG")


def test_a_file_that_is_no_season_is_named(tmp_path: Path) -> None:
    file = tmp_path / "E0.csv"
    file.write_text("<html>")
    with pytest.raises(SourceChanged, match=r"E0\.csv: .*column Div is missing"):
        read_sides([f"football-data:history:{file}"], file)


@pytest.mark.parametrize(
    ("spec", "message"),
    [("fotmob:day", "is no side"), ("titan007:ah:x.html", "is no side"), ("pairs:nowhere", "is no side"),
     ("fotmob:day:/nowhere/day.json", "No such file"),
     ("fbref:schedule:/nowhere/*.gz", "no file is called so"),
     ("titan007:day:{tmp}/list.htm", "must tell its Beijing date")],
)  # fmt: skip
def test_a_wrong_side_is_refused_with_what_to_write(
    spec: str, message: str, pairs: Path, tmp_path: Path
) -> None:
    (tmp_path / "list.htm").write_text("<table></table>")
    with pytest.raises(Misconfigured, match=message):
        read_sides([spec.format(tmp=tmp_path)], pairs)


def test_sides_of_two_sources_are_refused(pairs: Path) -> None:
    with pytest.raises(Misconfigured, match="of one source, not of fbref, fotmob"):
        read_sides(["pairs:fotmob", "pairs:fbref"], pairs)


def test_pairs_without_a_source_are_refused_with_the_missing_column(pairs: Path) -> None:
    nothing = Side(source="titan007", fixtures=())
    with pytest.raises(BadData, match="no columns of titan007"):
        read_truth(pairs, read_sides(["pairs:fotmob"], pairs), nothing)


def test_aliases_are_read_under_either_heading(tmp_path: Path) -> None:
    file = tmp_path / "aliases.csv"
    file.write_text(
        "\ufeffcountry,zh,en\nENG,甲乙,Aldham\nENG,甲乙,Aldham\n,丙,Brixworth\n", encoding="utf-8"
    )
    wanted = [Alias(alias="甲乙", club="Aldham", country="ENG"), Alias(alias="丙", club="Brixworth")]
    assert read_aliases(file) == wanted
    file.write_text("alias,club\n甲乙,Aldham\n", encoding="utf-8")
    assert read_aliases(file) == [Alias(alias="甲乙", club="Aldham")]


@pytest.mark.parametrize(
    ("text", "message"),
    [("name,team\na,b\n", "needs a column `alias`"), ("alias,club\nx,\n", "line 2, column club: empty"),
     ("alias,club,country\nx,y,England\n", "line 2, column country: 'ENGLAND' is no code")],
)  # fmt: skip
def test_a_wrong_table_of_aliases_names_file_line_and_column(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "aliases.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadData, match=message):
        read_aliases(file)


def test_a_pair_without_an_id_means_the_fixture_of_its_teams_about_that_time(tmp_path: Path) -> None:
    pairs, season = tmp_path / "pairs.csv", tmp_path / "E0.csv"
    pairs.write_text(
        "fbref_match_id,fd_home,fd_away,fd_epoch,fbref_home,fbref_away,fbref_epoch\n"
        "aaaa0001,Carrowby,Denholme,1764514800,Carrowby,Denholme,1764515700\n",
        encoding="utf-8",
    )
    season.write_text(HISTORY, encoding="utf-8")
    left = read_sides([f"football-data:history:{season}"], pairs)
    truth = read_truth(pairs, left, read_sides(["pairs:fbref"], pairs))
    assert truth == {("E0/2025-2026/Carrowby/Denholme", "aaaa0001")}


def test_a_saved_season_and_the_pairs_file_tell_one_fixture_under_one_name(tmp_path: Path) -> None:
    pairs, season = tmp_path / "pairs.csv", tmp_path / "E0.csv"
    pairs.write_text("league,fd_home,fd_away,fd_epoch\nE0,Carrowby,Denholme,1764514800\n", encoding="utf-8")
    season.write_text(HISTORY, encoding="utf-8")
    side = read_sides([f"football-data:history:{season}", "pairs:football-data"], pairs)
    assert len(side.fixtures) == 3
