"""Alembic's door: runs the steps on the connection handed over in the configuration."""

from alembic import context

from src.database.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
