"""The labelled pairs of real sources, found among all fixtures of both."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from src.collectors.alignment.alias_file import read_aliases
from src.collectors.alignment.align import judge
from src.collectors.alignment.clubs import Clubs
from src.collectors.alignment.evaluate import Evaluation, evaluate
from src.collectors.alignment.fixture import HALF_A_DAY, Fixture
from src.collectors.alignment.plain_rule import same_date_and_token_sort
from src.collectors.alignment.sides import read_sides
from tests.unit.collectors.alignment.labelled import DAY, HISTORY, SETS, Sides

LONDON, NOON = ZoneInfo("Europe/London"), time(12)


@pytest.mark.parametrize(("name", "source"), SETS)
def test_labelled_pairs_are_found_among_all_fixtures_and_none_is_wrong(
    sides: Sides, name: str, source: str
) -> None:
    found = measured(sides, name, source)
    assert found.absent == ()
    assert found.precision >= 0.995
    assert found.recall >= 0.97


@pytest.mark.parametrize(("name", "source"), SETS)
def test_most_are_found_by_the_names_alone_without_any_table_of_clubs(
    sides: Sides, name: str, source: str
) -> None:
    found = measured(sides, name, source, Clubs(built_in=()))
    assert found.precision == 1.0
    assert found.recall >= 0.94


@pytest.mark.parametrize(("name", "source"), SETS)
def test_fixtures_whose_partners_are_taken_away_are_linked_to_nothing_else(
    sides: Sides, name: str, source: str
) -> None:
    left, right, truth = sides(name, source)
    partners = {pair[1] for pair in truth}
    found = evaluate(left.fixtures, [one for one in right.fixtures if one.key not in partners], truth)
    assert (found.right, found.wrong) == (0, ())


@pytest.mark.parametrize(("name", "source"), SETS)
def test_the_plain_rule_finds_fewer(sides: Sides, name: str, source: str) -> None:
    left, right, truth = sides(name, source)
    plain = evaluate(left.fixtures, right.fixtures, truth, by=same_date_and_token_sort)
    assert plain.recall < 0.93


def test_matches_of_which_the_day_alone_is_known_are_found_as_well(sides: Sides) -> None:
    left, right, truth = sides(HISTORY, "football-data")
    by_day = [
        replace(one, kickoff_utc=datetime.combine(day_of(one), NOON, UTC), slack=HALF_A_DAY)
        for one in left.fixtures
    ]
    found = evaluate(by_day, right.fixtures, truth)
    assert (found.precision, found.recall, found.unlabelled) == (1.0, 1.0, ())
    partners = {pair[1] for pair in truth}
    others = [one for one in right.fixtures if one.key not in partners]
    assert evaluate(by_day, others, truth).wrong == ()


def test_the_whole_day_is_among_the_fixtures(sides: Sides) -> None:
    left, right, truth = sides(DAY, "fotmob")
    assert len(left.fixtures) == 344 + 65
    assert len(right.fixtures) > 1000
    assert len(truth) == 75


def measured(sides: Sides, name: str, source: str, clubs: Clubs | None = None) -> Evaluation:
    left, right, truth = sides(name, source)
    return evaluate(left.fixtures, right.fixtures, truth, clubs=clubs)


def test_a_chinese_day_list_is_aligned_by_an_operators_table(shared_data: Path) -> None:
    table = read_aliases(shared_data / "alignment" / "zh_en_team_aliases.csv")
    nowhere = shared_data / "none.csv"
    left = read_sides([f"titan007:day:{shared_data}/titan007/over_20251018_5rows.gb18030.html"], nowhere)
    right = read_sides([f"fbref:schedule:{shared_data}/fbref/*.html.gz"], nowhere)
    verdict = judge(left.fixtures, right.fixtures, clubs=Clubs(table))
    # Nottingham Forest and Chelsea; the other four rows are of competitions that no recorded page has.
    assert [(link.key, link.canonical) for link in verdict.links] == [("2789205", "b3ac7e40")]
    assert verdict.doubts == ()
    assert judge(left.fixtures, right.fixtures, clubs=Clubs(built_in=())).links == ()
    # Our own table knows both by their Chinese names.
    assert judge(left.fixtures, right.fixtures).links == verdict.links


def day_of(fixture: Fixture) -> date:
    """The day that a season's file tells."""
    return fixture.kickoff_utc.astimezone(LONDON).date()
