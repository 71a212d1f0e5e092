"""What Postgres takes for a few rows is joined by hashing all the same."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from src.database.connection import Database
from src.database.hash_joins import AS_SET, HASH_JOINS
from src.database.odds import LinkedQuote, store_quotes
from tests.integration.database.matches import one_match
from tests.integration.database.test_odds import quote

pytestmark = pytest.mark.integration

_FEW = text(
    "explain select from pg_class c join pg_attribute a on a.attrelid = c.oid where c.relname = 'odds_latest'"
)


def loops(session: Session) -> bool:
    return any("Nested Loop" in row[0] for row in session.execute(_FEW))


def test_no_join_is_a_loop_until_all_is_as_before(database: Database) -> None:
    with database.session() as session:
        assert loops(session)
        session.execute(text(HASH_JOINS))
        assert not loops(session)
        session.execute(text(AS_SET))
        assert loops(session)


def test_quotes_leave_the_rest_of_their_transaction_as_it_was(database: Database) -> None:
    match = one_match(database)
    with database.session() as session:
        # A new line, one that moves, and a price that comes late.
        for minute in (0, 20, 10):
            store_quotes(
                session, [LinkedQuote(match_id=match, quote=quote(minute, (1.5 + minute / 10, 2.0)))]
            )
            assert loops(session)
