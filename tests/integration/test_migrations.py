import pytest
from sqlalchemy import text

from src.database.connection import Database
from src.database.migrate import drift, upgrade
from tests.conftest import NOW

pytestmark = pytest.mark.integration


def test_an_empty_database_comes_to_head_and_agrees_with_the_tables(database: Database) -> None:
    with database.session() as session:
        session.execute(text("drop schema public cascade"))
        session.execute(text("create schema public"))
    upgrade(database)
    assert drift(database) == []


def test_migrating_twice_changes_nothing(database: Database) -> None:
    upgrade(database)
    assert drift(database) == []


def test_sessions_work_in_utc(database: Database) -> None:
    with database.session() as session:
        assert session.scalar(text("show timezone")) == "UTC"
        assert session.scalar(text("select cast(:at as timestamptz)"), {"at": NOW}) == NOW
