"""Deletes what has served its time; opening and closing quotes, matches and fires stay for good.

Checkpoints of runs go by `src.database.checkpoints.drop_before`.
"""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

_PAYLOADS = text("""
    with gone as (
        delete from raw_payloads p where p.last_seen_at < :before
            and not exists (select from quarantine q where q.raw_sha256 = p.sha256)
        returning 1
    )
    select count(*) from gone
""")

# A price of a match to come is what its next sighting is compared with.
_HISTORY = text("""
    with gone as (
        delete from odds_history h using matches m
        where m.id = h.match_id and m.kickoff_utc < :before and h.phase = 'prematch'
        returning 1
    )
    select count(*) from gone
""")

_REPEATS = text("""
    with gone as (
        delete from odds_repeats r using matches m
        where m.id = r.match_id and m.kickoff_utc < :before
        returning 1
    )
    select count(*) from gone
""")

_SIGNALS = text("""
    with gone as (delete from signals where resolved_at < :before returning 1)
    select count(*) from gone
""")


def delete_payloads(session: Session, before: datetime) -> int:
    """Delete raw payloads last seen before `before`, but none that a quarantined record points at."""
    return int(session.execute(_PAYLOADS, {"before": before}).scalar_one())


def delete_fine_odds(session: Session, before: datetime) -> tuple[int, int]:
    """Delete the changes and repeats between opening and closing of matches played before `before`."""
    history = int(session.execute(_HISTORY, {"before": before}).scalar_one())
    return history, int(session.execute(_REPEATS, {"before": before}).scalar_one())


def delete_resolved_signals(session: Session, before: datetime) -> int:
    """Delete signals that were resolved before `before`."""
    return int(session.execute(_SIGNALS, {"before": before}).scalar_one())
