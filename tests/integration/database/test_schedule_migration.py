"""The step that keeps what is declared beside what is in force."""

import pytest
from alembic import command
from sqlalchemy import text

from src.database.connection import Database
from src.database.migrate import alembic_config, drift, upgrade
from src.database.tables.schedule import ScheduleEntryRow
from tests.conftest import NOW

pytestmark = pytest.mark.integration

_ENTRY = text("""
    insert into schedule_entries (name, cadence, runner, target, queue, priority, limit_s, catch_up_s,
        parameters, description, synced_at)
    values ('nightly', '{"cron": "0 2 * * *", "timezone": "UTC"}', 'celery', 't', 'q', 5, 60, 60, '{"n": 1}',
        '', :at)
""")


def test_entries_of_an_older_schema_are_as_declared(database: Database) -> None:
    with database.engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0002")
        connection.execute(_ENTRY, {"at": NOW})
    upgrade(database)
    with database.session() as session:
        row = session.get_one(ScheduleEntryRow, "nightly")
    assert row.policy == {"catch_up_window": 60}
    assert row.declared == {
        "cadence": row.cadence, "parameters": {"n": 1}, "priority": 5, "policy": row.policy,
    }  # fmt: skip
    assert row.declared_at == NOW
    assert drift(database) == []
