"""Alembic's door: runs the steps on the connection handed over in the configuration."""

from alembic import context

from src.database.odds_partitions import is_partition
from src.database.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    compare_server_default=True,
    include_name=lambda name, kind, _: kind != "table" or not is_partition(name),
)
with context.begin_transaction():
    context.run_migrations()
