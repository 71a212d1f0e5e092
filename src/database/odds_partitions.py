"""The monthly partitions of `odds_history`, made when the first quote of a month arrives."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from src.database.reading import read_rows

_NAME = re.compile(r"odds_history_\d{4}_\d{2}")

_MISSING = "select name from unnest(%(names)s) name where to_regclass(name) is null"


def is_partition(table: str | None) -> bool:
    """Tell whether a table is one of the partitions: they come and go without a migration."""
    return table is not None and _NAME.fullmatch(table) is not None


def make_partitions(session: Session, instants: Iterable[datetime]) -> None:
    """Make the partitions of these instants' months (UTC) where they are missing.

    The caller holds the odds' advisory lock, or nobody else writes odds.
    """
    months = {(at.year, at.month) for at in (instant.astimezone(UTC) for instant in instants)}
    names = {f"odds_history_{year:04}_{month:02}": (year, month) for year, month in sorted(months)}
    for (name,) in read_rows(session, _MISSING, {"names": list(names)}):
        _make(session, name, *names[name])


def _make(session: Session, name: str, year: int, month: int) -> None:
    # Attached, not created in place: that would lock out the readers of all months until the commit.
    session.execute(text(f"create table {name} (like odds_history including all)"))
    after = (year + 1, 1) if month == 12 else (year, month + 1)
    session.execute(
        text(
            f"alter table odds_history attach partition {name}"
            f" for values from ('{_first(year, month)}') to ('{_first(*after)}')"
        )
    )


def _first(year: int, month: int) -> str:
    return datetime(year, month, 1, tzinfo=UTC).isoformat()
