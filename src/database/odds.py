"""Quotes: Latest moves forward in time only, History has one row a change, whatever order they arrive in.

`src.database.odds_judging` says what a batch changes, ADR 11 why it is stored as it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import repeat

from sqlalchemy import text
from sqlalchemy.orm import Session

from src.core.memory import uncollected
from src.database.bookmakers import bookmaker_numbers
from src.database.hash_joins import AS_SET, HASH_JOINS
from src.database.locks import AdvisoryLock, take_turns
from src.database.odds_judging import Judgement, Key, Latest, Sighting, StoredLatest, judge, merge
from src.database.odds_late import judge_late, refresh_latest
from src.database.odds_lines import LATEST, SightingTexts, append_latest, append_sightings
from src.database.odds_partitions import make_partitions
from src.database.quoted_matches import mark_quoted
from src.database.reading import read_rows
from src.domain.fire import FireId
from src.domain.match import Source
from src.domain.odds import Market, OddsQuote, Phase

_KNOWN = f"select {', '.join(LATEST)} from odds_latest where match_id = any(%(matches)s)"  # noqa: S608

# Kept plain, its columns need no table beside it, which each commit would empty too.
_STAGE_LATEST = text(f"""
    create temporary table if not exists moved_latest (
        match_id bigint, bookmaker_id bigint, market text storage plain, period text storage plain,
        line_rank bigint, phase text storage plain, line float8, prices float8[] storage plain,
        suspended boolean, observed_at timestamptz, captured_at timestamptz, source text storage plain,
        tied boolean, first_observed_at timestamptz, last_observed_at timestamptz
    ) on commit delete rows;
    -- It has rows where this is not the first batch of its transaction.
    delete from moved_latest;
    {HASH_JOINS}
""")  # noqa: S608 - no value from outside

_MOVE_LATEST = text(f"""
    update odds_latest l set phase = t.phase, line = t.line, prices = t.prices, suspended = t.suspended,
        observed_at = t.observed_at, captured_at = t.captured_at, source = t.source, tied = t.tied,
        first_observed_at = t.first_observed_at, last_observed_at = t.last_observed_at
    from moved_latest t
    where l.match_id = any(:matches) and l.match_id = t.match_id
        and l.bookmaker_id = t.bookmaker_id and l.market = t.market
        and l.period = t.period and l.line_rank = t.line_rank;
    {AS_SET}
""")  # noqa: S608 - no value from outside

_CLOSED = text("""
    select distinct l.match_id, l.market from odds_latest l join matches m on m.id = l.match_id
    where l.match_id = any(:matches) and l.phase = 'closing'
        -- A match that was put off has closed once already, before the kick-off that counts.
        and l.captured_at >= m.kickoff_utc
""")


_FIRST_CAPTURE = text("""
    select least(
        (select min(captured_at) from odds_history where match_id = :match and source = :source),
        (select min(captured_at) from odds_repeats where match_id = :match and source = :source))
""")


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkedQuote:
    """A quote of a match that we know."""

    match_id: int
    quote: OddsQuote


def store_quotes(session: Session, quotes: Iterable[LinkedQuote], fire: FireId | None = None) -> int:
    """Write quotes into Latest and History; return how many changes History gained.

    Any order of the same calls, doubled or not, ends in the same tables (`fire_id` aside). Unknown
    bookmakers are made. Raises ValueError on an in-play quote: it must not come near pre-match data.
    """
    with uncollected():
        return _store(session, [(item.match_id, item.quote) for item in quotes], fire)


def _store(session: Session, told: Sequence[tuple[int, OddsQuote]], fire: FireId | None) -> int:
    names: dict[tuple[str, str], str] = {}
    for _, quote in told:
        if quote.phase is Phase.INPLAY:
            raise ValueError("an in-play quote cannot be stored as pre-match data")
        names[quote.bookmaker_namespace, quote.bookmaker_id] = quote.bookmaker_name
    if not told:
        return 0
    # One writer at a time: what a batch changes is decided on what Latest has.
    take_turns(session, AdvisoryLock.ODDS)
    by_key = merge(told, bookmaker_numbers(session, names))
    known = _known(session, by_key)
    made = judge(by_key, known)
    make_partitions(session, {item.observed_at for found in by_key.values() for item in found})
    texts = SightingTexts()
    append_sightings(session, "odds_history", made.changes, texts, repeat(fire))
    append_sightings(session, "odds_repeats", made.repeats, texts, repeat(fire))
    mark_quoted(session, {latest.sighting.key[0] for latest in made.new_latest})
    append_latest(session, "odds_latest", made.new_latest, texts)
    _move_latest(session, made.moved_latest, texts)
    return len(made.changes) + _judge_late(session, made, by_key, known, texts, fire)


def closed_markets(session: Session, match_ids: Sequence[int]) -> set[tuple[int, Market]]:
    """Return the (match, market) pairs whose closing quotes are stored, captured since the kick-off."""
    rows = session.execute(_CLOSED, {"matches": list(match_ids)})
    return {(row.match_id, Market(row.market)) for row in rows}


def first_capture(session: Session, match_id: int, source: Source) -> datetime | None:
    """Return when the first stored quote of a source on a match was captured, None where there is none."""
    first: datetime | None = session.scalar(_FIRST_CAPTURE, {"match": match_id, "source": source})
    return first


def _known(session: Session, by_key: Mapping[Key, object]) -> dict[Key, StoredLatest]:
    rows = map(
        StoredLatest._make, read_rows(session, _KNOWN, {"matches": sorted({key[0] for key in by_key})})
    )
    return {key: row for row in rows if (key := row[:5]) in by_key}


def _move_latest(session: Session, moved: Sequence[Latest], texts: SightingTexts) -> None:
    if not moved:
        return
    session.execute(_STAGE_LATEST)
    append_latest(session, "moved_latest", moved, texts)
    # Told of the matches, Postgres need not guess how few of its rows are meant.
    matches = sorted({latest.sighting.key[0] for latest in moved})
    session.execute(_MOVE_LATEST, {"matches": matches})


def _judge_late(
    session: Session,
    made: Judgement,
    by_key: Mapping[Key, list[Sighting]],
    known: Mapping[Key, StoredLatest],
    texts: SightingTexts,
    fire: FireId | None,
) -> int:
    if not made.late:
        return 0
    keys = {sighting.key for sighting in made.late}
    times = [sighting.observed_at for key in keys for sighting in by_key[key]]
    since = min([*times, *(known[key].first_observed_at for key in keys)])
    until = max([*times, *(known[key].last_observed_at for key in keys)])
    changed = judge_late(session, made.late, texts, since, until, fire)
    if made.refreshed:
        refresh_latest(session, made.refreshed, since, until)
    return changed
