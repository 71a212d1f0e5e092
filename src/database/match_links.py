"""What a source's ids mean here, and which source tells of a match."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from src.domain.match import Source

_LINKED = text("""
    select l.source_match_id, l.match_id, l.method <> 'canonical' as aligned, m.kickoff_utc
    from match_links l join matches m on m.id = l.match_id
    where l.source = :source and l.source_match_id = any(:ids)
""")

# The competition's own source tells of its matches: their times, states and teams are as it has them.
_TAKE_OVER = text("""
    with told as (
        select l.source, l.source_match_id, l.match_id, m.home_team_id, m.away_team_id, m.kickoff_utc,
            m.time_known
        from match_links l
        join matches m on m.id = l.match_id
        join competitions c on c.id = m.competition_id and c.source = l.source
        where l.source = :source and l.source_match_id = any(:ids) and l.method <> 'canonical'
    ), before as (
        update match_links l set method = 'aligned', confidence = mine.confidence
        from told t join match_links mine on mine.source = t.source
            and mine.source_match_id = t.source_match_id
        where l.match_id = t.match_id and l.source <> t.source and l.method = 'canonical'
    ), now as (
        update match_links l set method = 'canonical', confidence = 1
        from told t where l.source = t.source and l.source_match_id = t.source_match_id
    ), unseen as (
        -- What another source was seen to tell is no later telling of this one.
        update matches m set seen_at = 'epoch' from told t where m.id = t.match_id
    )
    select match_id, kickoff_utc, time_known, home_team_id, away_team_id from told
""")
_KICKOFFS = text("select id, kickoff_utc, time_known from matches where id = any(:ids)")


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkedMatch:
    """A match of ours that a source's id means; `aligned` where another source brought it."""

    match_id: int
    aligned: bool
    kickoff_utc: datetime


def linked_matches(session: Session, source: Source, ids: Sequence[str]) -> dict[str, LinkedMatch]:
    """Return the matches that a source's ids mean, by id; unknown ones are left out."""
    rows = session.execute(_LINKED, {"source": source, "ids": list(ids)})
    return {
        row.source_match_id: LinkedMatch(
            match_id=row.match_id, aligned=row.aligned, kickoff_utc=row.kickoff_utc
        )
        for row in rows
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class Kickoff:
    """When a match kicks off; only the day is meant where `time_known` is false."""

    at: datetime
    time_known: bool


def kickoffs(session: Session, ids: Collection[int]) -> dict[int, Kickoff]:
    """Return the kick-offs of matches, by our numbers."""
    return {
        row.id: Kickoff(at=row.kickoff_utc, time_known=row.time_known)
        for row in session.execute(_KICKOFFS, {"ids": sorted(ids)})
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenOver:
    """A match as another source had told it."""

    match_id: int
    kickoff: Kickoff
    teams: tuple[int, int]


def take_over(session: Session, source: Source, ids: Sequence[str]) -> list[TakenOver]:
    """Let the source that a competition is of tell of those of its matches that another had brought.

    Its link becomes the `canonical` one and the other's `aligned`; what is stored of the match stays, until
    `store_matches` writes what the source tells. Returns these matches as they were.
    """
    return [
        TakenOver(
            match_id=row.match_id,
            kickoff=Kickoff(at=row.kickoff_utc, time_known=row.time_known),
            teams=(row.home_team_id, row.away_team_id),
        )
        for row in session.execute(_TAKE_OVER, {"source": source, "ids": list(ids)})
    ]
