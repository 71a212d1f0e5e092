"""How far a run has come, item by item: what another worker needs to go on with the next one.

`run` is the run's fire, or the id of a flow run that was made by hand and has none. All marks are idempotent,
and belong in the transaction that stores what was made of the item.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from src.database.tables.checkpoints import FlowCheckpointRow as Row
from src.database.tables.checkpoints import FlowSummaryRow

#: The step whose one item is the beginning of the run's first attempt.
_BEGUN = "begun"


@dataclass(frozen=True, slots=True)
class Arrival:
    """The payload that arrived for an item, and when (aware)."""

    sha256: str
    at: datetime


def done(session: Session, run: UUID, step: str) -> set[str]:
    """Return the items of a step that are done."""
    return set(session.scalars(select(Row.item).where(Row.fire_id == run, Row.step == step, Row.done)))


def mark(session: Session, run: UUID, step: str, items: Iterable[str], at: datetime) -> None:
    """Mark items of a step as done at `at`; one that was done before stays as it is."""
    rows = [{"fire_id": run, "step": step, "item": item, "at": at} for item in sorted(set(items))]
    if rows:
        session.execute(
            insert(Row)
            .values(rows)
            .on_conflict_do_update(
                index_elements=[Row.fire_id, Row.step, Row.item], set_={"done": True}, where=~Row.done
            )
        )


def arrived(session: Session, run: UUID, step: str) -> dict[str, Arrival]:
    """Return what has arrived for the items of a step, done or not."""
    found = session.execute(
        select(Row.item, Row.raw_sha256, Row.at).where(
            Row.fire_id == run, Row.step == step, Row.raw_sha256.is_not(None)
        )
    )
    return {item: Arrival(sha256, at) for item, sha256, at in found if sha256 is not None}


def mark_arrived(session: Session, run: UUID, step: str, payloads: Mapping[str, Arrival]) -> None:
    """Note which payload arrived for each item of a step; the first one stays."""
    rows = [
        {"fire_id": run, "step": step, "item": item, "at": it.at, "raw_sha256": it.sha256, "done": False}
        for item, it in sorted(payloads.items())
    ]
    if rows:
        session.execute(insert(Row).values(rows).on_conflict_do_nothing())


def numbers(session: Session, run: UUID, step: str) -> dict[str, int]:
    """Return what a step has come to so far; nothing where it has not begun."""
    found = session.scalars(
        select(FlowSummaryRow.numbers).where(FlowSummaryRow.fire_id == run, FlowSummaryRow.step == step)
    ).first()
    return {} if found is None else {name: int(number) for name, number in found.items()}


def keep_numbers(session: Session, run: UUID, step: str, told: Mapping[str, int], at: datetime) -> None:
    """Write what a step has come to, in place of what it had come to before."""
    row = {"fire_id": run, "step": step, "numbers": dict(told), "at": at}
    statement = insert(FlowSummaryRow).values(row)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[FlowSummaryRow.fire_id, FlowSummaryRow.step],
            set_={"numbers": statement.excluded.numbers, "at": statement.excluded.at},
        )
    )


def claim(session: Session, run: UUID, at: datetime) -> bool:
    """Note that a run begins at `at`; return whether this is its first attempt, and nobody else's is."""
    row = {"fire_id": run, "step": _BEGUN, "item": "", "at": at}
    made = session.execute(insert(Row).values(row).on_conflict_do_nothing().returning(Row.fire_id))
    return made.first() is not None


def begin(session: Session, run: UUID, at: datetime) -> datetime:
    """Return when the run's first attempt began, which is `at` where this is the first."""
    claim(session, run, at)
    return session.scalars(select(Row.at).where(Row.fire_id == run, Row.step == _BEGUN)).one()


def drop_before(session: Session, before: datetime) -> int:
    """Delete what was marked before `before`; return how many items."""
    session.execute(delete(FlowSummaryRow).where(FlowSummaryRow.at < before))
    return len(session.scalars(delete(Row).where(Row.at < before).returning(Row.item)).all())
