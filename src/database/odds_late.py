"""Sightings that are older than what is stored: their lines are judged anew, as a whole."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from src.database.copying import copy_rows
from src.database.odds_judging import Key, Sighting
from src.domain.fire import FireId

_COLUMNS = (
    "match_id", "bookmaker_id", "market", "period", "line_rank", "phase", "line", "prices", "suspended",
    "observed_at", "captured_at", "source",
)  # fmt: skip
_ALL = ", ".join((*_COLUMNS, "fire_id"))
_TABLES = ("odds_history", "odds_repeats")

_STAGE = text("""
    create temporary table if not exists late_quotes (
        match_id bigint, bookmaker_id bigint, market text, period text, line_rank bigint, phase text,
        line float8, prices float8[], suspended boolean, observed_at timestamptz, captured_at timestamptz,
        source text
    ) on commit delete rows
""")

_SAME_LINE = """
    {0}.match_id = {1}.match_id and {0}.market = {1}.market and {0}.phase = {1}.phase
    and {0}.bookmaker_id = {1}.bookmaker_id and {0}.period = {1}.period and {0}.line_rank = {1}.line_rank
"""
_SAME_QUOTE = f"""
    {_SAME_LINE} and {{0}}.observed_at = {{1}}.observed_at
    and {{0}}.line is not distinct from {{1}}.line and {{0}}.prices = {{1}}.prices
"""

# The bounds are values, so that Postgres opens the partitions of those months alone; the matches are, so that
# it need not guess how few rows of them are meant.
_THERE = "{0}.match_id = any(:matches) and {0}.observed_at between :since and :until"

_FORGET_KNOWN = [
    text(f"""
        delete from late_quotes t using {table} o
        where {_THERE.format("o")} and {_SAME_QUOTE.format("o", "t")}
            and o.captured_at <= t.captured_at and (o.suspended or not t.suspended) and o.source <= t.source
    """)  # noqa: S608 - no value from outside
    for table in _TABLES
]

_JUDGE = text(f"""
    create temporary table judged_quotes on commit drop as
    with lines as (
        select distinct match_id, bookmaker_id, market, period, line_rank, phase from late_quotes
    ), told as (
        select cast(null as text) as place, cast(null as uuid) as fire, t.* from late_quotes t
        union all
        select 'odds_history', o.fire_id, {", ".join(f"o.{name}" for name in _COLUMNS)}
        from lines l join odds_history o on {_THERE.format("o")} and {_SAME_LINE.format("o", "l")}
        union all
        select 'odds_repeats', o.fire_id, {", ".join(f"o.{name}" for name in _COLUMNS)}
        from lines l join odds_repeats o on {_THERE.format("o")} and {_SAME_LINE.format("o", "l")}
    ), sightings as (
        select match_id, bookmaker_id, market, period, line_rank, phase, line, prices,
            bool_or(suspended) as suspended, observed_at, min(captured_at) as captured_at,
            min(source) as source, max(place) as was,
            case when max(place) is null then cast(:fire as uuid)
                else (array_agg(fire order by place nulls last))[1] end as fire_id,
            bool_or(place is null) and max(place) is not null as told_again
        from told group by match_id, bookmaker_id, market, period, line_rank, phase, line, prices, observed_at
    ), judged as (
        select *, case when (line, prices, suspended) is distinct from
            (lag(line) over w, lag(prices) over w, lag(suspended) over w)
            then 'odds_history' else 'odds_repeats' end as place
        from sightings
        window w as (
            partition by match_id, bookmaker_id, market, period, line_rank, phase
            order by observed_at, coalesce(line, 0), line is null, prices)
    )
    select * from judged where was is distinct from place or told_again
""")  # noqa: S608 - no value from outside

_TAKE_OUT = [
    text(f"""
        delete from {table} o using judged_quotes j
        where j.was = '{table}' and {_THERE.format("o")} and {_SAME_QUOTE.format("o", "j")}
    """)  # noqa: S608 - no value from outside
    for table in _TABLES
]
_PUT_IN = [
    text(f"insert into {table} ({_ALL}) select {_ALL} from judged_quotes where place = '{table}'")  # noqa: S608
    for table in _TABLES
]
_GAINED = text(
    "select count(*) from judged_quotes where place = 'odds_history' and was is distinct from place"
)

_REFRESH = text(f"""
    update odds_latest l set suspended = o.suspended, source = o.source
    from (select {_ALL} from odds_history where match_id = any(:matches)
            and observed_at between :since and :until
          union all
          select {_ALL} from odds_repeats where match_id = any(:matches)) o
    where l.match_id = any(:matches) and {_SAME_QUOTE.format("l", "o")}
        and (l.suspended, l.source) is distinct from (o.suspended, o.source)
""")  # noqa: S608 - no value from outside


def judge_late(
    session: Session, late: Sequence[Sighting], since: datetime, until: datetime, fire: FireId | None
) -> int:
    """Put late sightings where they belong and judge their lines anew; return History's new rows.

    All that is stored of their keys was observed from `since` to `until`, and so were they.
    """
    session.execute(_STAGE)
    rows = (
        (*s.key, s.phase, s.line, s.prices, s.suspended, s.observed_at, s.first_captured, s.source)
        for s in late
    )
    copy_rows(session, "late_quotes", _COLUMNS, rows)
    span = {"matches": sorted({sighting.key[0] for sighting in late}), "since": since, "until": until}
    known = sum(session.execute(statement, span).rowcount for statement in _FORGET_KNOWN)  # type: ignore[attr-defined]
    if known == len(late):
        return 0
    session.execute(text("analyze late_quotes"))
    session.execute(_JUDGE, {**span, "fire": fire})
    for statement in _TAKE_OUT:
        session.execute(statement, span)
    for statement in _PUT_IN:
        session.execute(statement)
    gained = int(session.execute(_GAINED).scalar_one())
    session.execute(text("drop table judged_quotes"))
    session.execute(text("delete from late_quotes"))
    return gained


def refresh_latest(session: Session, keys: Sequence[Key], since: datetime, until: datetime) -> None:
    """Add up what was told of the sightings that these keys' rows of Latest have become."""
    matches = sorted({key[0] for key in keys})
    session.execute(_REFRESH, {"matches": matches, "since": since, "until": until})
