"""Signals: one open row for each (kind, subject)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from src.database.locks import AdvisoryLock, take_turns
from src.database.tables.learning import SignalRow
from src.domain.fire import FireId
from src.domain.signal import Signal


def raise_signal(session: Session, signal: Signal, at: datetime, fire: FireId | None = None) -> int:
    """Write the signal, or renew the open one of the same kind and subject; return its id."""
    # Two that see no open row would write two.
    take_turns(session, AdvisoryLock.SIGNALS)
    row = open_signal(session, signal.kind, signal.subject)
    if row is None:
        row = SignalRow(kind=signal.kind, subject=signal.subject, created_at=at)
        session.add(row)
    row.severity, row.message, row.details, row.fire_id = (
        signal.severity, signal.message, signal.details, fire
    )  # fmt: skip
    session.flush()
    return row.id


def open_signal(session: Session, kind: str, subject: str) -> SignalRow | None:
    """Return the open signal of this kind and subject; nobody else writes it while the session lasts."""
    return session.scalars(
        select(SignalRow)
        .where(SignalRow.kind == kind, SignalRow.subject == subject, SignalRow.resolved_at.is_(None))
        .with_for_update()
    ).first()


def resolve_signal(session: Session, kind: str, subject: str, at: datetime, *, parts: bool = False) -> int:
    """Close the open signal of this kind and subject; return how many were closed.

    With `parts`, those of its parts too: `titan007/live` is one of `titan007`.
    """
    meant = SignalRow.subject == subject
    if parts:
        meant = or_(meant, SignalRow.subject.startswith(f"{subject}/", autoescape=True))
    closed = session.execute(
        update(SignalRow)
        .where(SignalRow.kind == kind, meant, SignalRow.resolved_at.is_(None))
        .values(resolved_at=at)
        .returning(SignalRow.id)
    )
    return len(closed.all())


def open_signals(session: Session, limit: int = 100) -> Sequence[SignalRow]:
    """Return the open signals, newest first."""
    return session.scalars(
        select(SignalRow)
        .where(SignalRow.resolved_at.is_(None))
        .order_by(SignalRow.created_at.desc())
        .limit(limit)
    ).all()
