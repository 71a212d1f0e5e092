"""Links that a person confirms or takes away, and what is known of competitions for alignment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from src.domain.match import Gender, Source

_CONFIRM = text("""
    insert into match_links (source, source_match_id, match_id, method, confidence, linked_at)
    values (:source, :source_match_id, :match_id, 'confirmed', 1, :at)
    on conflict (source, source_match_id) do update set method = 'confirmed', confidence = 1
        where match_links.match_id = excluded.match_id and match_links.method = 'aligned'
""")
_STANDING = text("""
    select source_match_id, match_id, method from match_links
    where source = :source and (source_match_id = :source_match_id or match_id = :match_id)
""")
_LINK = text("""
    select match_id, method from match_links
    where source = :source and source_match_id = :source_match_id for update
""")
_UNLINK = text("""
    delete from match_links
    where source = :source and source_match_id = :source_match_id and method <> 'canonical'
""")
_FORGET_FIGURES = text("""
    with gone as (delete from team_stats where match_id = :match_id and source = :source returning 1)
    select count(*) from gone
""")
_TOLD = text("""
    select m.kickoff_utc, h.name as home, a.name as away
    from matches m join teams h on h.id = m.home_team_id join teams a on a.id = m.away_team_id
    where m.id = :match_id
""")
_COMPETITIONS = text("select source_id, country, gender from competitions where source_id = any(:ids)")


@dataclass(frozen=True, kw_only=True)
class Link:
    """A source's id for a match of ours; `method` is `canonical`, `aligned` or `confirmed`."""

    source_match_id: str
    match_id: int
    method: str


@dataclass(frozen=True, kw_only=True)
class CompetitionFacts:
    """Where a competition is played, as its source codes it, and by whom."""

    country: str | None
    gender: Gender


@dataclass(frozen=True, kw_only=True)
class MatchNames:
    """A match of ours in short."""

    kickoff_utc: datetime
    home: str
    away: str


def standing_links(session: Session, source: Source, source_match_id: str, match_id: int) -> list[Link]:
    """Return the links that either side of a pair has in this source."""
    values = {"source": source, "source_match_id": source_match_id, "match_id": match_id}
    return [Link(**row._mapping) for row in session.execute(_STANDING, values)]


def confirm_link(session: Session, source: Source, source_match_id: str, match_id: int, at: datetime) -> None:
    """Write a link on a person's word, or mark the same one that alignment found as confirmed."""
    values = {"source": source, "source_match_id": source_match_id, "match_id": match_id, "at": at}
    session.execute(_CONFIRM, values)


def locked_link(session: Session, source: Source, source_match_id: str) -> Link | None:
    """Return what a source's id is linked to, held for this transaction."""
    row = session.execute(_LINK, {"source": source, "source_match_id": source_match_id}).one_or_none()
    return Link(source_match_id=source_match_id, match_id=row.match_id, method=row.method) if row else None


def unlink(session: Session, source: Source, source_match_id: str) -> None:
    """Take a link away; one of the source that brought the match stays."""
    session.execute(_UNLINK, {"source": source, "source_match_id": source_match_id})


def forget_figures(session: Session, match_id: int, source: Source) -> int:
    """Take a source's figures of a match away; return how many they were."""
    values = {"match_id": match_id, "source": source}
    return int(session.execute(_FORGET_FIGURES, values).scalar_one())


def match_names(session: Session, match_id: int) -> MatchNames:
    """Return a match's kick-off and names."""
    return MatchNames(**session.execute(_TOLD, {"match_id": match_id}).one()._mapping)


def competition_facts(session: Session, ids: Sequence[str]) -> dict[str, CompetitionFacts]:
    """Return what is stored of competitions, by the id under which their source knows them."""
    rows = session.execute(_COMPETITIONS, {"ids": list(ids)})
    return {row.source_id: CompetitionFacts(country=row.country, gender=Gender(row.gender)) for row in rows}
