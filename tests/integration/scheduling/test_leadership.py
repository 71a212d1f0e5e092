from collections.abc import Iterator

import psycopg2
import pytest

from src.core.errors import Transient
from src.database.leadership import CHANNEL, Leadership, LeadershipLost
from tests.ports import free_port

pytestmark = pytest.mark.integration


@pytest.fixture
def beats(database_url: str) -> Iterator[tuple[Leadership, Leadership]]:
    first, second = Leadership(database_url, "first"), Leadership(database_url, "second")
    yield first, second
    first.resign()
    second.resign()


def test_one_of_two_beats_leads(beats: tuple[Leadership, Leadership]) -> None:
    first, second = beats
    assert first.campaign()
    assert first.campaign()
    assert not second.campaign()


def test_each_leadership_has_a_higher_epoch(beats: tuple[Leadership, Leadership]) -> None:
    first, second = beats
    first.campaign()
    before = first.epoch
    first.resign()
    assert second.campaign()
    assert (before, second.epoch) == (1, 2)


def test_a_leader_whose_connection_dies_is_followed_and_learns_of_it(
    beats: tuple[Leadership, Leadership], database_url: str
) -> None:
    first, second = beats
    first.campaign()
    end_sessions(database_url)
    assert second.campaign()
    with pytest.raises(LeadershipLost):
        first.wait(5)
    assert first.epoch is None


def test_the_next_in_line_leads_the_moment_the_lock_is_free(
    beats: tuple[Leadership, Leadership],
) -> None:
    first, second = beats
    first.campaign()
    assert not second.campaign()
    first.resign()
    second.wait(30)  # ends when the lock has been granted
    assert second.campaign()


def test_a_notification_ends_the_wait(beats: tuple[Leadership, Leadership], database_url: str) -> None:
    first, _ = beats
    first.campaign()
    assert first.wait(0) == []
    notify(database_url, "titan-live")
    assert first.wait(30) == ["titan-live"]
    assert first.wait(0) == []


def test_a_heartbeat_tells_the_time_of_postgres(
    beats: tuple[Leadership, Leadership], database_url: str
) -> None:
    first, _ = beats
    first.campaign()
    assert first.began_at is not None
    assert first.began_at <= first.heartbeat()


def test_a_leader_that_beats_is_left_alone(beats: tuple[Leadership, Leadership]) -> None:
    first, second = beats
    first.campaign()
    second.campaign()
    assert not second.depose_silent()
    first.heartbeat()


def test_a_silent_leader_loses_its_session_with_its_lease(
    beats: tuple[Leadership, Leadership], database_url: str
) -> None:
    first, second = beats
    first.campaign()
    second.campaign()
    execute(database_url, "update leadership set heartbeat_at = now() - interval '1 minute'")
    assert second.depose_silent()
    second.wait(30)
    assert second.campaign()
    with pytest.raises(LeadershipLost):
        first.heartbeat()
    assert not first.campaign()


def test_a_heartbeat_under_a_later_epoch_is_refused(
    beats: tuple[Leadership, Leadership], database_url: str
) -> None:
    first, _ = beats
    first.campaign()
    execute(database_url, "update leadership set epoch = epoch + 1")
    with pytest.raises(LeadershipLost):
        first.heartbeat()


def test_postgres_away_is_transient() -> None:
    nowhere = Leadership(f"postgresql://u:secret@127.0.0.1:{free_port()}/db", "lonely")
    with pytest.raises(Transient) as caught:
        nowhere.campaign()
    assert "secret" not in str(caught.value)


def end_sessions(url: str) -> None:
    execute(
        url,
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'matchbeat-beat'",
    )


def notify(url: str, entry: str) -> None:
    execute(url, f"notify {CHANNEL}, '{entry}'")


def execute(url: str, statement: str) -> None:
    link = psycopg2.connect(url)
    link.autocommit = True
    with link.cursor() as cursor:
        cursor.execute(statement)
    link.close()
