"""Rows as the driver reads them are those that SQLAlchemy reads."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from src.core.errors import Transient
from src.database.connection import Database
from src.database.reading import read_rows

pytestmark = pytest.mark.integration

_ROW = (
    "select timestamptz '2026-03-01 13:00:00.25+01', null::timestamptz, 7, 1.5::float8,"
    " array[1.9, 2.05]::float8[]"
)


def test_times_are_aware_and_in_utc_and_what_is_empty_is_none(database: Database) -> None:
    with database.session() as session:
        (told,) = read_rows(session, f"{_ROW}, %(word)s", {"word": "ft"})
        (same,) = session.execute(text(f"{_ROW}, cast(:word as text)"), {"word": "ft"})
    assert told == tuple(same)
    assert told[0] == datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
    assert told[0].tzinfo is UTC


def test_a_lost_connection_is_a_matter_of_waiting(database: Database) -> None:
    with database.session() as victim, database.session() as session:
        pid = victim.scalar(text("select pg_backend_pid()"))
        session.execute(text("select pg_terminate_backend(:pid)"), {"pid": pid})
        with pytest.raises(Transient, match="Postgres is not answering"):
            read_rows(victim, "select 1", {})
