"""Hand-made matches for feature tests."""

from datetime import UTC, datetime, timedelta

from src.domain.learning import MatchFacts
from src.domain.prediction import Probabilities

START = datetime(2025, 8, 1, 15, tzinfo=UTC)
NOW = START + timedelta(days=365)


def played(
    number: int,
    home: int,
    away: int,
    goals: tuple[int, int] | None,
    *,
    hours: float,
    shots: tuple[float, float] | None = None,
    market: Probabilities | None = None,
) -> MatchFacts:
    """A match of one competition that kicks off `hours` after START."""
    return MatchFacts(
        match_id=number,
        competition_id=1,
        season="2025-2026",
        kickoff_utc=START + timedelta(hours=hours),
        home_team_id=home,
        away_team_id=away,
        home_goals=goals and goals[0],
        away_goals=goals and goals[1],
        home_shots_on_target=shots and shots[0],
        away_shots_on_target=shots and shots[1],
        market=market,
    )
