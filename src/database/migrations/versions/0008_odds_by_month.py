"""History in monthly partitions, what Latest knows of it, and bookmakers apart from aggregates.

Revision 0008, after 0007. History's rows lose their ids: a quote is what it says.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_IDENTITY = "match_id, market, phase, bookmaker_id, period, line_rank, observed_at, line, prices"
_COLUMNS = (
    "match_id, bookmaker_id, market, period, line_rank, phase, line, prices, suspended, observed_at,"
    " captured_at, source, fire_id"
)
_SHAPE = """
    match_id bigint not null, bookmaker_id bigint not null, market text not null, period text not null,
    line_rank bigint not null, phase text not null, line double precision, prices double precision[] not null,
    suspended boolean not null default false, observed_at timestamptz not null,
    captured_at timestamptz not null, source text not null, fire_id uuid
"""

_FILL_LATEST = """
    with seen as (
        select * from odds_history union all select * from odds_repeats
    ), spans as (
        select match_id, bookmaker_id, market, period, line_rank,
            min(observed_at) as first_observed_at, max(observed_at) as last_observed_at
        from seen group by 1, 2, 3, 4, 5
    ), ties as (
        select match_id, bookmaker_id, market, period, line_rank, phase, observed_at
        from seen group by 1, 2, 3, 4, 5, 6, 7 having count(*) > 1
    )
    update odds_latest l set
        first_observed_at = coalesce(s.first_observed_at, l.observed_at),
        last_observed_at = coalesce(s.last_observed_at, l.observed_at),
        tied = exists (
            select from ties t where t.match_id = l.match_id and t.bookmaker_id = l.bookmaker_id
                and t.market = l.market and t.period = l.period and t.line_rank = l.line_rank
                and t.phase = l.phase and t.observed_at = l.observed_at),
        source = coalesce((
            select o.source from seen o
            where o.match_id = l.match_id and o.bookmaker_id = l.bookmaker_id and o.market = l.market
                and o.period = l.period and o.line_rank = l.line_rank and o.phase = l.phase
                and o.observed_at = l.observed_at and o.line is not distinct from l.line
                and o.prices = l.prices
            limit 1), 'titan007')
    from odds_latest k left join spans s using (match_id, bookmaker_id, market, period, line_rank)
    where k.match_id = l.match_id and k.bookmaker_id = l.bookmaker_id and k.market = l.market
        and k.period = l.period and k.line_rank = l.line_rank
"""

# A copy of what makes partitions at work, as it was at this revision.
_PARTITIONS = """
    do $$
    declare month timestamptz;
    begin
        for month in select distinct date_trunc('month', observed_at, 'UTC')
            from (select observed_at from odds_history_whole
                  union all select observed_at from odds_repeats) seen
        loop
            execute format('create table %I partition of odds_history for values from (%L) to (%L)',
                'odds_history_' || to_char(month at time zone 'UTC', 'YYYY_MM'), month,
                (month at time zone 'UTC' + interval '1 month') at time zone 'UTC');
        end loop;
    end $$
"""


def upgrade() -> None:
    op.add_column(
        "bookmakers", sa.Column("kind", sa.Text(), server_default=sa.text("'bookmaker'"), nullable=False)
    )
    op.add_column("odds_latest", sa.Column("source", sa.Text()))
    op.add_column(
        "odds_latest", sa.Column("tied", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("odds_latest", sa.Column("first_observed_at", sa.DateTime(timezone=True)))
    op.add_column("odds_latest", sa.Column("last_observed_at", sa.DateTime(timezone=True)))
    # Room in each page: a row that moves stays on its page, and its index is left alone.
    op.execute("alter table odds_latest set (fillfactor = 60)")
    op.execute(_FILL_LATEST)
    for column in ("source", "first_observed_at", "last_observed_at"):
        op.alter_column("odds_latest", column, nullable=False)

    op.drop_constraint("fk_odds_latest_bookmaker_id", "odds_latest")

    op.rename_table("odds_history", "odds_history_whole")
    op.drop_constraint("uq_odds_history_quote", "odds_history_whole")
    op.execute(
        f"create table odds_history ({_SHAPE}, constraint uq_odds_history_quote"
        f" unique nulls not distinct ({_IDENTITY})) partition by range (observed_at)"
    )
    op.execute(_PARTITIONS)
    op.execute(f"insert into odds_history ({_COLUMNS}) select {_COLUMNS} from odds_history_whole")  # noqa: S608
    op.drop_table("odds_history_whole")

    op.drop_constraint("uq_odds_repeats_quote", "odds_repeats")
    op.drop_constraint("fk_odds_repeats_match_id", "odds_repeats")
    op.drop_constraint("fk_odds_repeats_bookmaker_id", "odds_repeats")
    op.drop_column("odds_repeats", "id")
    op.execute(
        "alter table odds_repeats add constraint uq_odds_repeats_quote"
        f" unique nulls not distinct ({_IDENTITY})"
    )


_OLD_IDENTITY = "match_id, bookmaker_id, market, period, line_rank, phase, observed_at, line, prices"


def downgrade() -> None:
    for table in ("odds_repeats", "odds_history"):
        op.rename_table(table, f"{table}_parts")
        op.drop_constraint(f"uq_{table}_quote", f"{table}_parts")
        op.execute(
            f"create table {table} (id bigserial constraint pk_{table} primary key, {_SHAPE},"
            f" constraint fk_{table}_match_id foreign key (match_id) references matches (id),"
            f" constraint fk_{table}_bookmaker_id foreign key (bookmaker_id) references bookmakers (id),"
            f" constraint uq_{table}_quote unique nulls not distinct ({_OLD_IDENTITY}))"
        )
        op.execute(
            f"insert into {table} ({_COLUMNS}) select {_COLUMNS} from {table}_parts"  # noqa: S608
            " order by match_id, observed_at"
        )
        op.drop_table(f"{table}_parts")
    op.create_index(
        "ix_odds_history_match_id_market_phase", "odds_history", ["match_id", "market", "phase"], unique=False
    )
    for column in ("source", "tied", "first_observed_at", "last_observed_at"):
        op.drop_column("odds_latest", column)
    op.execute("alter table odds_latest reset (fillfactor)")
    op.create_foreign_key(
        "fk_odds_latest_bookmaker_id", "odds_latest", "bookmakers", ["bookmaker_id"], ["id"]
    )
    op.drop_column("bookmakers", "kind")
