"""Where a deployment's flow runs, and how far a run that can pause has come.

Revision 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "schedule_entries",
        sa.Column("flow_runner", sa.Text(), server_default=sa.text("'celery'"), nullable=False),
    )
    op.create_table(
        "flow_checkpoints",
        sa.Column("fire_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raw_sha256", sa.Text(), nullable=True),
        sa.Column("done", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.PrimaryKeyConstraint("fire_id", "step", "item", name="pk_flow_checkpoints"),
    )
    op.create_index("ix_flow_checkpoints_at", "flow_checkpoints", ["at"])


def downgrade() -> None:
    op.drop_index("ix_flow_checkpoints_at", table_name="flow_checkpoints")
    op.drop_table("flow_checkpoints")
    op.drop_column("schedule_entries", "flow_runner")
