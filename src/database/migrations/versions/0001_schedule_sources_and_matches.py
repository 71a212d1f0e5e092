"""schedule sources and matches.

Revision 0001, after None.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "competitions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("gender", sa.Text(), nullable=False),
        sa.Column("watched", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competitions")),
        sa.UniqueConstraint("source", "source_id", name=op.f("uq_competitions_source_source_id")),
    )
    op.create_table(
        "fires",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_hand", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("flow_run_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fires")),
        sa.UniqueConstraint("entry", "due_at", name=op.f("uq_fires_entry_due_at")),
    )
    op.create_index("ix_fires_due_at", "fires", ["due_at"], unique=False)
    op.create_index(
        "ix_fires_open",
        "fires",
        ["state"],
        unique=False,
        postgresql_where=sa.text("state in ('claimed', 'sent', 'started')"),
    )
    op.create_table(
        "leadership",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leadership")),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record_key", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("raw_sha256", sa.Text(), nullable=False),
        sa.Column("seen", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fire_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
        sa.UniqueConstraint(
            "source",
            "kind",
            "record_key",
            "raw_sha256",
            name=op.f("uq_quarantine_source_kind_record_key_raw_sha256"),
        ),
    )
    op.create_table(
        "raw_payloads",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=False),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fire_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raw_payloads")),
        sa.UniqueConstraint("source", "url", "sha256", name=op.f("uq_raw_payloads_source_url_sha256")),
    )
    op.create_index(
        "ix_raw_payloads_source_fetched_at", "raw_payloads", ["source", "fetched_at"], unique=False
    )
    op.create_table(
        "schedule_entries",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("cadence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("runner", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("limit_s", sa.Double(), nullable=False),
        sa.Column("catch_up_s", sa.Double(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        sa.Column("revision", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("next_due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("synced_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("priority between 0 and 9", name=op.f("ck_schedule_entries_priority")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_schedule_entries")),
    )
    op.create_table(
        "teams",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
    )
    op.create_table(
        "matches",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("competition_id", sa.BigInteger(), nullable=False),
        sa.Column("season", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("kickoff_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("home_team_id", sa.BigInteger(), nullable=False),
        sa.Column("away_team_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("home_goals", sa.BigInteger(), nullable=True),
        sa.Column("away_goals", sa.BigInteger(), nullable=True),
        sa.Column("final_home_goals", sa.BigInteger(), nullable=True),
        sa.Column("final_away_goals", sa.BigInteger(), nullable=True),
        sa.Column("penalty_home_goals", sa.BigInteger(), nullable=True),
        sa.Column("penalty_away_goals", sa.BigInteger(), nullable=True),
        sa.Column("raw_sha256", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["away_team_id"], ["teams.id"], name=op.f("fk_matches_away_team_id")),
        sa.ForeignKeyConstraint(
            ["competition_id"], ["competitions.id"], name=op.f("fk_matches_competition_id")
        ),
        sa.ForeignKeyConstraint(["home_team_id"], ["teams.id"], name=op.f("fk_matches_home_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matches")),
    )
    op.create_index(
        "ix_matches_competition_id_kickoff_utc", "matches", ["competition_id", "kickoff_utc"], unique=False
    )
    op.create_index(op.f("ix_matches_kickoff_utc"), "matches", ["kickoff_utc"], unique=False)
    op.create_table(
        "team_links",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_team_id", sa.Text(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_team_links_team_id")),
        sa.PrimaryKeyConstraint("source", "source_team_id", name=op.f("pk_team_links")),
    )
    op.create_index(op.f("ix_team_links_team_id"), "team_links", ["team_id"], unique=False)
    op.create_table(
        "match_links",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_match_id", sa.Text(), nullable=False),
        sa.Column("match_id", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["match_id"], ["matches.id"], name=op.f("fk_match_links_match_id")),
        sa.PrimaryKeyConstraint("source", "source_match_id", name=op.f("pk_match_links")),
        sa.UniqueConstraint("source", "match_id", name=op.f("uq_match_links_source_match_id")),
    )
    op.create_table(
        "team_stats",
        sa.Column("match_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["match_id"], ["matches.id"], name=op.f("fk_team_stats_match_id")),
        sa.PrimaryKeyConstraint("match_id", "source", "side", "period", "key", name=op.f("pk_team_stats")),
    )


def downgrade() -> None:
    op.drop_table("team_stats")
    op.drop_table("match_links")
    op.drop_index(op.f("ix_team_links_team_id"), table_name="team_links")
    op.drop_table("team_links")
    op.drop_index(op.f("ix_matches_kickoff_utc"), table_name="matches")
    op.drop_index("ix_matches_competition_id_kickoff_utc", table_name="matches")
    op.drop_table("matches")
    op.drop_table("teams")
    op.drop_table("schedule_entries")
    op.drop_index("ix_raw_payloads_source_fetched_at", table_name="raw_payloads")
    op.drop_table("raw_payloads")
    op.drop_table("quarantine")
    op.drop_table("leadership")
    op.drop_index(
        "ix_fires_open",
        table_name="fires",
        postgresql_where=sa.text("state in ('claimed', 'sent', 'started')"),
    )
    op.drop_index("ix_fires_due_at", table_name="fires")
    op.drop_table("fires")
    op.drop_table("competitions")
