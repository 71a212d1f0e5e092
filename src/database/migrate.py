"""Brings the schema up to date."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from src.database.connection import Database
from src.database.locks import AdvisoryLock, take_turns
from src.database.odds_partitions import is_partition
from src.database.tables import Base


def upgrade(database: Database) -> None:
    """Run the steps that are missing; running it again changes nothing."""
    with database.engine.begin() as connection:
        take_turns(connection, AdvisoryLock.MIGRATION)
        command.upgrade(alembic_config(connection), "head")


def drift(database: Database) -> list[object]:
    """Return what the tables declare and the schema lacks, or the other way round; empty when they agree."""
    with database.engine.connect() as connection:
        options = {"include_name": is_ours}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata))


def is_ours(name: str | None, kind: str, parents: object) -> bool:
    """Tell Alembic which names to compare: not the partitions, which are made when they are needed."""
    del parents
    return kind != "table" or not is_partition(name)


def alembic_config(connection: Connection) -> Config:
    """Return Alembic's configuration bound to `connection`."""
    config = Config()
    folder = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", folder.replace("%", "%%"))  # the option interpolates
    config.attributes["connection"] = connection
    return config
