"""Bookmakers and their quotes: Latest moves forward in time, History is append-only (ADR 11)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Float, ForeignKey, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from src.database.tables.declarative import Base


class BookmakerRow(Base):
    """A bookmaker, whatever number a source gives it.

    The `kind` is `bookmaker`, or `aggregate` for the best or mean price of many: no bookmaker's offer.
    """

    __tablename__ = "bookmakers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(server_default=text("'bookmaker'"))


class BookmakerIdRow(Base):
    """A bookmaker's number in one namespace (Titan007 has two)."""

    __tablename__ = "bookmaker_ids"

    namespace: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[str] = mapped_column(primary_key=True)
    bookmaker_id: Mapped[int] = mapped_column(ForeignKey("bookmakers.id"))


class QuotedMatchRow(Base):
    """A match that has quotes, or had: it stays while this row does.

    To check the match of each quote anew would take as long as all else that is done with a new line.
    """

    __tablename__ = "quoted_matches"

    match_id: Mapped[int] = mapped_column(ForeignKey("matches.id"), primary_key=True)


class OddsLatestRow(Base):
    """The latest pre-match quote of a line; its match is in `quoted_matches`.

    `captured_at` is when it was captured last, in History when it was first. `tied` where another quote of
    its phase and time is known. All quotes of the key in History were observed from `first_observed_at` to
    `last_observed_at`: of those months are the partitions to look into.
    """

    __tablename__ = "odds_latest"

    match_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bookmaker_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    market: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    line_rank: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    phase: Mapped[str]
    line: Mapped[float | None]
    prices: Mapped[list[float]] = mapped_column(ARRAY(Float))
    suspended: Mapped[bool] = mapped_column(server_default=text("false"))
    observed_at: Mapped[datetime]
    captured_at: Mapped[datetime]
    source: Mapped[str]
    tied: Mapped[bool] = mapped_column(server_default=text("false"))
    first_observed_at: Mapped[datetime]
    last_observed_at: Mapped[datetime]


#: What makes a quote one: it is in History or among the repeats, and once.
#: Match and time are what is asked for; numbers and times stand before texts, as they are found faster so.
_IDENTITY = (
    "match_id", "observed_at", "bookmaker_id", "line_rank", "market", "phase", "period", "line", "prices",
)  # fmt: skip


class _Sighting:
    """A price of a line as it was seen: what History and the repeats beside it have in common.

    Its match is in `quoted_matches`, its bookmaker's number from `bookmaker_ids` in the same transaction:
    neither is checked row for row.
    """

    match_id: Mapped[int]
    bookmaker_id: Mapped[int]
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

    # The identity has a column that may be empty, so it cannot be a primary key in the database.
    __mapper_args__ = {"primary_key": _IDENTITY}  # noqa: RUF012 - SQLAlchemy's own name and shape


class OddsHistoryRow(_Sighting, Base):
    """One change of a line; never updated. A partition for each month (UTC) of `observed_at`."""

    __tablename__ = "odds_history"

    __table_args__ = (
        UniqueConstraint(*_IDENTITY, name="uq_odds_history_quote", postgresql_nulls_not_distinct=True),
        {"postgresql_partition_by": "range (observed_at)"},
    )


class OddsRepeatRow(_Sighting, Base):
    """A later sighting of the price that History already holds.

    It is no change, so History has no row of it; it is kept because a payload that arrives late can put
    another price between the two, and then the sighting is a change after all.
    """

    __tablename__ = "odds_repeats"

    __table_args__ = (
        UniqueConstraint(*_IDENTITY, name="uq_odds_repeats_quote", postgresql_nulls_not_distinct=True),
    )
