"""Numbers of fixtures and labels of seasons, the same in every run over the same world."""

from datetime import datetime

from src.sandbox.world.competitions import Competition


def season_label(at: datetime) -> int:
    """Return the year in which the season of an instant began: the sources turn the label in July."""
    return at.year if at.month >= 7 else at.year - 1


def identify(competition: Competition, year: int, place: int) -> int:
    """Return the number of the fixture in `place` (from 0) of its season; `year` is when the season began."""
    return (year % 100) * 10_000 + competition.number * 1_000 + place
