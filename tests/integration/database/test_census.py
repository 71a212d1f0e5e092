"""How many rows the tables hold: counted where they are few, estimated where they are many."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from src.database.census import row_counts
from src.database.connection import Database
from tests.integration.database.matches import KICKOFF, one_match
from tests.integration.database.test_odds import quote, store

pytestmark = pytest.mark.integration


def test_large_tables_are_estimated_the_one_in_partitions_too(database: Database) -> None:
    match = one_match(database, KICKOFF + timedelta(days=40))
    minutes = [n * 60 * 24 for n in range(30)]
    store(database, match, [quote(minute, (1.5 + minute / 1e5, 2.5)) for minute in minutes])
    with database.session() as session:
        parts = session.scalar(
            text("select count(*) from pg_inherits where inhparent = 'odds_history'::regclass")
        )
        assert parts > 1
        exact = row_counts(session)
        session.execute(text("analyze"))
        estimated = row_counts(session, exact_up_to=0)
    assert exact["odds_history"] == len(minutes)
    assert estimated == exact
