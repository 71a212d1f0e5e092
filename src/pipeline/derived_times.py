"""Times of football-data.co.uk's quotes: they follow from the kick-off, so they move with it."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from src.collectors.football_data.mapping import quote_times
from src.database.match_links import Kickoff, kickoffs
from src.database.odds_moved import retime_quotes
from src.domain.match import Source


def kickoff_for_quotes(told: Kickoff, ours: datetime) -> datetime:
    """Return the kick-off that a file's quotes are timed by: `told` is its own, `ours` another source's.

    Where the sources disagree, the earlier one keeps in-play prices out for sure.
    """
    return min(told.at, ours) if told.time_known else ours


def retime(session: Session, told: Mapping[int, Kickoff]) -> None:
    """Time the quotes of matches anew that the file told to kick off so, and another source now tells."""
    now = kickoffs(session, told.keys())
    for match_id, before in told.items():
        kickoff = kickoff_for_quotes(before, now[match_id].at)
        if kickoff != before.at:
            retime_quotes(session, match_id, Source.FOOTBALL_DATA, *quote_times(kickoff))
