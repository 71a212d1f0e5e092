"""Quotes: Latest moves forward in time only, History has one row a change, whatever order they arrive in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from src.database.locks import AdvisoryLock, take_turns
from src.database.recordset import recordset
from src.domain.fire import FireId
from src.domain.odds import Market, OddsQuote, Phase

_BOOKMAKERS = text("""
    with told as (
        select distinct on (namespace, source_id) *
        from json_to_recordset(cast(:rows as json)) as r (namespace text, source_id text, name text)
        where not exists (
            select from bookmaker_ids b where b.namespace = r.namespace and b.source_id = r.source_id)
    ), made as (
        insert into bookmakers (name) select distinct name from told
        on conflict (name) do update set name = excluded.name
        returning id, name
    )
    insert into bookmaker_ids (namespace, source_id, bookmaker_id)
    select namespace, source_id, made.id from told join made using (name)
    on conflict do nothing
""")

_STAGE = text("""
    create temporary table if not exists told_quotes (
        match_id bigint, bookmaker_id bigint, market text, period text, line_rank bigint, phase text,
        line float8, prices float8[], suspended boolean, observed_at timestamptz, captured_at timestamptz,
        last_captured_at timestamptz, source text
    ) on commit drop
""")

_FILL = text("""
    insert into told_quotes
    select r.match_id, b.bookmaker_id, r.market, r.period, r.line_rank, r.phase, r.line, r.prices,
           bool_or(r.suspended), r.observed_at, min(r.captured_at), max(r.captured_at), min(r.source)
    from json_to_recordset(cast(:rows as json)) as r (
        match_id bigint, namespace text, bookmaker text, market text, period text, line_rank bigint,
        phase text, line float8, prices float8[], suspended boolean, observed_at timestamptz,
        captured_at timestamptz, source text)
    join bookmaker_ids b on b.namespace = r.namespace and b.source_id = r.bookmaker
    group by 1, 2, 3, 4, 5, 6, 7, 8, 10
""")

# The greatest quote wins, so the order in which quotes arrive is of no account. An opening price stands
# only until there is a later one: its time may be that of a late capture.
_RANK = """(
    {0}.phase <> 'opening', {0}.observed_at, {0}.phase = 'closing', {0}.{1},
    coalesce({0}.line, 0), {0}.prices, {0}.suspended
)"""

_LATEST = text(f"""
    insert into odds_latest (match_id, bookmaker_id, market, period, line_rank, phase, line, prices,
        suspended, observed_at, captured_at)
    select distinct on (match_id, bookmaker_id, market, period, line_rank)
        match_id, bookmaker_id, market, period, line_rank, phase, line, prices, suspended, observed_at,
        last_captured_at
    from told_quotes t
    order by match_id, bookmaker_id, market, period, line_rank, {_RANK.format("t", "last_captured_at")} desc
    on conflict (match_id, bookmaker_id, market, period, line_rank) do update set
        phase = excluded.phase, line = excluded.line, prices = excluded.prices,
        suspended = excluded.suspended, observed_at = excluded.observed_at, captured_at = excluded.captured_at
    where {_RANK.format("excluded", "captured_at")} > {_RANK.format("odds_latest", "captured_at")}
""")  # noqa: S608 - no value from outside

_SAME_LINE = """
    {0}.match_id = {1}.match_id and {0}.bookmaker_id = {1}.bookmaker_id and {0}.market = {1}.market
    and {0}.period = {1}.period and {0}.line_rank = {1}.line_rank and {0}.phase = {1}.phase
"""
_SAME_QUOTE = f"""
    {_SAME_LINE} and {{0}}.observed_at = {{1}}.observed_at
    and {{0}}.line is not distinct from {{1}}.line and {{0}}.prices = {{1}}.prices
