"""Kick-offs to come, for cadences that follow them."""

from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from src.domain.match import MatchStatus

#: Told on the schedule's channel when a watched match is new, or has another kick-off or status.
FIXTURES_CHANGED = "@fixtures"

_OFF = [
    status.value
    for status in (MatchStatus.POSTPONED, MatchStatus.CANCELLED, MatchStatus.ABANDONED, MatchStatus.AWARDED)
]

_KICKOFFS = text("""
    select m.kickoff_utc
    from matches m join competitions c on c.id = m.competition_id and c.watched
    where m.kickoff_utc between :since and :until and not m.status = any(:off)
    order by m.kickoff_utc
""")


def kickoffs(session: Session, since: datetime, until: datetime) -> list[datetime]:
    """Return the kick-offs (UTC, sorted) of watched matches from `since` to `until`, both ends included.

    Matches that are put off or called off do not count: nobody quotes them.
    """
    found = session.scalars(_KICKOFFS, {"since": since, "until": until, "off": _OFF})
    return [kickoff.astimezone(UTC) for kickoff in found]
