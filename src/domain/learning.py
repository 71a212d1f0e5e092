"""What features are built from, and what learning and monitoring read back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from src.domain.prediction import Probabilities


@dataclass(frozen=True, kw_only=True)
class MatchFacts:
    """A match as feature builders see it: finished with its 90-minute goals, or coming with none.

    `market` is the de-vigged opening view of the bookmakers, where there is one. Shots on target are known
    only where a source had them.
    """

    match_id: int
    competition_id: int
    season: str
    kickoff_utc: datetime
    home_team_id: int
    away_team_id: int
    home_goals: int | None = None
    away_goals: int | None = None
    home_shots_on_target: float | None = None
    away_shots_on_target: float | None = None
    market: Probabilities | None = None


@dataclass(frozen=True, kw_only=True)
class FeatureSet:
    """The features of one match from what was known at `as_of`; None marks an unknown value."""

    match_id: int
    version: str
    as_of: datetime
    values: Mapping[str, float | None]


@dataclass(frozen=True, kw_only=True)
class LearningRow:
    """A finished match with its features, its label (0 home, 1 draw, 2 away) and the closing odds' view."""

    match_id: int
    kickoff_utc: datetime
    values: Mapping[str, float | None]
    label: int
    closing: Probabilities | None


@dataclass(frozen=True, kw_only=True)
class ComingFixture:
    """A scheduled match with its features (None where none are built) and the latest odds' view."""

    match_id: int
    kickoff_utc: datetime
    values: Mapping[str, float | None] | None
    latest: Probabilities | None


@dataclass(frozen=True, kw_only=True)
class ScoredPrediction:
    """The last prediction made before a match that is now finished, and how the match ended."""

    match_id: int
    kickoff_utc: datetime
    model_name: str
    model_version: str
    model: Probabilities
    market: Probabilities | None
    label: int


@dataclass(frozen=True, kw_only=True)
class PublishedPrediction:
    """The latest prediction of a match, with the names a reader wants."""

    match_id: int
    competition: str
    season: str
    kickoff_utc: datetime
    home_team: str
    away_team: str
    status: str
    model_name: str
    model_version: str
    predicted_at: datetime
    model: Probabilities
    market: Probabilities | None


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """How current the data is at one instant: what is there, and what should be there and is not.

    `overdue` matches kicked off more than six hours ago and have no outcome; `without_odds` kick off within
    a day and `without_prediction` within two. Times are None where there is nothing at all.
    """

    finished: int
    overdue: int
    next_day: int
    without_odds: int
    next_two_days: int
    without_prediction: int
    last_match_change: datetime | None
    last_odds: datetime | None
    last_prediction: datetime | None
