"""An import that is killed goes on where it was; nothing is lost and nothing is there twice."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from src.database.connection import Database
from src.pipeline.context import Context
from src.pipeline.import_history import import_history

pytestmark = pytest.mark.integration

_FILES = ("E0_2223.csv", "SP1_2122.csv", "I1_1213.csv", "D1_034.csv")
_COUNTS = text("""
    select (select count(*) from matches), (select count(*) from team_stats),
        (select count(*) from odds_latest), (select count(*) from odds_history),
        (select count(*) from (select distinct match_id, bookmaker_id, market, period, line_rank, phase,
            observed_at, line, prices from odds_history) d),
        (select count(*) from quarantine), (select count(*) from raw_payloads)
""")


@pytest.fixture
def folder(tmp_path: Path, shared_data: Path) -> Path:
    """Some real seasons."""
    for name in _FILES:
        (tmp_path / name).write_bytes((shared_data / "history" / name).read_bytes())
    return tmp_path


def counts(database: Database) -> tuple[Any, ...]:
    with database.session() as session:
        return tuple(session.execute(_COUNTS).one())


def wait_for_matches(database: Database) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if counts(database)[0]:
            return
        time.sleep(0.02)
    raise AssertionError("the import has stored nothing within a minute")


def test_a_killed_import_goes_on_and_ends_as_if_nothing_had_been(
    context: Context, database: Database, database_url: str, folder: Path
) -> None:
    command = [sys.executable, "-m", "src.cli.main", "import", "history", str(folder)]
    importing = subprocess.Popen(
        command, env={**os.environ, "DATABASE_URL": database_url}, stdout=subprocess.DEVNULL
    )
    try:
        wait_for_matches(database)
    finally:
        importing.kill()
        importing.wait()
    summary = import_history(context, folder)
    assert 1 <= summary.done_before < len(_FILES)
    after = counts(database)
    assert after[0] == 380 + 380 + 380 + 194
    assert after[3] == after[4]
    assert import_history(context, folder, again=True).changed == 0
    assert counts(database) == after
