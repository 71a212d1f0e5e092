"""Fires that stop before their end: their flow run is paused, or their worker crashed."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from src.database.leadership import CHANNEL
from src.database.recordset import recordset
from src.database.released import tell_of_ended
from src.database.tables.schedule import FireRow
from src.domain.fire import FireId, FireState

#: Whoever names a worker and a time shows that the fire has not been begun anew since it was read.
_CRASH = text(f"""
    update fires f
    set state = case when again then '{FireState.CLAIMED}' else :end end,
        finished_at = case when again then null else cast(:at as timestamptz) end,
        sent_at = case when again then null else f.sent_at end,
        crashes = f.crashes + 1,
        reason = left(c.reason || case when again then '; it runs again' else '' end, 500)
    from json_to_recordset(cast(:rows as json))
             as c (id uuid, reason text, worker text, started_at timestamptz)
    join fires g on g.id = c.id
    left join schedule_entries e on e.name = g.entry,
         lateral (select g.crashes < coalesce(cast(e.policy ->> 'retries' as integer), 0) as again) r
    where f.id = c.id and f.state = '{FireState.STARTED}'
      and (c.worker is null or (f.worker = c.worker and f.started_at = c.started_at))
    returning f.id, f.entry, f.state
""")  # noqa: S608 - our own constants

_TELL = text("select pg_notify(:channel, :entry)")


class Crash(NamedTuple):
    """A begun fire whose worker is gone; where `worker` is given, only if that one still has it."""

    fire: FireId
    reason: str
    worker: str | None = None
    started_at: datetime | None = None


def crash(session: Session, crashes: Sequence[Crash], end: FireState, at: datetime) -> dict[FireId, str]:
    """Send crashed fires again as often as their entries' policies say; end the others in the state `end`.

    Returns the entries of those that ended. One that has no begun attempt is left alone.
    """
    rows = recordset(
        {"id": one.fire, "reason": one.reason, "worker": one.worker, "started_at": one.started_at}
        for one in crashes
    )
    found = session.execute(_CRASH, {"rows": rows, "end": end, "at": at}).all()
    ended = {FireId(id_): entry for id_, entry, state in found if state == end}
    tell_of_ended(session, list(ended.values()))
    _tell_of_waiting(session, [entry for _, entry, state in found if state != end])
    return ended


def pause(session: Session, fire: FireId, reason: str | None) -> bool:
    """Note that the flow run of a begun fire is suspended; return False where it was noted or has ended."""
    paused = session.execute(
        update(FireRow)
        .where(FireRow.id == fire, FireRow.state == FireState.STARTED)
        .values(state=FireState.PAUSED, reason=reason)
        .returning(FireRow.id)
    )
    return paused.first() is not None


def send_again(
    session: Session, fire: FireId, states: Sequence[FireState], reason: str | None = None
) -> bool:
    """Let the leader send a fire in one of `states` once more; return False where it is in none of them."""
    entries = session.scalars(
        update(FireRow)
        .where(FireRow.id == fire, FireRow.state.in_(states))
        .values(state=FireState.CLAIMED, reason=reason, sent_at=None)
        .returning(FireRow.entry)
    ).all()
    _tell_of_waiting(session, entries)
    return bool(entries)


def _tell_of_waiting(session: Session, entries: Sequence[str]) -> None:
    for entry in entries:
        session.execute(_TELL, {"channel": CHANNEL, "entry": entry})
