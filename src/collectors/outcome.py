"""What all parsers hand back: every record of a page is a row or a rejected record."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from src.core.errors import SourceChanged
from src.domain.payload import Parsed, Rejected

Row = TypeVar("Row")

#: So many records, and none of them readable, is another structure and no accident of one record.
_ANOTHER_STRUCTURE = 5

#: What reading a record of another shape than the expected one comes to.
#: (The C library refuses far times with OSError.)
UNREADABLE = (ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError)


def parsed(rows: Iterable[Row], rejected: Sequence[Rejected], what: str) -> Parsed[Row]:
    """Return the outcome of a page; raise SourceChanged where it has many records and none can be read."""
    kept = tuple(rows)
    if not kept and len(rejected) >= _ANOTHER_STRUCTURE:
        raise SourceChanged(
            f"none of the {len(rejected)} records of {what} can be read: {rejected[0].reason}"
        )
    return Parsed(rows=kept, rejected=tuple(rejected))
