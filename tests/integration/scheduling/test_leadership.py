from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg2
import pytest

from src.core.errors import Transient
from src.database.leadership import CHANNEL, Leadership, LeadershipLost
from tests.ports import free_port

pytestmark = pytest.mark.integration

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def beats(database_url: str) -> Iterator[tuple[Leadership, Leadership]]:
    first, second = Leadership(database_url, "first"), Leadership(database_url, "second")
    yield first, second
    first.resign()
    second.resign()


def test_one_of_two_beats_leads(beats: tuple[Leadership, Leadership]) -> None:
    first, second = beats
    assert first.campaign(AT)
    assert first.campaign(AT)
    assert not second.campaign(AT)


def test_each_leadership_has_a_higher_epoch(beats: tuple[Leadership, Leadership]) -> None:
    first, second = beats
    first.campaign(AT)
    before = first.epoch
    first.resign()
    assert second.campaign(AT)
    assert (before, second.epoch) == (1, 2)


def test_a_leader_whose_connection_dies_is_followed_and_learns_of_it(
    beats: tuple[Leadership, Leadership], database_url: str
) -> None:
    first, second = beats
    first.campaign(AT)
    end_sessions(database_url)
    assert second.campaign(AT)
    with pytest.raises(LeadershipLost):
        first.wait(5)
    assert first.epoch is None


def test_a_notification_ends_the_wait(beats: tuple[Leadership, Leadership], database_url: str) -> None:
    first, _ = beats
    first.campaign(AT)
    assert not first.wait(0)
    notify(database_url)
    assert first.wait(30)
    assert not first.wait(0)


def test_postgres_away_is_transient() -> None:
    nowhere = Leadership(f"postgresql://u:secret@127.0.0.1:{free_port()}/db", "lonely")
    with pytest.raises(Transient) as caught:
        nowhere.campaign(AT)
    assert "secret" not in str(caught.value)


def end_sessions(url: str) -> None:
    execute(
        url,
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'matchbeat-beat'",
    )


def notify(url: str) -> None:
    execute(url, f"notify {CHANNEL}")


def execute(url: str, statement: str) -> None:
    link = psycopg2.connect(url)
    link.autocommit = True
    with link.cursor() as cursor:
        cursor.execute(statement)
    link.close()
