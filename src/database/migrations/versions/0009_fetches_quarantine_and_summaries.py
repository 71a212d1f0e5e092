"""Every fetch of a payload, what became of quarantined records, and what a run's steps came to.

Revision 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "raw_payloads", sa.Column("whole", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )
    op.create_index("ix_raw_payloads_sha256", "raw_payloads", ["sha256"])
    op.create_table(
        "raw_fetches",
        sa.Column("raw_id", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fire_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["raw_id"], ["raw_payloads.id"], name=op.f("fk_raw_fetches_raw_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("raw_id", "fetched_at", name=op.f("pk_raw_fetches")),
    )
    # Of what was seen more than twice, only the first and the last time are known.
    op.execute(
        "insert into raw_fetches (raw_id, fetched_at, fire_id)"
        " select id, fetched_at, fire_id from raw_payloads"
        " union all select id, last_seen_at, null from raw_payloads where last_seen_at > fetched_at"
    )
    op.create_index("ix_raw_fetches_fetched_at", "raw_fetches", ["fetched_at"])
    op.add_column(
        "quarantine", sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False)
    )
    op.add_column("quarantine", sa.Column("ended_at", sa.DateTime(timezone=True)))
    op.add_column("quarantine", sa.Column("who", sa.Text()))
    op.add_column("quarantine", sa.Column("why", sa.Text()))
    op.create_check_constraint(
        op.f("ck_quarantine_state"), "quarantine", "state in ('open', 'mended', 'dropped')"
    )
    op.create_index("ix_quarantine_raw_sha256", "quarantine", ["raw_sha256"])
    op.create_table(
        "flow_summaries",
        sa.Column("fire_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("numbers", postgresql.JSONB(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("fire_id", "step", name=op.f("pk_flow_summaries")),
    )
    op.create_index("ix_flow_summaries_at", "flow_summaries", ["at"])


def downgrade() -> None:
    op.drop_table("flow_summaries")
    op.drop_index("ix_quarantine_raw_sha256", "quarantine")
    op.drop_constraint("ck_quarantine_state", "quarantine")
    for column in ("state", "ended_at", "who", "why"):
        op.drop_column("quarantine", column)
    op.drop_table("raw_fetches")
    op.drop_index("ix_raw_payloads_sha256", "raw_payloads")
    op.drop_column("raw_payloads", "whole")
