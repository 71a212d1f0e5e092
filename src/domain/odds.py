"""Bookmakers' quotes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from src.domain.match import Source


class Market(StrEnum):
    """What is bet on: match result, Asian handicap, or total goals."""

    ONE_X_TWO = "1x2"
    ASIAN_HANDICAP = "ah"
    OVER_UNDER = "ou"


class Period(StrEnum):
    """The part of the match a quote is for."""

    FULL_TIME = "ft"
    FIRST_HALF = "h1"


class Phase(StrEnum):
    """When a quote was made; in-play prices never enter pre-match data."""

    OPENING = "opening"
    PREMATCH = "prematch"
    CLOSING = "closing"
    INPLAY = "inplay"


@dataclass(frozen=True, kw_only=True)
class OddsQuote:
    """One bookmaker's prices on one market of one match.

    `prices` are decimal odds: (home, draw, away) for 1x2, (home, away) for Asian handicap, (over, under) for
    over/under. `line` is None for 1x2; a negative handicap means that the home side gives. `line_rank` is 1
    for the main line. `source_time_utc` is when the source says the price was set, None where it does not.
    `bookmaker_id` is the source's own id in `bookmaker_namespace` (`titan-euro`, `titan-ah-ou`).
    """

    source: Source
    source_match_id: str
    bookmaker_namespace: str
    bookmaker_id: str
    bookmaker_name: str
    market: Market
    period: Period = Period.FULL_TIME
    phase: Phase
    line: float | None = None
    line_rank: int = 1
    prices: tuple[float, ...]
    suspended: bool = False
    source_time_utc: datetime | None
    captured_at: datetime

    @property
    def observed_at(self) -> datetime:
        """When the price held: the source's own time, or else the moment of capture."""
        return self.source_time_utc or self.captured_at
