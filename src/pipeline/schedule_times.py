"""When stored entries are due: their cadence and policy, and the kick-offs that a density cadence follows."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from src.database.fixtures import kickoffs
from src.domain.entry import Cadence, Density, Entry
from src.scheduling.cadence import due_times, next_due_of

#: Kick-offs so far ahead of a due time are looked at, as Beat does.
_FORESIGHT = timedelta(days=2)


def kickoffs_for(
    session: Session, cadence: Cadence, since: datetime, until: datetime | None = None
) -> Sequence[datetime]:
    """Return the kick-offs that due times from `since` to `until` depend on; none where they do not."""
    if not isinstance(cadence, Density):
        return ()
    return kickoffs(session, since, (until or since) + _FORESIGHT)


def next_after(session: Session, entry: Entry, after: datetime) -> datetime | None:
    """Return the first due time of `entry` after `after`, None where there is none."""
    return next_due_of(entry, after, kickoffs_for(session, entry.cadence, after))


def times_between(
    entry: Entry, first: datetime, until: datetime, limit: int, known: Sequence[datetime] = ()
) -> list[datetime]:
    """Return the due times from `first`, itself one, to `until` at the latest; the last `limit` of them."""
    end = entry.policy.end
    return due_times(entry.cadence, first, until if end is None else min(until, end), limit, known)
