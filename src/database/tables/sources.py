"""What came in from outside, untouched, and what could not be read."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from src.database.tables.declarative import Base


class RawPayloadRow(Base):
    """One payload as it arrived (zlib-compressed); the same bytes of the same address are kept once."""

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

    __table_args__ = (
        UniqueConstraint("source", "url", "sha256"),
        Index("ix_raw_payloads_source_fetched_at", "source", "fetched_at"),
    )


class QuarantineRow(Base):
    """A record that could not be read, with its raw bytes and the reason."""

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

    __table_args__ = (UniqueConstraint("source", "kind", "record_key", "raw_sha256"),)
