"""The records that quality rules look at."""

from dataclasses import dataclass
from datetime import datetime

from src.domain.match import MatchStatus, Score
from src.domain.odds import Market


@dataclass(frozen=True, kw_only=True)
class MatchRecord:
    """A stored match as of `now`; `quotes` counts its latest quotes, `watched` is of its competition."""

    match_id: int
    now: datetime
    kickoff_utc: datetime
    status: MatchStatus
    home_team_id: int
    away_team_id: int
    score_90: Score | None
    score_final: Score | None
    watched: bool
    quotes: int


@dataclass(frozen=True, kw_only=True)
class QuoteRecord:
    """A latest quote and the kick-off of its match."""

    match_id: int
    kickoff_utc: datetime
    market: Market
    line: float | None
    prices: tuple[float, ...]
    observed_at: datetime


@dataclass(frozen=True, kw_only=True)
class SourceRecord:
    """When a source last answered, None where it never did."""

    source: str
    now: datetime
    last_seen_at: datetime | None
