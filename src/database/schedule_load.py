"""The whole schedule read at once: a hundred thousand entries share what is equal in them."""

import json
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from sys import intern
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from src.core.errors import Misconfigured
from src.database import schedule as stored
from src.database.schedule_json import cadence_from_json, policy_from_json
from src.domain.entry import Cadence, Entry, FlowRunner, Runner
from src.domain.policy import Policy
from src.domain.ports import Scheduled

_Member = TypeVar("_Member", bound=StrEnum)

#: So many rows are held at a time beside what has been read.
_CHUNK = 2_000

_ENTRIES = """
    select e.name, e.cadence::text, e.runner, e.flow_runner, e.target, e.queue, e.priority, e.limit_s,
           e.policy::text, e.revision, e.fired, case when not e.enabled then e.disabled_reason end, e.next_due
    from schedule_entries e left join schedule_overrides o on o.entry = e.name
    where (e.enabled or (o.paused and e.disabled_reason = o.pause_reason))
      and (cast(%(names)s as text[]) is null or e.name = any(%(names)s))
"""


#: What all entries share in place of their parameters, which a claim returns.
_LEFT_OUT: dict[str, Any] = {}


def scheduled(session: Session, names: Collection[str] | None = None) -> list[Scheduled]:
    """Return the enabled and the paused entries, of `names` or all.

    Their parameters and descriptions are left out. An entry that cannot be read is disabled, visibly.
    """
    found: list[Scheduled] = []
    faults: dict[str, str] = {}
    before: datetime | None = None
    for row in _rows(session, None if names is None else list(names)):
        # Neighbours in the table tend to be due together, and then share that too.
        before = before if row[-1] == before else row[-1]
        try:
            found.append(_scheduled(before, *row[:-1]))
        except Misconfigured as error:
            faults[row[0]] = str(error)
    for name, fault in faults.items():
        stored.disable(session, name, fault)
    return found


def _rows(session: Session, names: list[str] | None) -> Iterator[tuple[Any, ...]]:
    """Read through a cursor of the driver's: SQLAlchemy's rows would take the memory of the whole result."""
    link: Any = session.connection().connection
    with link.cursor("schedule") as cursor:
        cursor.itersize = _CHUNK
        cursor.execute(_ENTRIES, {"names": names})
        yield from cursor


def _scheduled(
    next_due: datetime | None, name: str, cadence: str, runner: str, flow_runner: str, target: str,
    queue: str, priority: int, limit_s: float, policy: str, revision: int, fired: int, paused: str | None,
) -> Scheduled:  # fmt: skip
    entry = Entry(
        name=name,
        cadence=_cadence(cadence),
        runner=_member(Runner, runner),
        target=intern(target),
        queue=intern(queue),
        priority=priority,
        limit=_seconds(limit_s),
        parameters=_LEFT_OUT,
        policy=_policy(policy),
        flow_runner=_member(FlowRunner, flow_runner),
    )
    return Scheduled(entry=entry, next_due=next_due, revision=revision, fired=fired, paused=paused)


@lru_cache(maxsize=4_096)
def _cadence(stored_text: str) -> Cadence:
    return cadence_from_json(json.loads(stored_text))


@lru_cache(maxsize=4_096)
def _policy(stored_text: str) -> Policy:
    return policy_from_json(json.loads(stored_text))


@lru_cache(maxsize=1_024)
def _seconds(span: float) -> timedelta:
    return timedelta(seconds=span)


def _member(kind: type[_Member], stored_text: str) -> _Member:
    try:
        return kind(stored_text)
    except ValueError as error:
        raise Misconfigured(f"{error}; known are {', '.join(kind)}") from error
