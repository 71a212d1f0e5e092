"""Alignment by small rules: what is linked, what is left to a person, what is never one."""

from datetime import UTC, datetime, timedelta

import pytest

from src.collectors.alignment.align import Fixture, align, judge
from src.domain.match import Gender
from tests.unit.collectors.alignment.fixtures import AT, doubts, fixture, links


def test_same_pair_is_found_hours_apart_across_a_date_line_but_not_later() -> None:
    night = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    known = [fixture("1", "Aldham", "Brixworth", night)]
    assert links([fixture("a", "Aldham", "Brixworth", night + timedelta(hours=2))], known) == {"a": "1"}
    assert links([fixture("a", "Aldham", "Brixworth", night + timedelta(hours=4))], known) == {}


def test_same_pair_half_a_day_apart_is_left_to_a_person_with_the_reason() -> None:
    known = [fixture("1", "Aldham", "Brixworth")]
    [doubt] = judge([fixture("a", "Aldham", "Brixworth", AT + timedelta(hours=6))], known).doubts
    assert (doubt.key, doubt.canonical, doubt.reasons) == ("a", "1", ("the kick-offs are 6.0 h apart",))


def test_same_pair_a_day_apart_is_another_match() -> None:
    left, right = (
        fixture("a", "Aldham", "Brixworth", AT + timedelta(days=1)),
        fixture("1", "Aldham", "Brixworth"),
    )
    assert judge([left], [right]).doubts == ()


def test_swapped_sides_are_another_match() -> None:
    assert links([fixture("a", "Brixworth", "Aldham")], [fixture("1", "Aldham", "Brixworth")]) == {}


def test_doubtful_choice_makes_no_link_and_names_both_candidates() -> None:
    known = [fixture("1", "Aldham North", "Brixworth"), fixture("2", "Aldham South", "Brixworth")]
    verdict = judge([fixture("a", "Aldham", "Brixworth")], known)
    assert verdict.links == ()
    [doubt] = verdict.doubts
    assert {doubt.canonical, doubt.rival} == {"1", "2"}
    assert doubt.reasons == ("another choice is only 0.00 worse",)


def test_each_match_is_linked_once() -> None:
    left = [fixture("a", "Aldham United", "Brixworth"), fixture("b", "Aldham Town", "Brixworth")]
    assert links(left, [fixture("1", "Aldham United", "Brixworth")]) == {"a": "1"}


def test_candidates_taken_by_better_ones_raise_no_doubt() -> None:
    left = [fixture("a", "Dundee", "Celtic"), fixture("b", "Dundee Utd", "Rangers")]
    right = [fixture("1", "Dundee FC", "Celtic"), fixture("2", "Dundee United", "Rangers")]
    assert links(left, right) == {"a": "1", "b": "2"}


def test_two_weak_pairs_do_not_outweigh_a_strong_one() -> None:
    left = [fixture("a", "Aldham", "Brixworth"), fixture("b", "Aldham Rovers", "Carrowby")]
    right = [fixture("1", "Aldham", "Brixworth"), fixture("2", "Aldham Mill", "Brixworth Vale")]
    assert links(left, right) == {"a": "1"}


def test_one_name_alone_at_the_same_kickoff_of_a_competition_is_left_to_a_person() -> None:
    left = fixture("a", "Qwertz", "Tijuana", competition="Liga MX", country="MEX")
    right = fixture("1", "Aldham", "Tijuana", competition="Liga MX")
    assert links([left], [right]) == {}
    assert doubts([left], [right]) == {"a": "1"}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (("Perth Glory (W)", "Sydney (W)"), ("Perth Glory", "Sydney")),
        (("Real Sociedad B", "Eibar"), ("Real Sociedad", "Eibar")),
        (("Genk U23", "Gent"), ("Genk", "Gent")),
        (("Śląsk Wrocław ll", "Hutnik"), ("Śląsk Wrocław", "Hutnik")),
        (("Jong Ajax", "Jong PSV"), ("Ajax", "PSV")),
    ],
)
def test_womens_and_other_squads_are_neither_linked_nor_asked_about(
    left: tuple[str, str], right: tuple[str, str]
) -> None:
    verdict = judge([fixture("a", *left)], [fixture("1", *right)])
    assert verdict.links == ()
    assert verdict.doubts == ()


