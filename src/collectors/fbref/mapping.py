"""Turns FBref's rows into fixtures to align and figures."""

from src.collectors.alignment.align import Fixture
from src.collectors.fbref.parse import ScheduledMatch
from src.domain.match import SIDES, Source, TeamStat


def to_fixture(row: ScheduledMatch) -> Fixture | None:
    """Return what alignment needs; None for a match that has no page or no time yet."""
    if row.id is None or row.kickoff_utc is None:
        return None
    return Fixture(key=row.id, kickoff_utc=row.kickoff_utc, home=(row.home.name,), away=(row.away.name,))


def to_stats(row: ScheduledMatch) -> list[TeamStat]:
    """Return both sides' expected goals, where the page still has them."""
    return [
        TeamStat(
            source=Source.FBREF, source_match_id=row.id, side=side, period="ft",
            key="expected_goals", value=squad.xg, unit="xg",
        )
        for side, squad in zip(SIDES, (row.home, row.away), strict=True)
        if row.id is not None and squad.xg is not None
    ]  # fmt: skip
