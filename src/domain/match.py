"""Matches as a source tells them, and their states.

The records hold their own rules: what does not fit raises pydantic's ValidationError, which is a ValueError.
"""

from enum import StrEnum
from typing import Literal

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from src.domain.strict import STRICT, Goals, Name, Sha256, TimeZoneName, UtcTime
from src.domain.team import SourceTeam, SquadLevel

#: Of SourceMatch, TeamStat and OddsQuote together; grows when a field comes, goes or means another thing.
SCHEMA_VERSION: Literal[1] = 1

#: Whose a figure is.
TeamSide = Literal["home", "away"]
SIDES: tuple[TeamSide, TeamSide] = ("home", "away")

#: The part of a match that a figure is of: all of it with any extra time, its halves, those of extra time.
StatPeriod = Literal["ft", "h1", "h2", "et1", "et2"]


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
    """Who plays; two competitions of one title are told apart by it."""

    MEN = "men"
    WOMEN = "women"


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Score:
    """Goals of both sides."""

    home: Goals
    away: Goals


@dataclass(frozen=True, kw_only=True, config=STRICT)
class SourceCompetition:
    """A competition as one source names it; `source_id` is the competition, never a stage of it.

    `country` is the source's code or name of it. `gender` is of all its matches; a round of friendlies may
    hold women's matches under a competition that says nothing of it.
    """

    source: Source
    source_id: Name
    name: Name
    country: Name | None = None
    gender: Gender = Gender.MEN


@dataclass(frozen=True, kw_only=True, config=STRICT)
class SourceMatch:
    """A match as one source tells it.

    `kickoff_utc` is aware and in UTC; where the source tells the day alone, `time_known` is false and it is a
    placeholder, noon UTC of that day. `venue_timezone` is the IANA name of the venue's zone, None where the
    source does not tell it. `score_90` leaves extra time out and is None where it is not told apart,
    `score_final` has extra time in, and `penalties` is the shoot-out alone. A reserve side in a
    league of first squads plays a match of `first` level. `raw_sha256` names the payload it was read from.
    """

    source: Source
    source_match_id: Name
    competition: SourceCompetition
    season: Name
    kickoff_utc: UtcTime
    time_known: bool = True
    venue_timezone: TimeZoneName | None = None
    home: SourceTeam
    away: SourceTeam
    status: MatchStatus
    score_90: Score | None = None
    score_final: Score | None = None
    penalties: Score | None = None
    stage: Name | None = None
    gender: Gender = Gender.MEN
    squad_level: SquadLevel = SquadLevel.FIRST
    raw_sha256: Sha256
    schema_version: Literal[1] = SCHEMA_VERSION

    @model_validator(mode="after")
    def _of_one_gender(self) -> "SourceMatch":
        if self.competition.gender is Gender.WOMEN and self.gender is not Gender.WOMEN:
            raise ValueError("a men's match in a women's competition")
        return self


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TeamStat:
    """One figure of one side of a match: `key` as `shots_on_target`, `unit` as `count`, `percent` or `xg`."""

    source: Source
    source_match_id: Name
    side: TeamSide
    period: StatPeriod
    key: Name
    value: float
    unit: Name
    schema_version: Literal[1] = SCHEMA_VERSION