def test_competitions_for_women_are_never_mixed_with_mens_of_the_same_clubs() -> None:
    women = fixture("a", "Melb Victory", "Perth Glory", competition="A-League Women")
    men = fixture("1", "Melbourne Victory", "Perth Glory", competition="A-League Men")
    assert judge([women], [men]) == judge([], [])
    told = Fixture(key="b", kickoff_utc=AT, home=("Roma",), away=("Inter",), gender=Gender.WOMEN)
    assert judge([told], [fixture("2", "Roma", "Inter")]).doubts == ()
    assert links([women], [fixture("3", "Melbourne Victory (W)", "Perth Glory (W)")]) == {"a": "3"}


@pytest.mark.parametrize(
    "below",
    ["Premier League 2", "UEFA Youth League", "Primavera 1", "Reserve League", "U21 League", "英后备"],
)
def test_competitions_below_the_first_squads_are_never_theirs_whatever_the_teams_are_called(
    below: str,
) -> None:
    youth = fixture("a", "Aldham", "Brixworth", competition=below)
    for league in ("Premier League", None):
        assert judge([youth], [fixture("1", "Aldham", "Brixworth", competition=league)]) == judge([], [])
    assert links([youth], [fixture("2", "Aldham U21", "Brixworth U21")]) == {}
    told = fixture("b", "Aldham U21", "Brixworth U21", competition=below)
    assert links([told], [fixture("2", "Aldham U21", "Brixworth U21")]) == {"b": "2"}


def test_a_youth_league_may_tell_its_age_or_not() -> None:
    one = fixture("a", "Aldham U19", "Brixworth U19", competition="UEFA Youth League")
    assert links([one], [fixture("1", "Aldham U19", "Brixworth U19", competition="U19 Youth League")]) == {
        "a": "1"
    }


def test_competitions_of_two_countries_are_never_one() -> None:
    ecuador = fixture("a", "Libertad", "Barcelona SC", competition="Serie A", country="ECU")
    spain = fixture("1", "Libertad", "Barcelona", competition="La Liga")
    assert judge([ecuador], [spain]).links == ()
    assert links([ecuador], [fixture("2", "Libertad", "Barcelona", competition="2025 Serie A")]) == {"a": "2"}


def test_rejected_pair_is_neither_linked_nor_asked_about_again() -> None:
    left, right = [fixture("a", "Aldham", "Brixworth")], [fixture("1", "Aldham", "Brixworth")]
    verdict = judge(left, right, rejected={("a", "1")})
    assert verdict.links == ()
    assert verdict.doubts == ()


@pytest.mark.parametrize(
    ("told", "known"),
    [
        (("Liverpool", "Manchester City"), ("Liverpool", "Manchester United")),
        (("Getafe", "Real Betis"), ("Getafe", "Real Madrid")),
        (("Lens", "Paris FC"), ("Lens", "Paris Saint-Germain")),
        (("Torino", "AC Milan"), ("Torino", "Inter Milan")),
        (("Paris", "Paris Saint-Germain"), ("Paris Saint-Germain", "Paris FC")),
        (("Manchester United", "Manchester City"), ("Manchester City", "Manchester United")),
        (("Utrecht", "PSV"), ("Utrecht", "FC Eindhoven")),
        (("Roma", "Hertha Berlin"), ("Roma", "Hertha Zehlendorf")),
        (("Elche", "Barcelona"), ("Elche", "Barca Atletic")),
    ],
)
def test_a_club_of_a_like_name_is_another_club(told: tuple[str, str], known: tuple[str, str]) -> None:
    assert align([fixture("t", *told)], [fixture("1", *known)]) == []


def test_a_source_that_tells_the_day_alone_is_aligned_within_its_day() -> None:
    noon = datetime(2005, 3, 5, 12, tzinfo=UTC)
    told = Fixture(
        key="a", kickoff_utc=noon, home=("Aldham",), away=("Brixworth",), slack=timedelta(hours=12)
    )
    late = noon + timedelta(hours=8)
    assert links([told], [fixture("1", "Aldham", "Brixworth", late)]) == {"a": "1"}
    assert links([fixture("1", "Aldham", "Brixworth", late)], [told]) == {"1": "a"}
    assert links([told], [fixture("1", "Aldham", "Brixworth", noon + timedelta(days=2))]) == {}
