"""odds features and predictions.

Revision 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bookmakers",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookmakers")),
        sa.UniqueConstraint("name", name=op.f("uq_bookmakers_name")),
    )
    op.create_table(
        "quality_reports",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked", sa.BigInteger(), nullable=False),
        sa.Column("passed", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("failures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fire_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_reports")),
    )
    op.create_table(
        "signals",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fire_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signals")),
    )
    op.create_index(op.f("ix_signals_created_at"), "signals", ["created_at"], unique=False)
    op.create_table(
        "bookmaker_ids",
        sa.Column("namespace", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("bookmaker_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bookmaker_id"], ["bookmakers.id"], name=op.f("fk_bookmaker_ids_bookmaker_id")
        ),
        sa.PrimaryKeyConstraint("namespace", "source_id", name=op.f("pk_bookmaker_ids")),
    )
    op.create_table(
        "features",
        sa.Column("match_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("values", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("built_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["match_id"], ["matches.id"], name=op.f("fk_features_match_id")),
        sa.PrimaryKeyConstraint("match_id", "version", name=op.f("pk_features")),
    )
    op.create_table(
        "odds_history",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("match_id", sa.BigInteger(), nullable=False),
        sa.Column("bookmaker_id", sa.BigInteger(), nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("line_rank", sa.BigInteger(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("line", sa.Double(), nullable=True),
        sa.Column("prices", postgresql.ARRAY(sa.Float()), nullable=False),
        sa.Column("suspended", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("fire_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bookmaker_id"], ["bookmakers.id"], name=op.f("fk_odds_history_bookmaker_id")
        ),
        sa.ForeignKeyConstraint(["match_id"], ["matches.id"], name=op.f("fk_odds_history_match_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_odds_history")),
        sa.UniqueConstraint(
            "match_id",
            "bookmaker_id",
            "market",
            "period",
            "line_rank",
            "phase",
            "observed_at",
            "line",
            "prices",
            name="uq_odds_history_quote",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        "ix_odds_history_match_id_market_phase", "odds_history", ["match_id", "market", "phase"], unique=False
    )
    op.create_table(
        "odds_latest",
        sa.Column("match_id", sa.BigInteger(), nullable=False),
        sa.Column("bookmaker_id", sa.BigInteger(), nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("line_rank", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("line", sa.Double(), nullable=True),
        sa.Column("prices", postgresql.ARRAY(sa.Float()), nullable=False),
        sa.Column("suspended", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["bookmaker_id"], ["bookmakers.id"], name=op.f("fk_odds_latest_bookmaker_id")
        ),
        sa.ForeignKeyConstraint(["match_id"], ["matches.id"], name=op.f("fk_odds_latest_match_id")),
        sa.PrimaryKeyConstraint(
            "match_id", "bookmaker_id", "market", "period", "line_rank", name=op.f("pk_odds_latest")
        ),
    )
    op.create_table(
        "odds_repeats",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("match_id", sa.BigInteger(), nullable=False),
        sa.Column("bookmaker_id", sa.BigInteger(), nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("line_rank", sa.BigInteger(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("line", sa.Double(), nullable=True),
        sa.Column("prices", postgresql.ARRAY(sa.Float()), nullable=False),
        sa.Column("suspended", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("fire_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bookmaker_id"], ["bookmakers.id"], name=op.f("fk_odds_repeats_bookmaker_id")
        ),
        sa.ForeignKeyConstraint(["match_id"], ["matches.id"], name=op.f("fk_odds_repeats_match_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_odds_repeats")),
        sa.UniqueConstraint(
            "match_id",
            "bookmaker_id",
            "market",
            "period",
            "line_rank",
            "phase",
            "observed_at",
            "line",
            "prices",
            name="uq_odds_repeats_quote",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "predictions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("match_id", sa.BigInteger(), nullable=False),
        sa.Column("model_name", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("features_version", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("predicted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("p_home", sa.Double(), nullable=False),
        sa.Column("p_draw", sa.Double(), nullable=False),
        sa.Column("p_away", sa.Double(), nullable=False),
        sa.Column("market_home", sa.Double(), nullable=True),
        sa.Column("market_draw", sa.Double(), nullable=True),
        sa.Column("market_away", sa.Double(), nullable=True),
        sa.Column("fire_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["match_id"], ["matches.id"], name=op.f("fk_predictions_match_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_predictions")),
        sa.UniqueConstraint(
            "match_id",
            "model_name",
            "model_version",
            "fingerprint",
            name=op.f("uq_predictions_match_id_model_name_model_version_fingerprint"),
        ),
    )
    op.create_index(
        "ix_predictions_match_id_predicted_at", "predictions", ["match_id", "predicted_at"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_predictions_match_id_predicted_at", table_name="predictions")
    op.drop_table("predictions")
    op.drop_table("odds_repeats")
    op.drop_table("odds_latest")
    op.drop_index("ix_odds_history_match_id_market_phase", table_name="odds_history")
    op.drop_table("odds_history")
    op.drop_table("features")
    op.drop_table("bookmaker_ids")
    op.drop_index(op.f("ix_signals_created_at"), table_name="signals")
    op.drop_table("signals")
    op.drop_table("quality_reports")
    op.drop_table("bookmakers")
