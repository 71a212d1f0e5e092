"""Many rows at once, as the driver reads them: without an object a row, and each time only once."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import psycopg2
from psycopg2.extensions import new_type, register_type
from sqlalchemy.orm import Session

from src.core.errors import Transient

_TIMESTAMPTZ = 1184

#: The times of many quotes are few, and to read one is a third of what it takes to read a row of them.
_time = lru_cache(maxsize=20_000)(datetime.fromisoformat)
_TIMES = new_type((_TIMESTAMPTZ,), "TIMES", lambda told, _: None if told is None else _time(told))


def read_rows(session: Session, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a query with `%(name)s` for its values, in the session's transaction; times are UTC.

    Raises Transient where the connection is lost: the session ends with it.
    """
    cursor: Any = session.connection().connection.cursor()
    register_type(_TIMES, cursor)
    try:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
    except psycopg2.OperationalError as error:
        session.invalidate()
        raise Transient(f"Postgres is not answering: {str(error).strip()}") from error
    finally:
        cursor.close()
