"""What came in from outside, untouched, and what could not be read."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from src.database.tables.declarative import Base


class RawPayloadRow(Base):
    """One payload as it arrived (zlib-compressed); the same bytes of the same address are kept once.

    `flaw` says why none of it can be read. `fetched_at` and `fire_id` are of the first time.
    """

    __tablename__ = "raw_payloads"

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    kind: Mapped[str]
    url: Mapped[str]
    status: Mapped[int]
    headers: Mapped[dict[str, Any]]
    sha256: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    fetched_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    fire_id: Mapped[UUID | None]
    flaw: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("source", "url", "sha256"),
        Index("ix_raw_payloads_source_fetched_at", "source", "fetched_at"),
        Index("ix_raw_payloads_sha256", "sha256"),
    )


class RawFetchRow(Base):
    """One time that a payload was told: what it says, it says of that time."""

    __tablename__ = "raw_fetches"

    raw_id: Mapped[int] = mapped_column(ForeignKey("raw_payloads.id", ondelete="CASCADE"), primary_key=True)
    fetched_at: Mapped[datetime] = mapped_column(primary_key=True)
    fire_id: Mapped[UUID | None]

    __table_args__ = (Index("ix_raw_fetches_fetched_at", "fetched_at"),)


class QuarantineRow(Base):
    """A record that could not be read, with its raw bytes and the reason.

    `state` is `open`, `mended` (it can be read now) or `dropped` (somebody said that it need not be); `who`
    and `why` are of who dropped it.
    """

    __tablename__ = "quarantine"

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    kind: Mapped[str]
    record_key: Mapped[str]
    reason: Mapped[str]
    record: Mapped[bytes] = mapped_column(LargeBinary)
    raw_sha256: Mapped[str]
    seen: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    created_at: Mapped[datetime]
    fire_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(default="open", server_default=text("'open'"))
    ended_at: Mapped[datetime | None]
    who: Mapped[str | None]
    why: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("source", "kind", "record_key", "raw_sha256"),
        CheckConstraint("state in ('open', 'mended', 'dropped')", name="state"),
        Index("ix_quarantine_raw_sha256", "raw_sha256"),
    )
