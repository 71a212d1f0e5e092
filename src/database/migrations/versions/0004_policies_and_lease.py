"""Policies of entries, a heartbeat of the leader, and room for rewrites in place.

Revision 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NOW = sa.text("now()")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column(
        "schedule_entries",
        sa.Column("policy", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
    )
    # One hour is the default window, which is not stored.
    op.execute(
        "update schedule_entries set policy = jsonb_build_object('catch_up_window', catch_up_s)"
        " where catch_up_s <> 3600"
    )
    op.execute("update schedule_entries set declared = declared || jsonb_build_object('policy', policy)")
    op.drop_column("schedule_entries", "catch_up_s")
    op.add_column(
        "schedule_entries", sa.Column("fired", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("schedule_entries", sa.Column("counted_from", _TIME, server_default=_NOW, nullable=False))
    op.add_column(
        "schedule_entries",
        sa.Column("origin", sa.Text(), server_default=sa.text("'catalog'"), nullable=False),
    )
    op.execute("alter table schedule_entries set (fillfactor = 60)")
    op.add_column("schedule_overrides", sa.Column("policy", postgresql.JSONB(), nullable=True))
    op.add_column("leadership", sa.Column("heartbeat_at", _TIME, server_default=_NOW, nullable=False))
    op.add_column(
        "leadership", sa.Column("lease_s", sa.Double(), server_default=sa.text("10"), nullable=False)
    )
    op.drop_index("ix_fires_open", table_name="fires")
    op.create_index(
        "ix_fires_unfinished", "fires", ["entry", "due_at"], postgresql_where=sa.text("finished_at is null")
    )
    op.execute("alter table fires set (fillfactor = 80)")


def downgrade() -> None:
    op.execute("alter table fires reset (fillfactor)")
    op.drop_index("ix_fires_unfinished", table_name="fires")
    op.create_index(
        "ix_fires_open",
        "fires",
        ["state"],
        postgresql_where=sa.text("state in ('claimed', 'sent', 'started')"),
    )
    op.drop_column("leadership", "lease_s")
    op.drop_column("leadership", "heartbeat_at")
    op.drop_column("schedule_overrides", "policy")
    op.execute("alter table schedule_entries reset (fillfactor)")
    op.drop_column("schedule_entries", "origin")
    op.drop_column("schedule_entries", "counted_from")
    op.drop_column("schedule_entries", "fired")
    op.add_column("schedule_entries", sa.Column("catch_up_s", sa.Double(), nullable=True))
    op.execute(
        "update schedule_entries set declared = declared - 'policy',"
        " catch_up_s = coalesce((policy->>'catch_up_window')::float, 3600)"
    )
    op.alter_column("schedule_entries", "catch_up_s", nullable=False)
    op.drop_column("schedule_entries", "policy")
