"""Many rows at once, by COPY: the fastest way into Postgres."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import psycopg2
from sqlalchemy.orm import Session

from src.core.errors import Transient

#: What stands for no value.
NULL = "\\N"
_SPECIAL = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_rows(session: Session, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append rows to a table in the session's transaction; constraints hold as for an insert.

    A value is None, a text, a number, a bool, an aware time, or a tuple of numbers for an array.
    `table` and `columns` are names of ours, never a source's. Raises Transient where the connection is lost:
    the session ends with it.
    """
    copy_in(session, table, columns, copy_lines(rows))


def copy_in(session: Session, table: str, columns: Sequence[str], lines: Iterable[str]) -> None:
    """Append rows told as lines of COPY's text format, as `copy_rows` does.

    They are made while Postgres reads those before them; what making one raises is raised here.
    """
    stream = _Lines(lines)
    if stream.is_empty:
        return
    cursor = session.connection().connection.cursor()
    try:
        cursor.copy_expert(f"copy {table} ({', '.join(columns)}) from stdin", stream)
    except psycopg2.OperationalError as error:
        if stream.failure is not None:
            # The driver tells what went wrong with a line as if Postgres had cancelled the statement.
            raise stream.failure from None
        session.invalidate()
        raise Transient(f"Postgres is not answering: {str(error).strip()}") from error
    finally:
        cursor.close()


def copy_lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yield rows as COPY reads them in its text format, a line each."""
    forms = _FORMS
    return ("\t".join([forms[type(value)](value) for value in row]) + "\n" for row in rows)


class _Lines:
    """Lines as the file that the driver reads, some at a time; `failure` is what kept one from being made."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.failure: BaseException | None = None
        self._next = self._some()

    @property
    def is_empty(self) -> bool:
        return not self._next

    def read(self, _: int) -> str:
        # Of any error here, a time limit's among them, the driver keeps no more than its words.
        try:
            told, self._next = self._next, ""
            return told or self._some()
        except BaseException as error:
            self.failure = error
            raise

    def _some(self) -> str:
        return "".join(islice(self._lines, _LINES_AT_ONCE))


class _Texts(dict[Any, str]):
    """The texts of values that come again and again: times, prices, names."""

    def __init__(self, make: Callable[[Any], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, value: Any) -> str:
        if len(self) >= _MOST_TEXTS:
            self.clear()
        text = self[value] = self._make(value)
        return text


_MOST_TEXTS = 20_000
_LINES_AT_ONCE = 100


def _text(value: str) -> str:
    return value.translate(_SPECIAL)


def _bool(value: bool) -> str:
    return "t" if value else "f"


def _null(value: None) -> str:
    return NULL


#: The text of an aware time.
time_text = _Texts(datetime.isoformat).__getitem__

#: The text of a number.
number_text = _Texts(repr).__getitem__


def array_text(values: tuple[float, ...]) -> str:
    """Return the text of an array of numbers."""
    return "{" + ",".join(map(number_text, values)) + "}"


_FORMS: dict[type, Callable[[Any], str]] = {
    str: _Texts(_text).__getitem__,
    int: repr,
    float: repr,
    bool: _bool,
    type(None): _null,
    datetime: time_text,
    tuple: _Texts(array_text).__getitem__,
}
