"""What is checked and indexed with each quote becomes less.

Revision 0012, after 0011. The match of a quote is checked in `quoted_matches`, once for all its quotes, and
the identity of History and of the repeats begins with match and time. Half of each page of Latest is kept
free.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_BEFORE = "match_id, market, phase, bookmaker_id, period, line_rank, observed_at, line, prices"
_AFTER = "match_id, observed_at, bookmaker_id, line_rank, market, phase, period, line, prices"


def upgrade() -> None:
    op.create_table(
        "quoted_matches",
        sa.Column("match_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["match_id"], ["matches.id"], name="fk_quoted_matches_match_id"),
        sa.PrimaryKeyConstraint("match_id", name="pk_quoted_matches"),
    )
    op.execute("insert into quoted_matches select distinct match_id from odds_latest")
    op.drop_constraint("fk_odds_latest_match_id", "odds_latest")
    _identify(_AFTER)
    # Room for the next version of every row of a page: where all of them move at once, no index is written.
    op.execute("alter table odds_latest set (fillfactor = 50)")


def downgrade() -> None:
    op.execute("alter table odds_latest set (fillfactor = 60)")
    _identify(_BEFORE)
    op.create_foreign_key("fk_odds_latest_match_id", "odds_latest", "matches", ["match_id"], ["id"])
    op.drop_table("quoted_matches")


def _identify(columns: str) -> None:
    for table in ("odds_history", "odds_repeats"):
        name = f"uq_{table}_quote"
        op.drop_constraint(name, table)
        op.execute(f"alter table {table} add constraint {name} unique nulls not distinct ({columns})")
