"""Clubs of one competition that are one by their names for certain, and those that only may be."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from src.collectors.alignment.clubs import Clubs, known_clubs
from src.collectors.alignment.csv_rows import read_rows
from src.collectors.alignment.one_name import certain_pairs, perhaps_one
from src.collectors.readers import READERS, About
from src.domain.alignment import Alias
from src.domain.match import SourceMatch

WATCHED = {"47": "ENG", "87": "ESP", "54": "GER", "55": "ITA", "53": "FRA"}
DIVISIONS = {"E0": "47", "SP1": "87", "D1": "54", "I1": "55", "F1": "53"}


def pairs(
    *clubs: Iterable[str], country: str | None = "ENG", known: Clubs | None = None
) -> list[tuple[int, int]]:
    names = {number: tuple(one) for number, one in enumerate(clubs)}
    return certain_pairs(names, country, known or known_clubs())


@pytest.mark.parametrize(
    ("one", "other"),
    [("Aldham", "Aldham FC"), ("1. FC Köln", "Koln"), ("Man United", "Manchester United"),
     ("Wolves", "Wolverhampton Wanderers"), ("Bodo Glimt", "Bodoglimt"), ("Stoke", "Stoke City")],
)  # fmt: skip
def test_the_same_words_and_names_of_one_club_are_certain(one: str, other: str) -> None:
    assert pairs([one], ["Brixworth"], [other]) == [(0, 2)]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Aldham", "Aldham Town"), ("Aldham", "Aldhem"), ("Aldham", "Aldham B"), ("Aldham", "Aldham (W)"),
     ("Man United", "Man City"), ("Sheffield United", "Sheffield Weds"), ("Aldham", "Aldham U21")],
)  # fmt: skip
def test_a_likeness_is_never_certain(one: str, other: str) -> None:
    assert pairs([one], [other]) == []


def test_any_of_a_clubs_names_will_do() -> None:
    assert pairs(["Aldham Rovers", "Aldham"], ["FC Aldham"]) == [(0, 1)]


def test_with_two_candidates_on_a_side_none_is_taken() -> None:
    assert pairs(["Aldham"], ["FC Aldham"], ["Aldham SC"]) == []
    assert pairs(["Aldham", "Brixworth"], ["Aldham"], ["Brixworth"]) == []


def test_a_club_of_another_country_in_the_table_is_no_name_of_one() -> None:
    assert pairs(["América"], ["Club América"], country="MEX") == [(0, 1)]
    assert pairs(["Wolves"], ["Wolverhampton"], country="GER") == []


def test_an_operators_alias_makes_two_names_one() -> None:
    known = Clubs([Alias(alias="Esk", club="Qwertz", country="ENG")])
    assert pairs(["Esk"], ["Qwertz"], known=known) == [(0, 1)]
    assert pairs(["Esk"], ["Qwertz"], country="ESP", known=known) == []


def test_what_is_merely_alike_is_told_with_its_likeness() -> None:
    names = {1: ("Aldham",), 2: ("Aldham Town",), 3: ("Brixworth",)}
    [(one, other, likeness)] = perhaps_one(names, "ENG", known_clubs())
    assert (one, other) == (1, 2)
    assert 0.65 <= likeness < 1


def test_fotmobs_real_clubs_are_those_of_football_datas_files_for_certain(shared_data: Path) -> None:
    body = (shared_data / "fotmob" / "matches_20251130.json").read_bytes()
    about = About(sha256="0" * 64, captured_at=datetime(2025, 12, 1, tzinfo=UTC))
    by_fotmob: defaultdict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for match in READERS["fotmob", "day"](body, about).rows:
        if isinstance(match, SourceMatch) and match.competition.source_id in WATCHED:
            for team in (match.home, match.away):
                by_fotmob[match.competition.source_id][team.name] = (team.name, team.short_name or team.name)
    by_file: defaultdict[str, set[str]] = defaultdict(set)
    for file in sorted((shared_data / "history").glob("*.csv")):
        for row in read_rows(file):
            if row["Div"]:
                by_file[DIVISIONS[row["Div"]]] |= {row["HomeTeam"], row["AwayTeam"]}
    found, wanted = 0, 0
    for competition, told in by_fotmob.items():
        theirs = sorted(by_file[competition])
        clubs = dict(enumerate([*told.values(), *((name,) for name in theirs)]))
        certain = certain_pairs(clubs, WATCHED[competition], known_clubs())
        assert all(one < len(told) <= other for one, other in certain)
        found += len(certain)
        wanted += len(told)
    # Pisa has come up since the files end.
    assert (found, wanted) == (41, 42)
