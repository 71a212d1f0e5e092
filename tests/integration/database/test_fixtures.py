"""Kick-offs for the cadence that follows them, and the word that they changed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import psycopg2
import pytest

from src.database.connection import Database
from src.database.fixtures import FIXTURES_CHANGED, kickoffs
from src.database.leadership import CHANNEL
from src.database.matches import ToldMatch, store_matches
from src.domain.match import MatchStatus, Score, SourceMatch
from tests.integration.database.matches import KICKOFF, SEEN, coming_match

pytestmark = pytest.mark.integration

HOUR = timedelta(hours=1)


class Listener:
    """Hears what the schedule's channel carries."""

    def __init__(self, link: "psycopg2.extensions.connection") -> None:
        self._link = link
        self.heard()

    def heard(self) -> list[str]:
        """What came since it was asked last; a notification precedes the answer to a later statement."""
        with self._link.cursor() as cursor:
            cursor.execute(f"listen {CHANNEL}")
        payloads = [notice.payload for notice in self._link.notifies]
        self._link.notifies.clear()
        return payloads


@pytest.fixture
def listener(database_url: str) -> Iterator[Listener]:
    link = psycopg2.connect(database_url.replace("+psycopg2", ""))
    link.autocommit = True
    yield Listener(link)
    link.close()


def store(database: Database, *matches: SourceMatch, hours: int = 0, watched: bool = True) -> int:
    with database.session() as session:
        seen = SEEN + hours * HOUR
        return store_matches(
            session, [ToldMatch(match=one, seen_at=seen, watched=watched) for one in matches]
        )


def test_kickoffs_of_watched_matches_come_sorted_and_inside_the_window(database: Database) -> None:
    hours = [5, 1, 3, 0, 9]
    store(database, *(coming_match(str(n), KICKOFF + n * HOUR) for n in hours))
    with database.session() as session:
        found = kickoffs(session, KICKOFF, KICKOFF + 5 * HOUR)
    assert found == [KICKOFF + n * HOUR for n in (0, 1, 3, 5)]
    assert all(kickoff.utcoffset() == timedelta(0) for kickoff in found)


def test_matches_put_off_or_called_off_have_no_kickoff(database: Database) -> None:
    off = [MatchStatus.POSTPONED, MatchStatus.CANCELLED, MatchStatus.ABANDONED, MatchStatus.AWARDED]
    for number, status in enumerate([*off, MatchStatus.SCHEDULED, MatchStatus.LIVE]):
        store(database, replace(coming_match(str(number), KICKOFF + number * HOUR), status=status))
    with database.session() as session:
        assert kickoffs(session, KICKOFF, KICKOFF + 9 * HOUR) == [KICKOFF + 4 * HOUR, KICKOFF + 5 * HOUR]


def test_matches_that_nobody_watches_have_no_kickoff_and_are_silent(
    database: Database, listener: Listener
) -> None:
    store(database, coming_match("1", KICKOFF), watched=False)
    with database.session() as session:
        assert kickoffs(session, KICKOFF, KICKOFF) == []
    assert listener.heard() == []


def test_a_new_match_is_told_and_its_repetition_is_not(database: Database, listener: Listener) -> None:
    match = coming_match("1", KICKOFF)
    assert store(database, match) == 1
    assert listener.heard() == [FIXTURES_CHANGED]
    assert store(database, match) == 0
    assert store(database, match, hours=1) == 0
    assert listener.heard() == []


def test_a_moved_kickoff_and_a_new_status_are_told_once_each(database: Database, listener: Listener) -> None:
    match = coming_match("1", KICKOFF)
    store(database, match, coming_match("2", KICKOFF))
    moved = replace(match, kickoff_utc=KICKOFF + HOUR)
    put_off = replace(moved, status=MatchStatus.POSTPONED)
    listener.heard()
    for hours, told in enumerate([moved, put_off], start=1):
        store(database, told, hours=hours)
        store(database, told, hours=hours)
        assert listener.heard() == [FIXTURES_CHANGED]


def test_other_changes_and_older_tellings_are_silent(database: Database, listener: Listener) -> None:
    playing = replace(coming_match("1", KICKOFF), status=MatchStatus.LIVE, score_90=Score(home=0, away=0))
    store(database, playing, hours=2)
    listener.heard()
    assert store(database, replace(playing, score_90=Score(home=1, away=0)), hours=3) == 1
    assert store(database, replace(playing, kickoff_utc=KICKOFF + HOUR), hours=1) == 0
    assert listener.heard() == []


def test_what_is_rolled_back_is_not_told(database: Database, listener: Listener) -> None:
    with database.session() as session:
        store_matches(session, [ToldMatch(match=coming_match("1", KICKOFF), seen_at=SEEN, watched=True)])
        session.rollback()
    assert listener.heard() == []
