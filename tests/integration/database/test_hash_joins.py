"""What Postgres takes for a few rows is joined by hashing all the same."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from src.database.connection import Database
from src.database.hash_joins import hash_joins

pytestmark = pytest.mark.integration

_FEW = text(
    "explain select from pg_class c join pg_attribute a on a.attrelid = c.oid where c.relname = 'odds_latest'"
)


def loops(session: Session) -> bool:
    return any("Nested Loop" in row[0] for row in session.execute(_FEW))


def test_no_join_within_is_a_loop_and_all_is_as_before_afterwards(database: Database) -> None:
    with database.session() as session:
        assert loops(session)
        with hash_joins(session):
            assert not loops(session)
        assert loops(session)


def test_an_error_within_leaves_nothing_behind(database: Database) -> None:
    with database.session() as session:
        with pytest.raises(ZeroDivisionError), session.begin_nested(), hash_joins(session):
            raise ZeroDivisionError
        assert loops(session)
