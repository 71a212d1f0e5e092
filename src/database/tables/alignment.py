"""Doubtful pairs of fixtures, operators' aliases, and the audit of who decided what."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from src.database.tables.declarative import Base


class AlignmentReviewRow(Base):
    """A source's fixture that may be a match of ours; a rejected pair stays, so that none proposes it again.

    Kick-off and names are as the source told them last.
    """

    __tablename__ = "alignment_reviews"

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    source_match_id: Mapped[str]
    match_id: Mapped[int] = mapped_column(ForeignKey("matches.id"), index=True)
    state: Mapped[str]
    kickoff_utc: Mapped[datetime]
    home: Mapped[str]
    away: Mapped[str]
    confidence: Mapped[float]
    reasons: Mapped[list[str]]
    first_seen_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    why: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("source", "source_match_id", "match_id"),
        CheckConstraint("state in ('waiting', 'confirmed', 'rejected', 'settled')", name="state"),
        Index("ix_alignment_reviews_waiting", "kickoff_utc", postgresql_where=text("state = 'waiting'")),
    )


class TeamAliasRow(Base):
    """An operator's word that a name, in any script, is one of a club; without a country, anywhere."""

    __tablename__ = "team_aliases"

    id: Mapped[int] = mapped_column(primary_key=True)
    alias: Mapped[str]
    club: Mapped[str]
    country: Mapped[str | None]
    who: Mapped[str]
    why: Mapped[str]
    at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("alias", "club", "country", postgresql_nulls_not_distinct=True),)


class AlignmentAuditRow(Base):
    """One decision on a pair or an alias; rows are only ever added."""

    __tablename__ = "alignment_audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str]
    action: Mapped[str]
    why: Mapped[str]
    what: Mapped[dict[str, Any]]
