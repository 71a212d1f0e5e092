"""Bookmakers and their quotes: Latest moves forward in time, History is append-only."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Float, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from src.database.tables.declarative import Base


class BookmakerRow(Base):
    """A bookmaker, whatever number a source gives it."""

    __tablename__ = "bookmakers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class BookmakerIdRow(Base):
    """A bookmaker's number in one namespace (Titan007 has two)."""

    __tablename__ = "bookmaker_ids"

    namespace: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[str] = mapped_column(primary_key=True)
    bookmaker_id: Mapped[int] = mapped_column(ForeignKey("bookmakers.id"))


class OddsLatestRow(Base):
    """The latest pre-match quote of a line."""

    __tablename__ = "odds_latest"

    match_id: Mapped[int] = mapped_column(ForeignKey("matches.id"), primary_key=True)
    bookmaker_id: Mapped[int] = mapped_column(ForeignKey("bookmakers.id"), primary_key=True)
    market: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    line_rank: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    phase: Mapped[str]
    line: Mapped[float | None]
    prices: Mapped[list[float]] = mapped_column(ARRAY(Float))
    suspended: Mapped[bool] = mapped_column(server_default=text("false"))
    observed_at: Mapped[datetime]
    captured_at: Mapped[datetime]


class _Sighting:
    """A price of a line as it was seen: what History and the repeats beside it have in common."""

    id: Mapped[int] = mapped_column(primary_key=True)
    match_id: Mapped[int] = mapped_column(ForeignKey("matches.id"))
    bookmaker_id: Mapped[int] = mapped_column(ForeignKey("bookmakers.id"))
    market: Mapped[str]
    period: Mapped[str]
    line_rank: Mapped[int]
    phase: Mapped[str]
    line: Mapped[float | None]
    prices: Mapped[list[float]] = mapped_column(ARRAY(Float))
    suspended: Mapped[bool] = mapped_column(server_default=text("false"))
    observed_at: Mapped[datetime]
    captured_at: Mapped[datetime]
    source: Mapped[str]
    fire_id: Mapped[UUID | None]


class OddsHistoryRow(_Sighting, Base):
    """One change of a line; never updated."""

    __tablename__ = "odds_history"

    __table_args__ = (
        UniqueConstraint(
            "match_id", "bookmaker_id", "market", "period", "line_rank", "phase", "observed_at", "line",
            "prices",
            name="uq_odds_history_quote",
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_odds_history_match_id_market_phase", "match_id", "market", "phase"),
    )  # fmt: skip


class OddsRepeatRow(_Sighting, Base):
    """A later sighting of the price that History already holds.

    It is no change, so History has no row of it; it is kept because a payload that arrives late can put
    another price between the two, and then the sighting is a change after all.
    """

    __tablename__ = "odds_repeats"

    __table_args__ = (
        UniqueConstraint(
            "match_id", "bookmaker_id", "market", "period", "line_rank", "phase", "observed_at", "line",
            "prices",
            name="uq_odds_repeats_quote",
            postgresql_nulls_not_distinct=True,
        ),
    )  # fmt: skip
