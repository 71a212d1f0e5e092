"""Matches as a source tells them, and their states."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from src.domain.team import SourceTeam


class Source(StrEnum):
    """Where a record comes from."""

    FOTMOB = "fotmob"
    FBREF = "fbref"
    TITAN007 = "titan007"
    FOOTBALL_DATA = "football-data"


class MatchStatus(StrEnum):
    """The state of a match; only `has_result` states carry a 90-minute score worth learning from."""

    SCHEDULED = "scheduled"
    LIVE = "live"
    FINISHED = "finished"
    AFTER_EXTRA_TIME = "after_extra_time"
    AFTER_PENALTIES = "after_penalties"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"
    AWARDED = "awarded"

    @property
    def has_result(self) -> bool:
        """Whether the match was played to its end on the pitch."""
        return self in {MatchStatus.FINISHED, MatchStatus.AFTER_EXTRA_TIME, MatchStatus.AFTER_PENALTIES}


class Gender(StrEnum):
    """Whom a competition is for; two of one title are told apart by it."""

    MEN = "men"
    WOMEN = "women"


@dataclass(frozen=True, kw_only=True)
class Score:
    """Goals of both sides."""

    home: int
    away: int


@dataclass(frozen=True, kw_only=True)
class SourceCompetition:
    """A competition as one source names it; `source_id` is the competition, never a stage of it."""

    source: Source
    source_id: str
    name: str
    country: str | None = None
    gender: Gender = Gender.MEN


@dataclass(frozen=True, kw_only=True)
class SourceMatch:
    """A match as one source tells it.

    `kickoff_utc` is aware and in UTC. `score_90` leaves extra time out, `score_final` has it in, and
    `penalties` is the shoot-out alone. `raw_sha256` names the payload it was read from.
    """

    source: Source
    source_match_id: str
    competition: SourceCompetition
    season: str
    kickoff_utc: datetime
    home: SourceTeam
    away: SourceTeam
    status: MatchStatus
    score_90: Score | None = None
    score_final: Score | None = None
    penalties: Score | None = None
    stage: str | None = None
    raw_sha256: str


@dataclass(frozen=True, kw_only=True)
class TeamStat:
    """One figure of one side of a match: `key` as `shots_on_target`, `unit` as `count`, `percent` or `xg`."""

    source: Source
    source_match_id: str
    side: str
    period: str
    key: str
    value: float
    unit: str
