"""How many rows the tables hold: counted where they are few, estimated where they are many."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from src.database.census import row_counts
from src.database.connection import Database
from src.database.quarantine import mend, quarantine
from src.domain.match import Source
from src.domain.payload import Rejected
from tests.integration.database.matches import KICKOFF, one_match
from tests.integration.database.test_odds import quote, store
from tests.integration.database.test_raw_and_quarantine import payload

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


def test_of_the_quarantine_what_is_open_counts(database: Database) -> None:
    rejected = [Rejected(key=key, reason="?", record=b"") for key in "abc"]
    with database.session() as session:
        quarantine(session, payload(), rejected, KICKOFF)
        mend(session, Source.FOTMOB, "day", payload().sha256, {"a"}, KICKOFF)
        assert row_counts(session)["quarantine"] == 1
