"""Doubtful pairs that wait for a person, and what became of them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from src.database.escaping import escaped
from src.database.recordset import recordset
from src.domain.alignment import DoubtfulPair, Review, ReviewState
from src.domain.edit import Author
from src.domain.match import Source

_KEEP = text("""
    with written as (
        insert into alignment_reviews (source, source_match_id, match_id, state, kickoff_utc, home, away,
            confidence, reasons, first_seen_at, seen_at)
        select source, source_match_id, match_id, 'waiting', kickoff_utc, home, away, confidence, reasons,
               :at, :at
        from json_to_recordset(cast(:rows as json)) as r (
            source text, source_match_id text, match_id bigint, kickoff_utc timestamptz, home text, away text,
            confidence float8, reasons jsonb)
        on conflict (source, source_match_id, match_id) do update set
            state = 'waiting', kickoff_utc = excluded.kickoff_utc, home = excluded.home, away = excluded.away,
            confidence = excluded.confidence, reasons = excluded.reasons, seen_at = excluded.seen_at
            -- What a person decided stays decided.
            where alignment_reviews.state in ('waiting', 'settled')
        returning xmax = 0 as fresh
    )
    select count(*) filter (where fresh) from written
""")

# A pair is settled when one of its sides has a link, or when alignment looked at the fixture again and no
# longer doubts. A fixture of which a match of its own was made still waits: perhaps that match stands twice.
_SETTLE = text("""
    update alignment_reviews r set state = 'settled'
    where r.source = :source and r.state = 'waiting' and (
        exists (select from match_links l where l.source = r.source
                and (l.match_id = r.match_id
                     or l.source_match_id = r.source_match_id and l.method <> 'canonical'))
        or r.source_match_id = any(:told)
            and (r.source_match_id, r.match_id) not in (
                select source_match_id, match_id
                from json_to_recordset(cast(:doubts as json)) as d (source_match_id text, match_id bigint)))
""")

_REJECTED = text("""
    select source_match_id, match_id from alignment_reviews
    where source = :source and state = 'rejected' and source_match_id = any(:told)
""")

_REVIEWS = """
    select r.*, m.kickoff_utc as match_kickoff_utc, m.time_known as match_time_known,
           h.name as match_home, a.name as match_away, c.name as competition, c.country
    from alignment_reviews r
    join matches m on m.id = r.match_id
    join teams h on h.id = m.home_team_id
    join teams a on a.id = m.away_team_id
    join competitions c on c.id = m.competition_id
"""
_LIST = text(f"""{_REVIEWS}
    where r.state = :state and (cast(:source as text) is null or r.source = :source)
    order by r.kickoff_utc, r.source, r.source_match_id, r.confidence desc limit :limit
""")
_ONE = text(f"{_REVIEWS} where r.id = :id for update of r")
_OF_PAIR = text("""
    select id from alignment_reviews
    where source = :source and source_match_id = :source_match_id and match_id = :match_id
""")

_DECIDE = text("""
    update alignment_reviews set state = :state, decided_at = :at, decided_by = :who, why = :why
    where id = :id
""")


def keep_doubts(session: Session, doubts: Iterable[DoubtfulPair], at: datetime) -> int:
    """Write doubtful pairs, or what is new of those that wait already; return how many are new."""
    # In one order always: two runs at once must not wait for each other.
    ordered = sorted(doubts, key=lambda doubt: (doubt.source, doubt.source_match_id, doubt.match_id))
    rows = [
        {
            **vars(doubt),
            "reasons": list(doubt.reasons),
            "home": escaped(doubt.home),
            "away": escaped(doubt.away),
        }
        for doubt in ordered
    ]
    if not rows:
        return 0
    return int(session.execute(_KEEP, {"rows": recordset(rows), "at": at}).scalar_one())


def settle(session: Session, source: Source, told: Sequence[str], doubts: Iterable[DoubtfulPair]) -> None:
    """Close the waiting pairs of fixtures that are linked, or among `told` and no longer doubtful."""
    rows = [{"source_match_id": one.source_match_id, "match_id": one.match_id} for one in doubts]
    session.execute(_SETTLE, {"source": source, "told": list(told), "doubts": recordset(rows)})


def rejected_pairs(session: Session, source: Source, told: Collection[str]) -> set[tuple[str, int]]:
    """Return the (source's id, match id) pairs of these fixtures that a person has rejected."""
    rows = session.execute(_REJECTED, {"source": source, "told": list(told)})
    return {(row.source_match_id, row.match_id) for row in rows}


def reviews(
    session: Session,
    *,
    state: ReviewState = ReviewState.WAITING,
    source: Source | None = None,
    limit: int = 50,
) -> list[Review]:
    """Return doubtful pairs in one state, the earliest kick-off first, a fixture's likeliest match first."""
    rows = session.execute(_LIST, {"state": state, "source": source, "limit": limit})
    return [_review(row) for row in rows]


def locked_review(session: Session, review_id: int) -> Review | None:
    """Return a doubtful pair, held for this transaction; None where there is none of this number."""
    row = session.execute(_ONE, {"id": review_id}).one_or_none()
    return _review(row) if row else None


def review_of(session: Session, source: Source, source_match_id: str, match_id: int) -> int | None:
    """Return the number of a pair's review, None where it never was in doubt."""
    values = {"source": source, "source_match_id": source_match_id, "match_id": match_id}
    found = session.execute(_OF_PAIR, values).scalar_one_or_none()
    return None if found is None else int(found)


def decide(session: Session, review_id: int, state: ReviewState, by: Author, at: datetime) -> None:
    """Write a person's decision on a pair."""
    session.execute(_DECIDE, {"id": review_id, "state": state, "who": by.who, "why": by.why, "at": at})


def _review(row: Row[Any]) -> Review:
    return Review(
        id=row.id,
        state=ReviewState(row.state),
        pair=DoubtfulPair(
            source=Source(row.source),
            source_match_id=row.source_match_id,
            kickoff_utc=row.kickoff_utc,
            home=row.home,
            away=row.away,
            match_id=row.match_id,
            confidence=row.confidence,
            reasons=tuple(row.reasons),
        ),
        competition=row.competition,
        country=row.country,
        match_kickoff_utc=row.match_kickoff_utc,
        match_time_known=row.match_time_known,
        match_home=row.match_home,
        match_away=row.match_away,
        seen_at=row.seen_at,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        why=row.why,
    )
