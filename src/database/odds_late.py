"""Sightings that are older than what is stored: their lines are judged anew, as a whole."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from src.database.copying import copy_in
from src.database.hash_joins import AS_SET, HASH_JOINS
from src.database.odds_judging import Key, Sighting
from src.database.odds_lines import SIGHTING, SightingTexts, numbered_lines
from src.domain.fire import FireId

#: What makes a line one, and what is told of each of its sightings.
_LINE, _TOLD = SIGHTING[:6], SIGHTING[6:]
_ALL = ", ".join((*SIGHTING, "fire_id"))

# A line's number is its place among those of the batch: it is sorted faster than the six columns of a line.
_STAGE = text(f"""
    create temporary table if not exists late_quotes (
        line_no bigint, match_id bigint, bookmaker_id bigint, market text storage plain,
        period text storage plain, line_rank bigint, phase text storage plain, line float8,
        prices float8[] storage plain, suspended boolean, observed_at timestamptz, captured_at timestamptz,
        source text storage plain
    ) on commit delete rows;
    create temporary table if not exists judged_quotes (
        line_no bigint, line float8, prices float8[] storage plain, suspended boolean,
        observed_at timestamptz, source text storage plain, captured_at timestamptz, fire_id uuid,
        was text storage plain, place text storage plain
    ) on commit delete rows;
    -- They have rows where this is not the first batch of its transaction.
    delete from late_quotes;
    delete from judged_quotes;
    {HASH_JOINS}
""")  # noqa: S608 - no value from outside

_SAME_LINE = " and ".join(f"{{0}}.{name} = {{1}}.{name}" for name in _LINE)
_SAME_QUOTE = f"""
    {_SAME_LINE} and {{0}}.observed_at = {{1}}.observed_at
    and {{0}}.line is not distinct from {{1}}.line and {{0}}.prices = {{1}}.prices
"""

# The bounds are values, so that Postgres opens the partitions of those months alone; the matches are, so that
# it need not guess how few rows of them are meant.
_THERE = "{0}.match_id = any(:matches) and {0}.observed_at between :since and :until"

_LINES = f"select distinct on (line_no) line_no, {', '.join(_LINE)} from late_quotes"  # noqa: S608
_STORED = " union all ".join(
    f"""select '{table}', o.fire_id, l.line_no, {", ".join(f"o.{name}" for name in _TOLD)}
        from lines l join {table} o on {_THERE.format("o")} and {_SAME_LINE.format("o", "l")}"""  # noqa: S608
    for table in ("odds_history", "odds_repeats")
)

# Of one sighting there are two rows at most: the stored one, which keeps its fire, and a late one.
_JUDGE = text(f"""
    insert into judged_quotes
    with lines as materialized ({_LINES}), told as (
        select cast(null as text) as place, cast(null as uuid) as fire, line_no, {", ".join(_TOLD)}
        from late_quotes
        union all {_STORED}
    ), sightings as (
        select line_no, observed_at, coalesce(line, 0) as line_or_0, line is null as without, prices,
            bool_or(suspended) as suspended, min(captured_at) as captured_at, min(source) as source,
            max(place) as was, max(cast(fire as text)) as fire,
            count(*) = 2 and (bool_or(suspended), min(captured_at), min(source)) <>
                (bool_or(suspended) filter (where place is not null),
                 min(captured_at) filter (where place is not null),
                 min(source) filter (where place is not null)) as says_more
        from told group by line_no, observed_at, coalesce(line, 0), line is null, prices
    ), judged as (
        select *, case when row(line_or_0, without, prices, suspended) is not distinct from
            lag(row(line_or_0, without, prices, suspended)) over (
                partition by line_no order by observed_at, line_or_0, without, prices)
            then 'odds_repeats' else 'odds_history' end as place
        from sightings
    )
    select line_no, case when without then null else line_or_0 end, prices, suspended, observed_at, source,
        captured_at, case when was is null then cast(:fire as uuid) else cast(fire as uuid) end, was,
        place
    from judged where was is distinct from place or says_more
""")  # noqa: S608 - no value from outside

_COUNTS = text("""
    select count(*) filter (where place = 'odds_history' and was is distinct from place) as gained,
        count(*) filter (where place = 'odds_repeats' and was is distinct from place) as repeated,
        count(*) filter (where was <> place) as moved, count(*) filter (where was = place) as told_again
    from judged_quotes
""")

_JUDGED = f"""
    (select l.*, {", ".join(f"j.{name}" for name in (*_TOLD, "fire_id", "was", "place"))}
     from judged_quotes j join ({_LINES}) l using (line_no))
"""  # noqa: S608 - no value from outside

_TAKE_OUT = [
    text(f"""
        delete from {table} o using {_JUDGED} j
        where j.was = '{table}' and j.place <> j.was
            and {_THERE.format("o")} and {_SAME_QUOTE.format("o", "j")}
    """)  # noqa: S608 - no value from outside
    for table in ("odds_history", "odds_repeats")
]
_CORRECT = [
    text(f"""
        update {table} o set suspended = j.suspended, captured_at = j.captured_at, source = j.source
        from {_JUDGED} j
        where j.was = '{table}' and j.place = j.was
            and {_THERE.format("o")} and {_SAME_QUOTE.format("o", "j")}
    """)  # noqa: S608 - no value from outside
    for table in ("odds_history", "odds_repeats")
]
_PUT_IN = [
    text(f"""
        insert into {table} ({_ALL}) select {_ALL} from {_JUDGED} j
        where place = '{table}' and was is distinct from place
    """)  # noqa: S608 - no value from outside
    for table in ("odds_history", "odds_repeats")
]

_END = text(AS_SET)

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
    session: Session,
    late: Sequence[Sighting],
    texts: SightingTexts,
    since: datetime,
    until: datetime,
    fire: FireId | None,
) -> int:
    """Put late sightings where they belong and judge their lines anew; return History's new rows.

    All that is stored of their keys was observed from `since` to `until`, and so were they.
    """
    session.execute(_STAGE)
    copy_in(session, "late_quotes", ("line_no", *SIGHTING), numbered_lines(late, texts))
    span = {"matches": sorted({sighting.key[0] for sighting in late}), "since": since, "until": until}
    session.execute(_JUDGE, {**span, "fire": fire})
    counts = session.execute(_COUNTS).one()
    into_history, into_repeats = _PUT_IN
    # What is taken out of one table is put into the other.
    for statements, rows in (
        (_TAKE_OUT, counts.moved),
        (_CORRECT, counts.told_again),
        ([into_history], counts.gained),
        ([into_repeats], counts.repeated),
    ):
        for statement in statements if rows else ():
            session.execute(statement, span)
    session.execute(_END)
    return int(counts.gained)


def refresh_latest(session: Session, keys: Sequence[Key], since: datetime, until: datetime) -> None:
    """Add up what was told of the sightings that these keys' rows of Latest have become."""
    matches = sorted({key[0] for key in keys})
    session.execute(_REFRESH, {"matches": matches, "since": since, "until": until})
