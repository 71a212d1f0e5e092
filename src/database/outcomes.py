"""What became of a fire, as workers and Prefect tell it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from src.database.leadership import CHANNEL
from src.database.recordset import recordset
from src.database.released import tell_of_ended
from src.database.tables.schedule import FireRow
from src.domain.fire import OPEN, Fire, FireId, FireState, fire_id

#: A fire whose worker vanished is begun again at most so many times.
MAX_ATTEMPTS = 3

#: A fire in one of these may be begun by any worker that holds its message.
WAITING = (FireState.CLAIMED, FireState.SENT, FireState.RETRIED)

#: What a worker may still say of a fire that was given up as lost.
_RAN = (FireState.SUCCEEDED, FireState.FAILED)

#: The parameters of a due time that passed are those its entry has now.
_SKIP_PASSED = text(f"""
    insert into fires
        (id, entry, due_at, by_hand, state, epoch, parameters, claimed_at, reason, finished_at)
    select r.id, e.name, r.due_at, false, '{FireState.SKIPPED}', 0, e.parameters, :at, :reason, :at
    from schedule_entries e, json_to_recordset(cast(:rows as json)) as r (id uuid, due_at timestamptz)
    where e.name = :entry
    on conflict do nothing
    returning id
""")  # noqa: S608 - our own constant


def begin(session: Session, fire: FireId, worker: str, at: datetime, limit: timedelta) -> bool:
    """Claim `fire` for this worker; return False where it has run, or runs elsewhere, and must be left alone.

    `worker` is "<Celery node name>/<pid>" where the node shows life (see `src.database.vanished`). A fire
    that was begun longer than `limit` ago has lost its worker and may be begun again; one that is buffered
    may not be begun before a leader claims it.
    """
    open_to_us = or_(
        FireRow.state.in_(WAITING),
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


def give_back(
    session: Session, fire: FireId, reason: str, at: datetime, *, to: FireState = FireState.RETRIED
) -> None:
    """Give a begun fire back at `at`: its attempt failed for `reason`, and a message asks for the next one.

    `to` is `SENT` where the attempt was none and another task goes on under the fire's id.
    """
    session.execute(
        update(FireRow)
        .where(FireRow.id == fire, FireRow.state == FireState.STARTED)
        .values(state=to, reason=reason, sent_at=at)
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
    """Close an open fire with its outcome; return False where it was closed before.

    The first outcome stands, with one exception: `lost` is what the leader concluded from a silence, so that
    a worker which then says that the fire succeeded or failed knows better and its word replaces the guess.
    Whoever leads is told where another fire of the entry has waited for this one's end.
    """
    values: dict[str, Any] = {"state": state, "finished_at": at, "reason": reason}
    if result is not None:
        values["result"] = dict(result)
    if started_at is not None:
        values["started_at"] = func.coalesce(FireRow.started_at, started_at)
    ends = (*OPEN, FireState.LOST) if state in _RAN else OPEN
    entries = session.scalars(
        update(FireRow)
        .where(FireRow.id == fire, FireRow.state.in_(ends))
        .values(values)
        .returning(FireRow.entry)
    ).all()
    tell_of_ended(session, entries)
    return bool(entries)


def mark_started(session: Session, fire: FireId, at: datetime) -> None:
    """Record that Prefect has begun the flow run of a fire."""
    session.execute(
        update(FireRow)
        .where(FireRow.id == fire, FireRow.state.in_((*WAITING, FireState.PAUSED)))
        .values(state=FireState.STARTED, started_at=at, attempts=FireRow.attempts + 1)
    )


def record_result(session: Session, fire: FireId, result: Mapping[str, Any]) -> None:
    """Keep what a flow run made beside its fire; its state comes from Prefect."""
    session.execute(update(FireRow).where(FireRow.id == fire).values(result=dict(result)))


def request(session: Session, fire: Fire, at: datetime, flow_run_id: str | None = None) -> None:
    """Ask for a fire by hand: whoever leads sends it at once; `flow_run_id` names the run it has already."""
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
            flow_run_id=flow_run_id,
        )
        .on_conflict_do_nothing()
    )
    session.execute(text("select pg_notify(:channel, :entry)"), {"channel": CHANNEL, "entry": fire.entry})


def skip_passed(session: Session, entry: str, times: Sequence[datetime], reason: str, at: datetime) -> int:
    """Write down due times (aware) that passed while `entry` was paused and nobody led; return how many.

    A due time that has a row keeps it.
    """
    rows = recordset({"id": fire_id(entry, due_at), "due_at": due_at} for due_at in times)
    written = session.execute(_SKIP_PASSED, {"entry": entry, "rows": rows, "reason": reason, "at": at})
    return len(written.all())


def find(session: Session, fire: FireId) -> FireRow | None:
    """Return the row of a fire."""
    return session.get(FireRow, fire)


def history(session: Session, entry: str, limit: int) -> Sequence[FireRow]:
    """Return the last fires of an entry, newest first."""
    return session.scalars(
        select(FireRow).where(FireRow.entry == entry).order_by(FireRow.due_at.desc()).limit(limit)
    ).all()
