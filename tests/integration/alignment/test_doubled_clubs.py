"""Clubs and matches that stand twice, made one by a person's word."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from src.core.errors import Misconfigured
from src.database.matches import ToldMatch, store_stats
from src.domain.alignment import ReviewState
from src.domain.edit import Author
from src.domain.match import Gender, Source, TeamStat
from src.domain.odds import Phase
from src.pipeline import alignment_review
from src.pipeline.context import Context
from src.pipeline.doubled_clubs import doubled_clubs, merge_clubs
from tests.conftest import NOW
from tests.integration.database.test_odds import quote, store
from tests.integration.pipeline_import.test_either_order import UK, Played, brought, imported, of_fotmob, rows

pytestmark = pytest.mark.integration

LENA = Author(who="lena", why="looked it up")
MATCH = Played("Esk", "Corby", datetime(2022, 8, 6, 15, tzinfo=UK))
_PREDICTION = text("""
    insert into predictions (match_id, model_name, model_version, features_version, fingerprint, predicted_at,
        p_home, p_draw, p_away)
    values (:match, 'm', :version, 'f', 'x', :at, .4, .3, .3)
""")


def club(context: Context, name: str) -> str:
    [(number,)] = rows(context, f"select id from teams where name = '{name}'")
    return str(number)


@pytest.fixture
def doubled(context: Context, tmp_path: Path) -> tuple[int, int]:
    """A match that stands twice, for its home club has two names; the file's and FotMob's."""
    imported(tmp_path / "new", [MATCH])(context)
    brought(context, [of_fotmob(MATCH, 1)])
    (files,), (fotmobs,) = rows(context, "select id from matches order by id")
    return files, fotmobs


def test_clubs_made_one_have_the_matches_of_both_once_with_all_that_is_stored(
    context: Context, doubled: tuple[int, int]
) -> None:
    files, fotmobs = doubled
    store(context.database, fotmobs, [quote(0, phase=Phase.OPENING), quote(5)])
    figure = TeamStat(source=Source.FOTMOB, source_match_id="1", side="home", period="ft", key="shots",
                      value=7.0, unit="count")  # fmt: skip
    with context.database.session() as session:
        store_stats(session, [figure, replace(figure, source=Source.FOOTBALL_DATA,
                    source_match_id="E0/2022-2023/Esk/Corby")], NOW)  # fmt: skip
        for match, version in ((files, "1"), (fotmobs, "1"), (files, "2")):
            session.execute(_PREDICTION, {"match": match, "version": version, "at": NOW})
    done = merge_clubs(context, club(context, "Esk"), "fotmob:id of Esk", LENA)
    assert (done.club.name, done.matches) == ("Qwertz", 1)
    assert done.club.ids == ("football-data:E/Esk", "fotmob:id of Esk")
    assert rows(context, "select id, raw_sha256 from matches") == [(fotmobs, f"{1:064}")]
    assert rows(context, "select source, method, match_id from match_links order by 1") == [
        ("football-data", "aligned", fotmobs), ("fotmob", "canonical", fotmobs)
    ]  # fmt: skip
    assert rows(context, "select source, count(*) from odds_history group by 1 order by 1") == [
        ("football-data", 2), ("titan007", 2)
    ]  # fmt: skip
    assert rows(context, "select source from team_stats order by 1") == [("football-data",), ("fotmob",)]
    assert rows(context, "select model_version from predictions order by 1") == [("1",), ("2",)]
    [decision] = alignment_review.audit(context, 1)
    assert (decision.action, decision.who, decision.why) == ("merge", "lena", "looked it up")
    assert decision.what["matches"] == [[fotmobs, files]]


def test_what_is_told_again_after_a_merge_makes_nothing_new(
    context: Context, doubled: tuple[int, int], tmp_path: Path
) -> None:
    merge_clubs(context, club(context, "Qwertz"), club(context, "Esk"), LENA)
    imported(tmp_path / "new", [MATCH])(context)
    brought(context, [of_fotmob(MATCH, 1)])
    assert rows(context, "select (select count(*) from matches), (select count(*) from teams)") == [(1, 2)]


def test_clubs_that_cannot_be_one_are_refused_with_the_reason(
    context: Context, doubled: tuple[int, int]
) -> None:
    esk, qwertz = club(context, "Esk"), club(context, "Qwertz")
    women = of_fotmob(replace(MATCH, home="Aldham", away="Deene"), 5, gender=Gender.WOMEN)
    league = replace(women.match.competition, source_id="9227", gender=Gender.WOMEN)
    brought(context, [replace(women, match=replace(women.match, competition=league))])
    for one, other, reason in (
        (esk, esk, "they are one already"),
        (esk, club(context, "Corby"), "they have played each other 1 times"),
        (qwertz, "fotmob:id of Aldham", "fotmob has an id for each of them"),
        (esk, "fotmob:id of Aldham", "one plays with the women"),
        (esk, "999", "there is no club 999"),
        (esk, "Qwertz", "neither a club's number nor SOURCE:ID"),
    ):
        with pytest.raises(Misconfigured, match=reason):
            merge_clubs(context, one, other, LENA)
    assert alignment_review.audit(context, 10) == []


def test_clubs_that_may_be_one_are_listed_the_most_alike_first(context: Context, tmp_path: Path) -> None:
    first = Played("Deene", "Brixworth", datetime(2018, 8, 11, 15, tzinfo=UK))
    imported(tmp_path / "old", [first])(context)
    later = datetime(2022, 8, 6, 15, tzinfo=UK)
    brought(context, [of_fotmob(Played("Deene", "Corby", later), 1)])
    [pair] = doubled_clubs(context)
    assert {pair.one.name, pair.other.name} == {"Deene", "Deene Rovers"}


@pytest.fixture
def in_doubt(context: Context, tmp_path: Path) -> tuple[int, int]:
    """A match that stands twice, for the sources tell of other times and their names are merely alike."""
    match = replace(MATCH, home="Deene", away="Brixworth")
    imported(tmp_path / "new", [match])(context)
    told = of_fotmob(match, 1)
    late = replace(told.match, kickoff_utc=told.match.kickoff_utc + timedelta(hours=5))
    brought(context, [replace(told, match=late)])
    (files,), (fotmobs,) = rows(context, "select id from matches order by id")
    return files, fotmobs


def waiting(context: Context) -> list[Any]:
    return alignment_review.waiting(context, state=ReviewState.WAITING, source=None, limit=10)


def test_a_doubtful_fixture_waits_although_a_match_was_made_of_it_and_confirmed_they_are_one(
    context: Context, in_doubt: tuple[int, int]
) -> None:
    files, fotmobs = in_doubt
    brought(context, [replace(of_fotmob(replace(MATCH, home="Corby", away="Aldham"), 2))])
    [review] = waiting(context)
    assert (review.pair.source, review.pair.match_id) == (Source.FOTMOB, files)
    assert alignment_review.confirm(context, review.id, LENA).state is ReviewState.CONFIRMED
    names = """
        select m.id, h.name, a.name from matches m
        join teams h on h.id = home_team_id join teams a on a.id = away_team_id
        where m.id in (select match_id from match_links where source = 'football-data')
    """
    assert rows(context, names) == [(fotmobs, "Deene Rovers", "Brixworth Town")]
    assert rows(context, "select count(*) from teams where name like 'Deene%' or name like 'Brix%'") == [(2,)]
    assert waiting(context) == []


def test_a_rejected_pair_stays_two_matches_even_when_its_clubs_become_one(
    context: Context, in_doubt: tuple[int, int]
) -> None:
    [review] = waiting(context)
    alignment_review.reject(context, review.id, LENA)
    for name in ("Deene", "Brixworth"):
        merge_clubs(context, f"football-data:E/{name}", f"fotmob:id of {name}", LENA)
    assert rows(context, "select id from matches order by id") == [(match,) for match in in_doubt]


def test_sources_that_tell_a_match_twice_within_a_day_keep_both(context: Context, tmp_path: Path) -> None:
    imported(tmp_path / "new", [MATCH])(context)
    told: list[ToldMatch] = []
    for number in (1, 2):
        one = of_fotmob(MATCH, number)
        told.append(replace(one, match=replace(one.match, kickoff_utc=MATCH.at.astimezone(UTC))))
    brought(context, told)
    merge_clubs(context, "football-data:E/Esk", "fotmob:id of Esk", LENA)
    assert rows(context, "select count(*) from matches") == [(3,)]
