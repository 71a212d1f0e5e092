"""What a source tells of a match is kept whole, and figures converge whatever order payloads arrive in."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from src.database.connection import Database
from src.database.matches import ToldMatch, store_matches, store_stats
from src.domain.match import Source, TeamSide, TeamStat
from src.domain.team import SquadLevel
from tests.integration.database.matches import SEEN, coming_match, one_match

pytestmark = pytest.mark.integration


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    with database.session() as session:
        return [tuple(row) for row in session.execute(text(query))]


FACTS = "select time_known, venue_timezone, squad_level, raw_sha256 from matches"


def test_the_known_time_the_venues_zone_and_the_squads_are_kept(database: Database) -> None:
    told = replace(
        coming_match(), time_known=False, venue_timezone="Europe/London", squad_level=SquadLevel.U21
    )
    with database.session() as session:
        store_matches(session, [ToldMatch(match=told, seen_at=SEEN, watched=True)])
    assert rows(database, FACTS) == [(False, "Europe/London", "u21", "0" * 64)]


def test_a_time_that_becomes_known_is_a_change_and_a_venue_left_out_is_none(database: Database) -> None:
    first = replace(coming_match(), time_known=False, venue_timezone="Europe/London")
    later = replace(coming_match(), raw_sha256="1" * 64)
    with database.session() as session:
        store_matches(session, [ToldMatch(match=first, seen_at=SEEN, watched=True)])
        seen = [SEEN + timedelta(hours=hour) for hour in (1, 2)]
        changed = [store_matches(session, [ToldMatch(match=later, seen_at=at, watched=True)]) for at in seen]
    assert changed == [1, 0]
    assert rows(database, FACTS) == [(True, "Europe/London", "first", "1" * 64)]


def test_a_link_keeps_the_ids_that_its_source_gives_both_teams(database: Database) -> None:
    one_match(database)
    links = "select source, home_source_team_id, away_source_team_id from match_links"
    assert rows(database, links) == [("fotmob", "101", "102")]


def figure(value: float, key: str = "shots", side: TeamSide = "home") -> TeamStat:
    return TeamStat(
        source=Source.FOTMOB, source_match_id="1", side=side, period="ft", key=key, value=value, unit="count"
    )


def store(database: Database, stats: Iterable[TeamStat], seen_at: datetime) -> int:
    with database.session() as session:
        return store_stats(session, stats, seen_at)


STORED = "select side, key, value, seen_at from team_stats order by 1, 2"


def test_an_older_telling_of_a_figure_changes_nothing(database: Database) -> None:
    one_match(database)
    assert store(database, [figure(7)], SEEN) == 1
    assert store(database, [figure(5), figure(3, "corners")], SEEN - timedelta(hours=1)) == 1
    assert rows(database, STORED) == [
        ("home", "corners", 3.0, SEEN - timedelta(hours=1)), ("home", "shots", 7.0, SEEN)
    ]  # fmt: skip


def test_a_payload_read_anew_corrects_what_it_told(database: Database) -> None:
    one_match(database)
    store(database, [figure(7)], SEEN)
    assert store(database, [figure(8), figure(9)], SEEN) == 1
    assert rows(database, STORED) == [("home", "shots", 9.0, SEEN)]
    assert store(database, [figure(9)], SEEN) == 0


def test_a_later_telling_of_the_same_is_no_change_and_holds_against_an_older_one(database: Database) -> None:
    one_match(database)
    store(database, [figure(7)], SEEN)
    assert store(database, [figure(7)], SEEN + timedelta(hours=2)) == 0
    assert store(database, [figure(6)], SEEN + timedelta(hours=1)) == 0
    assert rows(database, STORED) == [("home", "shots", 7.0, SEEN + timedelta(hours=2))]


PAYLOADS = st.lists(
    st.lists(
        st.builds(
            figure,
            st.integers(0, 3).map(float),
            st.sampled_from(["shots", "corners"]),
            st.sampled_from(["home", "away"]),
        ),
        max_size=4,
    ),
    min_size=1,
    max_size=6,
)


@given(data=st.data(), payloads=PAYLOADS)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
def test_payloads_in_any_order_and_doubled_end_in_the_same_figures(
    database: Database, data: st.DataObject, payloads: list[list[TeamStat]]
) -> None:
    with database.session() as session:
        session.execute(text("truncate matches, teams, competitions, team_links cascade"))
    one_match(database)
    seen = [(stats, SEEN + timedelta(minutes=n)) for n, stats in enumerate(payloads)]
    ends = []
    for order in (seen, data.draw(st.permutations(seen + seen[:2]))):
        rows(database, "delete from team_stats returning 1")
        for stats, at in order:
            store(database, stats, at)
        ends.append(rows(database, STORED))
    assert ends[0] == ends[1]
