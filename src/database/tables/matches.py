"""Competitions, teams, matches and their figures; links say which source's id means which row."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from src.database.tables.declarative import Base


class CompetitionRow(Base):
    """A competition, men's and women's apart; `watched` ones also get details and odds."""

    __tablename__ = "competitions"

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    source_id: Mapped[str]
    name: Mapped[str]
    country: Mapped[str | None]
    gender: Mapped[str]
    watched: Mapped[bool] = mapped_column(default=False, server_default=text("false"))

    __table_args__ = (UniqueConstraint("source", "source_id"),)


class TeamRow(Base):
    """A team, under the name of the source that tells of its matches."""

    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class TeamLinkRow(Base):
    """A source's id for a team (its name, where the source has no ids)."""

    __tablename__ = "team_links"

    source: Mapped[str] = mapped_column(primary_key=True)
    source_team_id: Mapped[str] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    name: Mapped[str]


class MatchRow(Base):
    """A match; goals are those of 90 minutes, `final_…` those with extra time.

    Where `time_known` is false only the day of `kickoff_utc` is meant; it stands at noon UTC.
    `venue_timezone` is the IANA name, where it was told. `updated_at` moves with a change, `seen_at` with
    every payload that told of the match: an older payload than that changes nothing.
    """

    __tablename__ = "matches"

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(ForeignKey("competitions.id"))
    season: Mapped[str]
    stage: Mapped[str | None]
    kickoff_utc: Mapped[datetime] = mapped_column(index=True)
    time_known: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    venue_timezone: Mapped[str | None]
    squad_level: Mapped[str] = mapped_column(default="first", server_default=text("'first'"))
    home_team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    away_team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    status: Mapped[str]
    home_goals: Mapped[int | None]
    away_goals: Mapped[int | None]
    final_home_goals: Mapped[int | None]
    final_away_goals: Mapped[int | None]
    penalty_home_goals: Mapped[int | None]
    penalty_away_goals: Mapped[int | None]
    raw_sha256: Mapped[str]
    updated_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_matches_competition_id_kickoff_utc", "competition_id", "kickoff_utc"),)


class MatchLinkRow(Base):
    """A source's id for a match, and those that it gives both teams, where it tells them.

    The `method` is `canonical` for the source that tells of the match, `confirmed` where a person said that
    it is this match, else `aligned`.
    """

    __tablename__ = "match_links"

    source: Mapped[str] = mapped_column(primary_key=True)
    source_match_id: Mapped[str] = mapped_column(primary_key=True)
    match_id: Mapped[int] = mapped_column(ForeignKey("matches.id"))
    method: Mapped[str]
    confidence: Mapped[float]
    linked_at: Mapped[datetime]
    home_source_team_id: Mapped[str | None]
    away_source_team_id: Mapped[str | None]

    __table_args__ = (UniqueConstraint("source", "match_id"),)


class TeamStatRow(Base):
    """One figure of one side of a match, as the newest payload that had it told it, seen at `seen_at`."""

    __tablename__ = "team_stats"

    match_id: Mapped[int] = mapped_column(ForeignKey("matches.id"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    side: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[float]
    unit: Mapped[str]
    seen_at: Mapped[datetime]
