"""Quotes that came to the wrong match are taken away, those of a match told twice are put together.

Latest and History are functions of the set of sightings (`src.database.odds_judging`), so both are made anew
from the sightings that remain or come together.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from src.database.locks import AdvisoryLock, take_turns
from src.database.odds_judging import Key, Sighting, judge
from src.database.odds_lines import SIGHTING, SightingTexts, append_latest, append_sightings
from src.database.odds_partitions import make_partitions
from src.database.quoted_matches import mark_quoted, unmark_quoted
from src.database.recordset import recordset
from src.domain.match import Source
from src.domain.odds import Phase

_ALL = ", ".join((*SIGHTING, "fire_id"))

# What is in Latest was seen there last, in History first.
_STORED = text(f"""
    select s.*, coalesce(l.captured_at, s.captured_at) as last_captured
    from (select {_ALL} from odds_history where match_id = any(:matches)
          union all select {_ALL} from odds_repeats where match_id = any(:matches)) s
    left join odds_latest l on l.match_id = s.match_id and l.bookmaker_id = s.bookmaker_id
        and l.market = s.market and l.period = s.period and l.line_rank = s.line_rank
        and l.phase = s.phase and l.observed_at = s.observed_at and l.line is not distinct from s.line
        and l.prices = s.prices
""")  # noqa: S608 - no value from outside

_TAKE_OUT = [
    text(f"""
        delete from {table} o
        using json_to_recordset(cast(:keys as json)) as k (
            match_id bigint, bookmaker_id bigint, market text, period text, line_rank bigint)
        where o.match_id = any(:matches) and o.match_id = k.match_id and o.bookmaker_id = k.bookmaker_id
            and o.market = k.market and o.period = k.period and o.line_rank = k.line_rank
    """)  # noqa: S608 - no value from outside
    for table in ("odds_latest", "odds_history", "odds_repeats")
]


@dataclass(slots=True)
class _Stored:
    sighting: Sighting
    fire: UUID | None


def forget_quotes(session: Session, match_id: int, source: Source) -> int:
    """Take a source's sightings of a match away; return how many they were.

    A sighting that several sources told stands under the first of them by name, and goes or stays with it.
    """
    stored = _stored(session, [match_id])
    gone = [item for item in stored if item.sighting.source == source]
    keys = {item.sighting.key for item in gone}
    _put(session, keys, [item for item in stored if item.sighting.source != source])
    return len(gone)


def move_quotes(session: Session, from_match: int, to_match: int) -> int:
    """Put all sightings of a match to those of another; return how many they were.

    The match that they were of can be deleted then.
    """
    stored = _stored(session, [from_match, to_match])
    moved = [item for item in stored if item.sighting.key[0] == from_match]
    keys = {item.sighting.key for item in moved}
    for item in moved:
        item.sighting.key = (to_match, *item.sighting.key[1:])
    keys |= {item.sighting.key for item in moved}
    _put(session, keys, _together(stored))
    unmark_quoted(session, from_match)
    return len(moved)


def retime_quotes(
    session: Session, match_id: int, source: Source, opened_at: datetime, closed_at: datetime
) -> None:
    """Say anew as of when a source's opening and closing quotes of a match are."""
    at = {Phase.OPENING.value: opened_at, Phase.CLOSING.value: closed_at}
    stored = _stored(session, [match_id])
    moved = [
        item.sighting
        for item in stored
        if item.sighting.source == source
        and at.get(item.sighting.phase, item.sighting.observed_at) != item.sighting.observed_at
    ]
    for sighting in moved:
        sighting.observed_at = at[sighting.phase]
    make_partitions(session, {sighting.observed_at for sighting in moved})
    _put(session, {sighting.key for sighting in moved}, _together(stored))


def _stored(session: Session, matches: list[int]) -> list[_Stored]:
    take_turns(session, AdvisoryLock.ODDS)
    return [
        _Stored(
            Sighting(
                (row.match_id, row.bookmaker_id, row.market, row.period, row.line_rank), row.phase,
                row.observed_at, row.line, tuple(row.prices), row.suspended, row.captured_at,
                row.last_captured, row.source,
            ),
            row.fire_id,
        )
        for row in session.execute(_STORED, {"matches": matches})
    ]  # fmt: skip


def _together(stored: Iterable[_Stored]) -> list[_Stored]:
    """Return one sighting for each identity, added up as the store adds up what is told twice."""
    found: dict[tuple[object, ...], _Stored] = {}
    for item in stored:
        told = item.sighting
        identity = (told.key, told.phase, told.observed_at, told.line, told.prices)
        known = found.setdefault(identity, item)
        if known is not item:
            one = known.sighting
            one.suspended |= told.suspended
            one.first_captured = min(one.first_captured, told.first_captured)
            one.last_captured = max(one.last_captured, told.last_captured)
            one.source = min(one.source, told.source)
    return list(found.values())


def _put(session: Session, keys: Collection[Key], stored: Iterable[_Stored]) -> None:
    """Replace all that is stored of `keys` by what their sightings among `stored` come to."""
    if not keys:
        return
    rows = recordset(dict(zip(SIGHTING[:5], key, strict=True)) for key in sorted(keys))
    for statement in _TAKE_OUT:
        session.execute(statement, {"keys": rows, "matches": sorted({key[0] for key in keys})})
    by_key: dict[Key, list[Sighting]] = {}
    fires: dict[int, UUID | None] = {}
    for item in stored:
        if item.sighting.key in keys:
            by_key.setdefault(item.sighting.key, []).append(item.sighting)
            fires[id(item.sighting)] = item.fire
    made = judge(by_key, {})
    texts = SightingTexts()
    for table, sightings in ("odds_history", made.changes), ("odds_repeats", made.repeats):
        append_sightings(session, table, sightings, texts, (fires[id(sight)] for sight in sightings))
    mark_quoted(session, {latest.sighting.key[0] for latest in made.new_latest})
    append_latest(session, "odds_latest", made.new_latest, texts)
