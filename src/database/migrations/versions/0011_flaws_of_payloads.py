"""Payloads that are something else than was asked for are kept too, and say so.

Revision 0011, after 0010. `raw_payloads.flaw` says why none of a payload can be read, in place of `whole`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("raw_payloads", sa.Column("flaw", sa.Text(), nullable=True))
    op.execute("update raw_payloads set flaw = 'the payload is cut short' where not whole")
    op.drop_column("raw_payloads", "whole")


def downgrade() -> None:
    op.add_column(
        "raw_payloads", sa.Column("whole", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )
    op.execute("update raw_payloads set whole = false where flaw is not null")
    op.drop_column("raw_payloads", "flaw")
