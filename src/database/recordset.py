"""Many rows in one statement: sent as one JSON text, read by `json_to_recordset`."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID


def recordset(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return `rows` as the JSON text that `json_to_recordset` takes; times keep their zone."""
    return json.dumps(list(rows), default=_plain, allow_nan=False)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form here")
