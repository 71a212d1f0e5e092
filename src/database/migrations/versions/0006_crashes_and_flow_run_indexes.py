"""How often a fire's worker died or vanished, and indexes to find fires by their flow runs.

Revision 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("fires", sa.Column("crashes", sa.BigInteger(), server_default=sa.text("0"), nullable=False))

    has_run = sa.text("flow_run_id is not null")
    op.create_index("ix_fires_flow_run_id", "fires", ["flow_run_id"], postgresql_where=has_run)
    op.create_index("ix_fires_flow_finished_at", "fires", ["finished_at"], postgresql_where=has_run)


def downgrade() -> None:
    op.drop_index("ix_fires_flow_finished_at", table_name="fires")
    op.drop_index("ix_fires_flow_run_id", table_name="fires")
    op.drop_column("fires", "crashes")
