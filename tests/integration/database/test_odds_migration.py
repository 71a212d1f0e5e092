"""The step that puts History into months keeps every quote, there and back."""

from datetime import timedelta
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text

from src.database.connection import Database
from src.database.migrate import alembic_config, drift, upgrade
from src.domain.odds import Phase
from tests.integration.database.matches import KICKOFF, one_match
from tests.integration.database.test_odds import quote, repeats, store, tables

pytestmark = pytest.mark.integration


def all_tables(database: Database) -> tuple[Any, ...]:
    return (*tables(database), repeats(database))


def test_what_was_stored_before_is_what_the_store_would_have_made_of_it(database: Database) -> None:
    match = one_match(database)
    store(
        database,
        match,
        [
            quote(-80_000, phase=Phase.OPENING), quote(0), quote(10), quote(20, (1.8, 2.05)),
            quote(20, (1.85, 2.0)), quote(30, bookmaker="47"),
            quote(40, (1.7, 2.1), phase=Phase.CLOSING, source_time=KICKOFF - timedelta(seconds=1)),
        ],
    )  # fmt: skip
    before = all_tables(database)
    with database.engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0006")
        assert connection.scalar(text("select count(*) from odds_history where id > 0")) == len(before[1])
    upgrade(database)
    assert drift(database) == []
    assert all_tables(database) == before
    assert store(database, match, [quote(20, (1.8, 2.05)), quote(15)]) == 0
    assert store(database, match, [quote(100, (1.6, 2.3), bookmaker="47")]) == 1
