"""How far a run that can pause has come."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from src.database.tables.declarative import Base


class FlowCheckpointRow(Base):
    """One item of one step of a run: arrived, and then done.

    `fire_id` is the run's fire; a flow run that was made by hand and has no fire goes by its own id.
    `raw_sha256` names the payload that arrived for the item: where an attempt ended before the item was
    `done`, the next one reads that and does not ask the source again.
    """

    __tablename__ = "flow_checkpoints"

    fire_id: Mapped[UUID] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    raw_sha256: Mapped[str | None]
    done: Mapped[bool] = mapped_column(default=True, server_default=text("true"))

    __table_args__ = (Index("ix_flow_checkpoints_at", "at"),)


class FlowSummaryRow(Base):
    """What one step of a run came to so far, over all its attempts: the numbers of a `SourceSummary`."""

    __tablename__ = "flow_summaries"

    fire_id: Mapped[UUID] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    numbers: Mapped[dict[str, Any]]
    at: Mapped[datetime]

    __table_args__ = (Index("ix_flow_summaries_at", "at"),)
