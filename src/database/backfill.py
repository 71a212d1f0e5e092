"""Claims due times of the past that never ran; the others keep their rows as they are."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import not_, select, text
from sqlalchemy.orm import Session

from src.database.recordset import recordset
from src.database.released import tell_of_ended
from src.database.schedule_edits import notify
from src.database.tables.schedule import FireRow
from src.domain.fire import UNRUN, Fire, FireState

_UNRUN = ", ".join(f"'{state}'" for state in UNRUN)

# A due time that Prefect has a run for is left alone: under the same key it would answer with that old run.
_CLAIM = text(f"""
    insert into fires (id, entry, due_at, by_hand, state, epoch, parameters, claimed_at)
    select r.id, r.entry, r.due_at, true, :state, 0, r.parameters, :at
    from json_to_recordset(cast(:rows as json))
        as r (id uuid, entry text, due_at timestamptz, parameters jsonb)
    order by r.due_at
    on conflict (entry, due_at) do update
    set by_hand = true, state = excluded.state, epoch = 0, parameters = excluded.parameters,
        claimed_at = excluded.claimed_at, sent_at = null, started_at = null, finished_at = null,
        attempts = 0, crashes = 0, worker = null, reason = null, result = null
    where fires.state in ({_UNRUN}) and fires.flow_run_id is null
    returning due_at
""")  # noqa: S608 - our own constants


def taken(session: Session, entry: str, times: Sequence[datetime]) -> set[datetime]:
    """Return those of the due times, sorted, whose rows a backfill must leave alone."""
    if not times:
        return set()
    in_range = FireRow.due_at.between(times[0], times[-1])
    unrun = FireRow.state.in_(UNRUN) & FireRow.flow_run_id.is_(None)
    found = session.scalars(select(FireRow.due_at).where(FireRow.entry == entry, in_range, not_(unrun)))
    return {at.astimezone(UTC) for at in found}


def claim(session: Session, fires: Sequence[Fire], state: FireState, at: datetime) -> list[Fire]:
    """Claim fires of one entry and wake the running Beats; return those that had not run meanwhile."""
    rows = recordset(
        {"id": fire.id, "entry": fire.entry, "due_at": fire.due_at, "parameters": fire.parameters}
        for fire in fires
    )
    written = session.scalars(_CLAIM, {"rows": rows, "state": state.value, "at": at})
    claimed = {due_at.astimezone(UTC) for due_at in written}
    for entry in {fire.entry for fire in fires}:
        notify(session, entry)
        # Those that wait in line go when whoever leads hears that there is a line.
        tell_of_ended(session, [entry])
    return [fire for fire in fires if fire.due_at in claimed]
