"""A writer that is killed in the middle of a batch leaves nothing of it, and the next one writes it all."""

import subprocess
import sys
import time

import pytest
from sqlalchemy import text

from src.database.connection import Database
from src.domain.odds import Phase
from tests.integration.database.matches import one_match
from tests.integration.database.odds_writer import batch
from tests.integration.database.test_odds import empty, quote, repeats, store, tables

pytestmark = pytest.mark.integration

_WAITS = text("""
    select count(*) from pg_locks l join pg_stat_activity a using (pid)
    where a.datname = current_database() and not l.granted
        and l.relation = cast(cast(:table as text) as regclass)
""")
_OTHERS = text("""
    select count(*) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and application_name = 'writer'
""")


@pytest.mark.parametrize("table", ["odds_history", "odds_repeats", "odds_latest"])
def test_a_kill_in_the_middle_of_a_batch_loses_nothing_and_doubles_nothing(
    database: Database, database_url: str, table: str
) -> None:
    match = one_match(database)
    before = [quote(10), quote(-3, phase=Phase.OPENING)]
    store(database, match, before)
    store(database, match, batch())
    expected = (*tables(database), repeats(database))
    empty(database)
    store(database, match, before)
    kept = (*tables(database), repeats(database))

    with database.session() as session:
        # The writer has done what comes before this table, and waits there when it is killed.
        session.execute(text(f"lock table {table} in exclusive mode"))
        writer = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.database.odds_writer",
             f"{database_url}?application_name=writer", str(match)]
        )  # fmt: skip
        try:
            wait_until(database, _WAITS, 1, table=table)
        finally:
            writer.kill()
            writer.wait()
    wait_until(database, _OTHERS, 0)
    assert (*tables(database), repeats(database)) == kept
    store(database, match, batch())
    assert (*tables(database), repeats(database)) == expected


def wait_until(database: Database, query: object, wanted: int, **values: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with database.session() as session:
            if session.scalar(query, values) == wanted:  # type: ignore[call-overload]
                return
        time.sleep(0.05)
    raise AssertionError(f"not within a minute: {query}")
