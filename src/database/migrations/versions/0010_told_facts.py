"""What a source tells of a match and of its teams, kept; and figures go by when they were seen.

Revision 0010, after 0009. Matches get `time_known`, `venue_timezone` and `squad_level`, links the ids that
their source gives both teams, figures `seen_at` in place of `updated_at`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# football-data.co.uk's files tell times from the summer of 2019 on; before, a match stood at noon UTC.
_UNKNOWN_TIMES = """
    update matches m set time_known = false
    from match_links l
    where l.match_id = m.id and l.source = 'football-data' and l.method = 'canonical'
        and m.kickoff_utc < '2019-07-01Z' and cast(m.kickoff_utc at time zone 'UTC' as time) = '12:00'
"""

_LEVELS = r"""
    update matches m
    set squad_level = 'u' || (regexp_match(c.name, '\m(u|sub|under)[ -]?(1[4-9]|2[0-3])\M', 'i'))[2]
    from competitions c
    where c.id = m.competition_id and c.name ~* '\m(u|sub|under)[ -]?(1[4-9]|2[0-3])\M'
"""

_TEAMS_OF_LINKS = """
    update match_links l set home_source_team_id = h.source_team_id, away_source_team_id = a.source_team_id
    from matches m
    join lateral (select source, min(source_team_id) as source_team_id from team_links
                  where team_id = m.home_team_id group by source having count(*) = 1) h on true
    join lateral (select source, min(source_team_id) as source_team_id from team_links
                  where team_id = m.away_team_id group by source having count(*) = 1) a on a.source = h.source
    where m.id = l.match_id and h.source = l.source and l.method = 'canonical'
"""


def upgrade() -> None:
    op.add_column(
        "matches", sa.Column("time_known", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )
    op.add_column("matches", sa.Column("venue_timezone", sa.Text(), nullable=True))
    op.add_column(
        "matches", sa.Column("squad_level", sa.Text(), server_default=sa.text("'first'"), nullable=False)
    )
    op.execute(_UNKNOWN_TIMES)
    op.execute(_LEVELS)
    op.add_column("match_links", sa.Column("home_source_team_id", sa.Text(), nullable=True))
    op.add_column("match_links", sa.Column("away_source_team_id", sa.Text(), nullable=True))
    op.execute(_TEAMS_OF_LINKS)
    op.alter_column("team_stats", "updated_at", new_column_name="seen_at")


def downgrade() -> None:
    op.alter_column("team_stats", "seen_at", new_column_name="updated_at")
    for column in ("away_source_team_id", "home_source_team_id"):
        op.drop_column("match_links", column)
    for column in ("squad_level", "venue_timezone", "time_known"):
        op.drop_column("matches", column)
