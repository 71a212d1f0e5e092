"""schedule edits.

Revision 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("schedule_entries", sa.Column("declared", postgresql.JSONB(), nullable=True))
    op.add_column("schedule_entries", sa.Column("declared_at", sa.DateTime(timezone=True), nullable=True))
    # Until now an entry was always as declared.
    op.execute(
        "update schedule_entries set declared_at = synced_at, declared = jsonb_build_object("
        "'cadence', cadence, 'parameters', parameters, 'priority', priority)"
    )
    op.alter_column("schedule_entries", "declared", nullable=False)
    op.alter_column("schedule_entries", "declared_at", nullable=False)
    op.create_table(
        "schedule_overrides",
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("paused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("pause_reason", sa.Text(), nullable=True),
        sa.Column("cadence", postgresql.JSONB(), nullable=True),
        sa.Column("parameters", postgresql.JSONB(), nullable=True),
        sa.Column("priority", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("priority between 0 and 9", name=op.f("ck_schedule_overrides_priority")),
        sa.CheckConstraint(
            "paused = (pause_reason is not null)", name=op.f("ck_schedule_overrides_pause_reason")
        ),
        sa.ForeignKeyConstraint(
            ["entry"], ["schedule_entries.name"], name=op.f("fk_schedule_overrides_entry")
        ),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_schedule_overrides")),
    )
    op.create_table(
        "schedule_audit",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("after", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule_audit")),
    )
    op.create_index("ix_schedule_audit_entry_at", "schedule_audit", ["entry", "at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_schedule_audit_entry_at", table_name="schedule_audit")
    op.drop_table("schedule_audit")
    op.drop_table("schedule_overrides")
    op.drop_column("schedule_entries", "declared_at")
    op.drop_column("schedule_entries", "declared")
