"""The one statement by which due times become rows: fence, moves, rows, and marks of what was sent."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text

from src.domain.fire import FireId, FireState
from src.domain.ports import Due, Step

#: Whoever is not the leader any more writes nothing; an entry that has been edited is left as it is.
CLAIM = text(f"""
    with leader as (
        select epoch from leadership where id = 1 and epoch = :epoch for share
    ), step as (
        select * from unnest(
            cast(:names as text[]), cast(:revisions as bigint[]), cast(:was as timestamptz[]),
            cast(:next_due as timestamptz[]), cast(:fired as bigint[])
        ) as s (name, revision, was, next_due, fired)
    ), moved as (
        update schedule_entries e set next_due = s.next_due, fired = e.fired + s.fired
        from leader, step s
        where e.name = s.name and e.revision = s.revision and e.next_due is not distinct from s.was
        returning e.name, e.parameters
    ), written as (
        insert into fires (id, entry, due_at, state, epoch, parameters, claimed_at, reason, finished_at)
        select d.id, m.name, d.due_at, d.state, :epoch, m.parameters, :at, d.reason,
               case when d.state not in ('{FireState.CLAIMED}', '{FireState.BUFFERED}')
                    then cast(:at as timestamptz) end
        from unnest(
            cast(:ids as uuid[]), cast(:entries as text[]), cast(:due_at as timestamptz[]),
            cast(:states as text[]), cast(:reasons as text[])
        ) as d (id, entry, due_at, state, reason)
        join moved m on m.name = d.entry
        on conflict do nothing
        returning id
    ), marked as (
        update fires f set state = '{FireState.SENT}', sent_at = :at
        from leader
        where f.id = any(cast(:sent as uuid[])) and f.state = '{FireState.CLAIMED}'
    )
    select (select count(*) from leader),
           array(select name from step except select name from moved),
           coalesce((select json_object_agg(name, parameters) from moved where parameters <> '{{}}'), '{{}}'),
           array(select unnest(cast(:ids as uuid[])) except select id from written)::text[]
""")  # noqa: S608 - our own constants


def claim_values(
    epoch: int, due: Sequence[Due], steps: Mapping[str, Step], sent: Iterable[FireId], at: datetime
) -> dict[str, Any]:
    """Return what `CLAIM` asks for."""
    moves = steps.values()
    return {
        "epoch": epoch,
        "at": at,
        "names": list(steps),
        "revisions": _array(step.revision for step in moves),
        "was": _array(_time(step.was) for step in moves),
        "next_due": _array(_time(step.next_due) for step in moves),
        "fired": _array(step.fired for step in moves),
        "ids": _array(one.fire.id for one in due),
        "entries": [one.fire.entry for one in due],
        "due_at": _array(_time(one.fire.due_at) for one in due),
        "states": _array(one.state.value for one in due),
        "reasons": [one.reason for one in due],
        "sent": _array(sent),
    }


def _array(values: Iterable[object]) -> str:
    """Return an array literal of values that need no quotes."""
    return "{" + ",".join(map(str, values)) + "}"


def _time(at: datetime | None) -> str:
    return "null" if at is None else f'"{at.isoformat()}"'
