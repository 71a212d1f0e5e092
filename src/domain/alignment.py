"""What people and programs say of names and of fixtures that may be one."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from src.domain.match import Source


@dataclass(frozen=True, kw_only=True)
class Alias:
    """An operator's word that `alias`, in any script, is a name of the club `club`.

    `country` is the code of the country it plays in, or None for any.
    """

    alias: str
    club: str
    country: str | None = None


class ReviewState(StrEnum):
    """Where a doubtful pair stands; `settled` is what was decided without a word on this very pair."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    SETTLED = "settled"


@dataclass(frozen=True, kw_only=True)
class DoubtfulPair:
    """A source's fixture that may be a match of ours, as alignment left it to a person.

    Names and `kickoff_utc` are as the source tells them; `confidence` is a score in 0..1, no probability.
    """

    source: Source
    source_match_id: str
    kickoff_utc: datetime
    home: str
    away: str
    match_id: int
    confidence: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Review:
    """A doubtful pair as it is kept, beside what we know of our match; decided ones say by whom and why.

    Where `match_time_known` is false only the day of `match_kickoff_utc` is meant.
    """

    id: int
    state: ReviewState
    pair: DoubtfulPair
    competition: str
    country: str | None
    match_kickoff_utc: datetime
    match_time_known: bool
    match_home: str
    match_away: str
    seen_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    why: str | None


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One row of the audit of alignment: who did what, when and why."""

    id: int
    at: datetime
    who: str
    action: str
    why: str
    what: dict[str, Any]
