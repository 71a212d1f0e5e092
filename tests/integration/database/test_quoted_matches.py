"""A match that has quotes is there, and stays."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from src.database.connection import Database
from src.database.odds_moved import move_quotes
from tests.integration.database.matches import one_match
from tests.integration.database.test_odds import quote, store, tables

pytestmark = pytest.mark.integration


def delete(database: Database, match: int) -> None:
    with database.session() as session:
        session.execute(text("delete from match_links where match_id = :match"), {"match": match})
        session.execute(text("delete from matches where id = :match"), {"match": match})


def test_no_quote_of_a_match_that_is_not_there_is_stored(database: Database) -> None:
    with pytest.raises(IntegrityError, match="quoted_matches"):
        store(database, 4711, [quote(0)])
    assert tables(database) == ([], [])


def test_a_match_with_quotes_is_not_deleted(database: Database) -> None:
    match = one_match(database)
    store(database, match, [quote(0)])
    with pytest.raises(IntegrityError, match="quoted_matches"):
        delete(database, match)


def test_a_match_whose_quotes_went_to_another_can_be_deleted(database: Database) -> None:
    gone, keep = one_match(database), one_match(database, match_id="2")
    store(database, gone, [quote(0)])
    with database.session() as session:
        assert move_quotes(session, gone, keep) == 1
    delete(database, gone)
    with pytest.raises(IntegrityError, match="quoted_matches"):
        delete(database, keep)
