"""A pair of which one name says nothing: settled by its round, or left to a person."""

from dataclasses import replace
from datetime import timedelta

import pytest

from src.collectors.alignment.align import judge
from src.collectors.alignment.clubs import Clubs
from src.collectors.alignment.fixture import Fixture
from src.domain.alignment import Alias
from src.domain.match import Gender
from tests.unit.collectors.alignment.fixtures import AT, doubts, fixture, links

OURS, THEIRS = "Liga Norte", "2025 Liga Norte"


def left(key: str, home: str, away: str) -> Fixture:
    return fixture(key, home, away, competition=OURS, country="MEX")


def right(key: str, home: str, away: str) -> Fixture:
    return fixture(key, home, away, competition=THEIRS)


OPEN_LEFT, OPEN_RIGHT = left("a", "Aldham", "Qwertz"), right("1", "Aldham", "Uiopas")
LEFT = [OPEN_LEFT, left("b", "Brixworth", "Carrowby"), left("c", "Denholme", "Esk")]
RIGHT = [OPEN_RIGHT, right("2", "Brixworth", "Carrowby"), right("3", "Denholme", "Esk")]


def test_the_last_pair_of_a_round_of_which_all_else_is_certain_is_linked() -> None:
    assert links(LEFT, RIGHT) == {"a": "1", "b": "2", "c": "3"}
    assert links(RIGHT, LEFT) == {"1": "a", "2": "b", "3": "c"}


def test_too_little_company_leaves_it_to_a_person() -> None:
    assert links(LEFT[:2], RIGHT[:2]) == {"b": "2"}
    assert doubts(LEFT[:2], RIGHT[:2]) == {"a": "1"}


def test_company_of_another_competition_or_of_another_week_says_nothing() -> None:
    elsewhere = [OPEN_LEFT, *(replace(one, competition="Copa Sur") for one in LEFT[1:])]
    assert "a" not in links(elsewhere, RIGHT)
    week = timedelta(days=7)
    later = [[one, *(replace(other, kickoff_utc=AT + week) for other in others)]
             for one, *others in (LEFT, RIGHT)]  # fmt: skip
    assert links(*later) == {"b": "2", "c": "3"}


def test_a_competition_whose_matches_are_of_two_of_the_others_is_no_company() -> None:
    divided = [*RIGHT, replace(right("4", "Farley", "Gorton"), competition="Copa Sur")]
    assert "a" not in links([*LEFT, left("d", "Farley", "Gorton")], divided)


@pytest.mark.parametrize("minutes", [60, -45])
def test_another_kickoff_leaves_it_to_a_person(minutes: int) -> None:
    moved = replace(OPEN_RIGHT, kickoff_utc=AT + timedelta(minutes=minutes))
    assert "a" not in links(LEFT, [moved, *RIGHT[1:]])


def test_a_name_that_the_other_source_knows_is_another_opponent() -> None:
    # Theirs has Qwertz play elsewhere, months away: it does not call it Uiopas.
    later = replace(right("9", "Harley", "Qwertz FC"), kickoff_utc=AT + timedelta(days=100))
    assert "a" not in links(LEFT, [*RIGHT, later])
    ours = replace(left("z", "Uiopas", "Harley"), kickoff_utc=AT + timedelta(days=100))
    assert "a" not in links([*LEFT, ours], RIGHT)


def test_clubs_that_our_table_tells_apart_are_not_made_one() -> None:
    apart = Clubs(built_in=(("MEX", "Qwertz"), ("MEX", "Uiopas")))
    assert [link.key for link in judge(LEFT, RIGHT, clubs=apart).links] == ["b", "c"]
    assert len(judge(LEFT, RIGHT, clubs=Clubs([Alias(alias="Qwertz", club="Uiopas")])).links) == 3


def test_one_club_is_not_made_two() -> None:
    ours = [*LEFT, replace(left("d", "Farley", "Qwertz"), kickoff_utc=AT + timedelta(days=3))]
    theirs = [*RIGHT, replace(right("4", "Farley", "Jklmno"), kickoff_utc=AT + timedelta(days=3))]
    more = [left("e", "Gorton", "Harley"), left("f", "Ibsen", "Kirby")], [
        right("5", "Gorton", "Harley"), right("6", "Ibsen", "Kirby"),
    ]  # fmt: skip
    found = links([*ours, *more[0]], [*theirs, *more[1]])
    assert sorted(found) == ["b", "c", "e", "f"]


def test_a_round_that_is_open_for_the_most_part_settles_nothing() -> None:
    ours = [*LEFT, left("d", "Farley", "Gorton Vale"), left("e", "Harley", "Ibsen")]
    theirs = [*RIGHT, right("4", "Farley", "Xyzzyx"), right("5", "Harley", "Poiuyt")]
    assert sorted(links(ours, theirs)) == ["b", "c"]
    certain = left("f", "Kirby", "Langham"), right("6", "Kirby", "Langham")
    assert sorted(links([*ours, certain[0]], [*theirs, certain[1]])) == ["a", "b", "c", "d", "e", "f"]


def test_womens_matches_are_no_company_of_mens() -> None:
    women = [replace(one, gender=Gender.WOMEN) for one in RIGHT]
    assert links(LEFT, women) == {}


def test_a_league_in_another_script_is_known_by_its_round() -> None:
    table = Clubs([Alias(alias=zh, club=club) for zh, club in zip("甲乙丙丁戊", (
        "Aldham", "Brixworth", "Carrowby", "Denholme", "Esk"), strict=True)])  # fmt: skip
    chinese = [
        fixture("a", "甲", "己", competition="墨西联"), fixture("b", "乙", "丙", competition="墨西联"),
        fixture("c", "丁", "戊", competition="墨西联"),
    ]  # fmt: skip
    found = {link.key: link.canonical for link in judge(chinese, RIGHT, clubs=table).links}
    assert found == {"a": "1", "b": "2", "c": "3"}
