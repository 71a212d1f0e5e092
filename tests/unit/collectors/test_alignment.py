"""Alignment: small rules, and the labelled pairs of real sources."""

import csv
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from src.collectors.alignment.align import Fixture, align
from src.collectors.alignment.names import similarity

AT = datetime(2026, 2, 28, 15, tzinfo=UTC)


def fixture(key: str, home: str, away: str, at: datetime = AT) -> Fixture:
    return Fixture(key=key, kickoff_utc=at, home=(home,), away=(away,))


def links(left: Sequence[Fixture], right: Sequence[Fixture]) -> dict[str, str]:
    return {item.key: item.canonical for item in align(left, right)}


@pytest.mark.parametrize(
    ("left", "right"),
    [("Manchester United", "Man Utd"), ("Malmö FF", "Malmo"), ("FC Köln", "Koln"),
     ("Rennes", "Stade Rennais FC"), ("Tigres", "UANL"), ("PSG", "Paris Saint-Germain"),
     ("Eint Frankfurt", "Eintracht Frankfurt"),
     ("Atlético Madrid", "Atl. Madrid"), ("Chelsea (W)", "Chelsea Women"), ("FK Bodø/Glimt", "Bodo Glimt")],
)  # fmt: skip
def test_forms_of_one_name_are_alike(left: str, right: str) -> None:
    assert similarity(left, right) == similarity(right, left) >= 0.85


@pytest.mark.parametrize(
    ("left", "right"),
    [("Real Sociedad", "Real Sociedad B"), ("Manchester United", "Manchester City"),
     ("Chelsea", "Chelsea U21"), ("Milan", "Inter")],
)  # fmt: skip
def test_other_teams_are_not(left: str, right: str) -> None:
    assert similarity(left, right) < 0.74


def test_same_pair_is_found_hours_apart_across_a_date_line_but_not_later() -> None:
    night = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    known = [fixture("1", "Aldham", "Brixworth", night)]
    assert links([fixture("a", "Aldham", "Brixworth", night + timedelta(hours=2))], known) == {"a": "1"}
    assert links([fixture("a", "Aldham", "Brixworth", night + timedelta(hours=4))], known) == {}


def test_swapped_sides_are_another_match() -> None:
    assert links([fixture("a", "Brixworth", "Aldham")], [fixture("1", "Aldham", "Brixworth")]) == {}


def test_doubtful_choice_makes_no_link() -> None:
    known = [fixture("1", "Aldham North", "Brixworth"), fixture("2", "Aldham South", "Brixworth")]
    assert links([fixture("a", "Aldham", "Brixworth")], known) == {}


def test_each_match_is_linked_once() -> None:
    left = [fixture("a", "Aldham United", "Brixworth"), fixture("b", "Aldham Town", "Brixworth")]
    assert links(left, [fixture("1", "Aldham United", "Brixworth")]) == {"a": "1"}


@pytest.mark.parametrize(
    ("name", "left", "right", "recall"),
    [
        ("fotmob_fbref_20251130", ("fotmob_match_id", "home_fotmob", "away_fotmob", "utc_kickoff"),
         ("fbref_match_id", "home_fbref", "away_fbref", "fbref_epoch"), 1.0),
        ("fotmob_fbref_ucl2526", ("fotmob_match_id", "home_fotmob", "away_fotmob", "utc"),
         ("fbref_match_id", "home_fbref", "away_fbref", "utc"), 1.0),
        ("footballdata_fbref_2526", ("fbref_match_id", "fd_home", "fd_away", "fd_epoch"),
         ("fbref_match_id", "fbref_home", "fbref_away", "fbref_epoch"), 1.0),
    ],
)  # fmt: skip
def test_labelled_pairs_with_all_competitions_mixed(
    shared_data: Path, name: str, left: tuple[str, ...], right: tuple[str, ...], recall: float
) -> None:
    with (shared_data / f"alignment/{name}_pairs.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    sides: dict[tuple[str, ...], list[Fixture]] = defaultdict(list)
    for row in rows:
        for columns in (left, right):
            key, home, away, at = (row[column] for column in columns)
            sides[columns].append(fixture(key, home, away, moment(at)))
    found = links(sides[left], sides[right])
    truth = {row[left[0]]: row[right[0]] for row in rows}
    assert {key: value for key, value in found.items() if truth[key] != value} == {}
    assert len(found) >= recall * len(truth)


def moment(text: str) -> datetime:
    return datetime.fromtimestamp(int(text), UTC) if text.isdigit() else datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("fixture", "known"),
    [
        (("Liverpool", "Manchester City"), ("Liverpool", "Manchester United")),
        (("Getafe", "Real Betis"), ("Getafe", "Real Madrid")),
        (("Lens", "Paris FC"), ("Lens", "Paris Saint-Germain")),
        (("Torino", "AC Milan"), ("Torino", "Inter Milan")),
        (("Paris", "Paris Saint-Germain"), ("Paris Saint-Germain", "Paris FC")),
        (("Manchester United", "Manchester City"), ("Manchester City", "Manchester United")),
    ],
)
def test_a_club_of_a_like_name_is_another_club(fixture: tuple[str, str], known: tuple[str, str]) -> None:
    kickoff = datetime(2026, 3, 7, 15, tzinfo=UTC)
    told, stored = (
        Fixture(key=key, kickoff_utc=kickoff, home=(names[0],), away=(names[1],))
        for key, names in (("t", fixture), ("1", known))
    )
    assert align([told], [stored]) == []
