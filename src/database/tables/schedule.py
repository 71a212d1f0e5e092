"""The schedule, its leadership and the fire ledger."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from src.database.tables.declarative import Base


class ScheduleEntryRow(Base):
    """An entry of the catalog as the running schedule knows it."""

    __tablename__ = "schedule_entries"

    name: Mapped[str] = mapped_column(primary_key=True)
    cadence: Mapped[dict[str, Any]]
    runner: Mapped[str]
    target: Mapped[str]
    queue: Mapped[str]
    priority: Mapped[int]
    limit_s: Mapped[float]
    catch_up_s: Mapped[float]
    parameters: Mapped[dict[str, Any]]
    description: Mapped[str]
    enabled: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    disabled_reason: Mapped[str | None]
    revision: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    next_due: Mapped[datetime | None]
    synced_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("priority between 0 and 9", name="priority"),)


class LeadershipRow(Base):
    """The one leadership row: `epoch` grows with each leader and fences every ledger write."""

    __tablename__ = "leadership"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    epoch: Mapped[int]
    holder: Mapped[str]
    since: Mapped[datetime]


class FireRow(Base):
    """One due time of one entry, from claim to outcome."""

    __tablename__ = "fires"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    entry: Mapped[str]
    due_at: Mapped[datetime]
    by_hand: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    state: Mapped[str]
    epoch: Mapped[int]
    parameters: Mapped[dict[str, Any]]
    claimed_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    worker: Mapped[str | None]
    flow_run_id: Mapped[str | None]
    reason: Mapped[str | None]
    result: Mapped[dict[str, Any] | None]

    __table_args__ = (
        UniqueConstraint("entry", "due_at"),
        Index("ix_fires_open", "state", postgresql_where=text("state in ('claimed', 'sent', 'started')")),
        Index("ix_fires_due_at", "due_at"),
    )
