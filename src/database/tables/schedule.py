"""The schedule, its leadership and the fire ledger."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from src.database.tables.declarative import Base


class ScheduleEntryRow(Base):
    """An entry as it is in force: declared in the catalog, an operator's override laid over it.

    `declared` keeps what the catalog says of the columns that an override may change. `revision` grows with
    every declaration and every edit that changes the entry. `policy` holds the fields that differ from the
    default policy. `fired` counts fires, and failures count towards a pause, from `counted_from` on. An entry
    whose `origin` is not the catalog was put here by somebody else; no declaration touches it.
    """

    __tablename__ = "schedule_entries"

    name: Mapped[str] = mapped_column(primary_key=True)
    cadence: Mapped[dict[str, Any]]
    runner: Mapped[str]
    target: Mapped[str]
    queue: Mapped[str]
    priority: Mapped[int]
    limit_s: Mapped[float]
    policy: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    parameters: Mapped[dict[str, Any]]
    description: Mapped[str]
    enabled: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    disabled_reason: Mapped[str | None]
    revision: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    next_due: Mapped[datetime | None]
    fired: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    counted_from: Mapped[datetime] = mapped_column(server_default=func.now())
    synced_at: Mapped[datetime]
    declared: Mapped[dict[str, Any]]
    declared_at: Mapped[datetime]
    origin: Mapped[str] = mapped_column(default="catalog", server_default=text("'catalog'"))
    flow_runner: Mapped[str] = mapped_column(default="celery", server_default=text("'celery'"))

    # Each fire rewrites its entry's row: room in the page keeps that from touching an index.
    __table_args__ = (
        CheckConstraint("priority between 0 and 9", name="priority"),
        {"postgresql_with": {"fillfactor": 60}},
    )


class ScheduleOverrideRow(Base):
    """What an operator has changed of an entry; an empty column leaves what is declared.

    `parameters` and `policy` go over the declared ones, key by key. `revision` is the entry's, as the last
    edit left it.
    """

    __tablename__ = "schedule_overrides"

    entry: Mapped[str] = mapped_column(ForeignKey("schedule_entries.name"), primary_key=True)
    paused: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    pause_reason: Mapped[str | None]
    cadence: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    parameters: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    policy: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    priority: Mapped[int | None]
    revision: Mapped[int]
    updated_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("priority between 0 and 9", name="priority"),
        CheckConstraint("paused = (pause_reason is not null)", name="pause_reason"),
    )


class ScheduleAuditRow(Base):
    """One change of one entry: who, when, what and why, and the entry in force before and after."""

    __tablename__ = "schedule_audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    who: Mapped[str]
    action: Mapped[str]
    why: Mapped[str]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]

    __table_args__ = (Index("ix_schedule_audit_entry_at", "entry", "at"),)


class LeadershipRow(Base):
    """The one leadership row: `epoch` grows with each leader and fences every ledger write.

    `heartbeat_at` is the leader's last sign of life; from one that has been silent for `lease_s` seconds the
    lock may be taken.
    """

    __tablename__ = "leadership"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    epoch: Mapped[int]
    holder: Mapped[str]
    since: Mapped[datetime]
    heartbeat_at: Mapped[datetime] = mapped_column(server_default=func.now())
    lease_s: Mapped[float] = mapped_column(server_default=text("10"))


class FireRow(Base):
    """One due time of one entry, from claim to outcome.

    `attempts` is how often a worker has begun it, `crashes` how often that worker died or vanished.
    """

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
    crashes: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    worker: Mapped[str | None]
    flow_run_id: Mapped[str | None]
    reason: Mapped[str | None]
    result: Mapped[dict[str, Any] | None]

    __table_args__ = (
        UniqueConstraint("entry", "due_at"),
        # On what no state change before the last one touches, so that those rewrite the row in place; a
        # flow's fire gets its run besides, once.
        Index("ix_fires_unfinished", "entry", "due_at", postgresql_where=text("finished_at is null")),
        Index("ix_fires_due_at", "due_at"),
        Index("ix_fires_flow_run_id", "flow_run_id", postgresql_where=text("flow_run_id is not null")),
        Index("ix_fires_flow_finished_at", "finished_at", postgresql_where=text("flow_run_id is not null")),
        {"postgresql_with": {"fillfactor": 80}},
    )
