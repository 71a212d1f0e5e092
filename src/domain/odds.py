"""Bookmakers' quotes."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from src.domain.match import SCHEMA_VERSION, Source
from src.domain.strict import STRICT, Name, UtcTime


class Market(StrEnum):
    """What is bet on: match result, Asian handicap, or total goals."""

    ONE_X_TWO = "1x2"
    ASIAN_HANDICAP = "ah"
    OVER_UNDER = "ou"

    @property
    def outcomes(self) -> int:
        """How many prices a quote on it has."""
        return 3 if self is Market.ONE_X_TWO else 2


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


#: Decimal odds: 1 would give the stake back and no more, and the longest that bookmakers write are 1001.
Price = Annotated[float, Field(gt=1, le=1001)]

#: Goals, in quarters; the longest lines of real bookmakers are far within.
Line = Annotated[float, Field(ge=-20, le=20, multiple_of=0.25)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class OddsQuote:
    """One bookmaker's prices on one market of one match.

    `prices` are decimal odds: (home, draw, away) for 1x2, (home, away) for Asian handicap, (over, under) for
    over/under. `line` is None for 1x2; a negative handicap means that the home side gives, and 0 is a line as
    any other. `line_rank` is 1 for the main line. A suspended quote may tell no prices and no line.
    `source_time_utc` is when the source says the price was set, None where it does not. `bookmaker_id` is the
    source's own id in `bookmaker_namespace` (`titan-euro`, `titan-ah-ou`). What does not fit raises a
    ValidationError, which is a ValueError.
    """

    source: Source
    source_match_id: Name
    bookmaker_namespace: Name
    bookmaker_id: Name
    bookmaker_name: Name
    market: Market
    period: Period = Period.FULL_TIME
    phase: Phase
    line: Line | None = None
    line_rank: Annotated[int, Field(ge=1)] = 1
    prices: tuple[Price, ...]
    suspended: bool = False
    source_time_utc: UtcTime | None
    captured_at: UtcTime
    schema_version: Literal[1] = SCHEMA_VERSION

    @model_validator(mode="after")
    def _fits_its_market(self) -> "OddsQuote":
        if self.suspended and not self.prices:
            return self
        if len(self.prices) != self.market.outcomes:
            raise ValueError(f"{len(self.prices)} prices on a market of {self.market.outcomes} outcomes")
        if (self.line is None) is not (self.market is Market.ONE_X_TWO):
            raise ValueError("no line" if self.line is None else "a line on a market without lines")
        return self

    @property
    def observed_at(self) -> UtcTime:
        """When the price held: the source's own time, or else the moment of capture."""
        return self.source_time_utc or self.captured_at
