"""Features, predictions, quality reports and signals."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from src.database.tables.declarative import Base


class FeatureRow(Base):
    """The features of one match under one version, built from what was known at `as_of`."""

    __tablename__ = "features"

    match_id: Mapped[int] = mapped_column(ForeignKey("matches.id"), primary_key=True)
    version: Mapped[str] = mapped_column(primary_key=True)
    as_of: Mapped[datetime]
    values: Mapped[dict[str, Any]]
    built_at: Mapped[datetime]


class PredictionRow(Base):
    """One model version's probabilities for one match; the same inputs make no second row."""

    __tablename__ = "predictions"

    id: Mapped[int] = mapped_column(primary_key=True)
    match_id: Mapped[int] = mapped_column(ForeignKey("matches.id"))
    model_name: Mapped[str]
    model_version: Mapped[str]
    features_version: Mapped[str]
    fingerprint: Mapped[str]
    predicted_at: Mapped[datetime]
    p_home: Mapped[float]
    p_draw: Mapped[float]
    p_away: Mapped[float]
    market_home: Mapped[float | None]
    market_draw: Mapped[float | None]
    market_away: Mapped[float | None]
    fire_id: Mapped[UUID | None]

    __table_args__ = (
        UniqueConstraint("match_id", "model_name", "model_version", "fingerprint"),
        Index("ix_predictions_match_id_predicted_at", "match_id", "predicted_at"),
    )


class QualityReportRow(Base):
    """The quality rules' verdict over a window of kick-offs."""

    __tablename__ = "quality_reports"

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str]
    window_start: Mapped[datetime]
    window_end: Mapped[datetime]
    checked: Mapped[int]
    passed: Mapped[int]
    score: Mapped[float]
    failures: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    fire_id: Mapped[UUID | None]


class SignalRow(Base):
    """What monitoring saw; open until `resolved_at`."""

    __tablename__ = "signals"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]
    severity: Mapped[str]
    message: Mapped[str]
    details: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(index=True)
    resolved_at: Mapped[datetime | None]
    fire_id: Mapped[UUID | None]