"""
_NAMES = (
    "match_id", "bookmaker_id", "market", "period", "line_rank", "phase", "line", "prices", "suspended",
    "observed_at", "captured_at", "source", "fire_id",
)  # fmt: skip
_COLUMNS = ", ".join(_NAMES)
_STORED = ", ".join(f"o.{name}" for name in _NAMES)

_EARLIEST_CAPTURE = [
    text(f"""
        update {table} o set captured_at = t.captured_at from told_quotes t
        where {_SAME_QUOTE.format("o", "t")} and o.captured_at > t.captured_at
    """)  # noqa: S608 - no value from outside
    for table in ("odds_history", "odds_repeats")
]

# A quote older than one that is stored makes its line be judged anew as a whole; else the last change
# before it is all that is needed.
_JUDGE = text(f"""
    create temporary table judged_quotes on commit drop as
    with fresh as (
        select *, cast(:fire as uuid) as fire_id from told_quotes t
        where not exists (select from odds_history o where {_SAME_QUOTE.format("o", "t")})
            and not exists (select from odds_repeats o where {_SAME_QUOTE.format("o", "t")})
    ), lines as (
        select match_id, bookmaker_id, market, period, line_rank, phase, min(observed_at) as since
        from fresh group by 1, 2, 3, 4, 5, 6
    ), placed as (
        select l.*,
            exists (
                select from odds_history o where {_SAME_LINE.format("o", "l")} and o.observed_at >= since)
            or exists (
                select from odds_repeats o where {_SAME_LINE.format("o", "l")} and o.observed_at >= since)
            as late
        from lines l
    ), known as (
        select 'new' as origin, cast(null as bigint) as id, {_COLUMNS} from fresh
        union all
        select 'history', o.id, {_STORED} from placed p
        cross join lateral (
            select * from odds_history o where {_SAME_LINE.format("o", "p")}
            order by o.observed_at desc, coalesce(o.line, 0) desc, o.prices desc
            limit case when p.late then null else 1 end
        ) o
        union all
        select 'repeat', o.id, {_STORED} from placed p
        join odds_repeats o on p.late and {_SAME_LINE.format("o", "p")}
    )
    select *, coalesce(
        (line, prices, suspended) is distinct from
        (lag(line) over w, lag(prices) over w, lag(suspended) over w), true) as changed
    from known
    window w as (
        partition by match_id, bookmaker_id, market, period, line_rank, phase
        order by observed_at, coalesce(line, 0), prices)
""")  # noqa: S608 - no value from outside

_SETTLE = [
    text("delete from odds_history o using judged_quotes j where j.id = o.id"
         " and j.origin = 'history' and not j.changed"),
    text("delete from odds_repeats o using judged_quotes j where j.id = o.id"
         " and j.origin = 'repeat' and j.changed"),
    text(f"insert into odds_repeats ({_COLUMNS}) select {_COLUMNS} from judged_quotes"  # noqa: S608 - as above
         " where not changed and origin <> 'repeat'"),
]  # fmt: skip

_APPEND = text(f"""
    with written as (
        insert into odds_history ({_COLUMNS}) select {_COLUMNS} from judged_quotes
        where changed and origin <> 'history'
        returning 1
    )
    select count(*) from written
""")  # noqa: S608 - no value from outside

_CLOSED = text("""
    select distinct l.match_id, l.market from odds_latest l join matches m on m.id = l.match_id
    where l.match_id = any(:matches) and l.phase = 'closing'
        -- A match that was put off has closed once already, before the kick-off that counts.
        and l.captured_at >= m.kickoff_utc
""")


@dataclass(frozen=True, kw_only=True)
class LinkedQuote:
    """A quote of a match that we know."""

    match_id: int
    quote: OddsQuote


def store_quotes(session: Session, quotes: Iterable[LinkedQuote], fire: FireId | None = None) -> int:
    """Write quotes into Latest and History; return how many changes History gained.

    Any order of the same calls, doubled or not, ends in the same tables (`fire_id` and ids aside). Unknown
    bookmakers are made. Raises ValueError on an in-play quote: it must not come near pre-match data.
    """
    items = list(quotes)
    if any(item.quote.phase is Phase.INPLAY for item in items):
        raise ValueError("an in-play quote cannot be stored as pre-match data")
    if not items:
        return 0
    take_turns(session, AdvisoryLock.ODDS)
    session.execute(_BOOKMAKERS, {"rows": recordset(_bookmakers(items))})
    session.execute(_STAGE)
    session.execute(_FILL, {"rows": recordset(_row(item) for item in items)})
    session.execute(text("analyze told_quotes"))
    session.execute(_LATEST)
    for statement in _EARLIEST_CAPTURE:
        session.execute(statement)
    session.execute(_JUDGE, {"fire": fire})
    for statement in _SETTLE:
        session.execute(statement)
    changed = int(session.execute(_APPEND).scalar_one())
    session.execute(text("drop table told_quotes, judged_quotes"))
    return changed


def closed_markets(session: Session, match_ids: Sequence[int]) -> set[tuple[int, Market]]:
    """Return the (match, market) pairs whose closing quotes are stored, captured since the kick-off."""
    rows = session.execute(_CLOSED, {"matches": list(match_ids)})
    return {(row.match_id, Market(row.market)) for row in rows}


def _bookmakers(items: list[LinkedQuote]) -> list[dict[str, Any]]:
    told = {(i.quote.bookmaker_namespace, i.quote.bookmaker_id): i.quote.bookmaker_name for i in items}
    return [{"namespace": space, "source_id": number, "name": name} for (space, number), name in told.items()]


def _row(item: LinkedQuote) -> dict[str, Any]:
    quote = item.quote
    return {
        "match_id": item.match_id,
        "namespace": quote.bookmaker_namespace,
        "bookmaker": quote.bookmaker_id,
        "market": quote.market,
        "period": quote.period,
        "line_rank": quote.line_rank,
        "phase": quote.phase,
        "line": quote.line,
        "prices": quote.prices,
        "suspended": quote.suspended,
        "observed_at": quote.observed_at,
        "captured_at": quote.captured_at,
        "source": quote.source,
    }
