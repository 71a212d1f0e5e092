"""What became of a fire, as workers and Prefect tell it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from src.database.leadership import CHANNEL
from src.database.tables.schedule import FireRow
from src.domain.fire import OPEN, Fire, FireId, FireState

#: A fire whose worker vanished is begun again at most so many times.
MAX_ATTEMPTS = 3


def begin(session: Session, fire: FireId, worker: str, at: datetime, limit: timedelta) -> bool:
    """Claim `fire` for this worker; return False where it has run, or runs elsewhere, and must be left alone.

    A fire that was begun longer than `limit` ago has lost its worker and may be begun again.
    """
    open_to_us = or_(
        FireRow.state.in_((FireState.CLAIMED, FireState.SENT)),
        and_(
            FireRow.state == FireState.STARTED,
            FireRow.started_at < at - limit,
            FireRow.attempts < MAX_ATTEMPTS,
        ),
    )
    claimed = session.execute(
        update(FireRow)
        .where(FireRow.id == fire, open_to_us)
        .values(state=FireState.STARTED, started_at=at, worker=worker, attempts=FireRow.attempts + 1)
        .returning(FireRow.id)
    )
    return claimed.first() is not None


def release(session: Session, fire: FireId, reason: str, at: datetime) -> None:
    """Give a begun fire back at `at`, to be begun again by a retry of the same task."""
    session.execute(
        update(FireRow)
        .where(FireRow.id == fire, FireRow.state == FireState.STARTED)
        .values(state=FireState.SENT, reason=reason, sent_at=at)
    )


def finish(
    session: Session,
    fire: FireId,
    state: FireState,
    at: datetime,
    *,
    reason: str | None = None,
    result: Mapping[str, Any] | None = None,
    started_at: datetime | None = None,
) -> bool:
    """Close an open fire with its outcome; return False where it was closed before."""
    values: dict[str, Any] = {"state": state, "finished_at": at, "reason": reason}
    if result is not None:
        values["result"] = dict(result)
    if started_at is not None:
        values["started_at"] = func.coalesce(FireRow.started_at, started_at)
    closed = session.execute(
        update(FireRow)
        .where(FireRow.id == fire, FireRow.state.in_(OPEN))
        .values(values)
        .returning(FireRow.id)
    )
    return closed.first() is not None


def mark_started(session: Session, fire: FireId, at: datetime) -> None:
    """Record that Prefect has begun the flow run of a fire."""
    session.execute(
        update(FireRow)
        .where(FireRow.id == fire, FireRow.state.in_((FireState.CLAIMED, FireState.SENT)))
        .values(state=FireState.STARTED, started_at=at, attempts=FireRow.attempts + 1)
    )


def record_result(session: Session, fire: FireId, result: Mapping[str, Any]) -> None:
    """Keep what a flow run made beside its fire; its state comes from Prefect."""
    session.execute(update(FireRow).where(FireRow.id == fire).values(result=dict(result)))


def request(session: Session, fire: Fire, at: datetime) -> None:
    """Ask for a fire by hand: whoever leads sends it at once."""
    session.execute(
        insert(FireRow)
        .values(
            id=fire.id,
            entry=fire.entry,
            due_at=fire.due_at,
            by_hand=True,
            state=FireState.CLAIMED,
            epoch=0,
            parameters=fire.parameters,
            claimed_at=at,
        )
        .on_conflict_do_nothing()
    )
    session.execute(text("select pg_notify(:channel, :entry)"), {"channel": CHANNEL, "entry": fire.entry})


def find(session: Session, fire: FireId) -> FireRow | None:
    """Return the row of a fire."""
    return session.get(FireRow, fire)


def history(session: Session, entry: str, limit: int) -> Sequence[FireRow]:
    """Return the last fires of an entry, newest first."""
    return session.scalars(
        select(FireRow).where(FireRow.entry == entry).order_by(FireRow.due_at.desc()).limit(limit)
    ).all()
