"""What a source answered, and what could and could not be read of it."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from src.domain.match import Source

Row = TypeVar("Row", covariant=True)
Made = TypeVar("Made")


@dataclass(frozen=True, kw_only=True)
class Payload:
    """One answer as it arrived; `kind` is `day`, `1x2`, `ah` and so on, as in `collectors.readers`.

    `from_cache` is whether the bytes were kept from an earlier answer: the source said that they still hold.
    `is_whole` is false where it came to its end by its headers, and yet is cut short.
    """

    source: Source
    kind: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    sha256: str
    fetched_at: datetime
    from_cache: bool = False
    is_whole: bool = True


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What is kept of an address: the bytes' hash, the headers with them, when the source last had them."""

    source: Source
    url: str
    sha256: str
    headers: Mapping[str, str]
    seen_at: datetime


#: The key of a payload that could not be read at all.
WHOLE_PAYLOAD = "payload"


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """One record that could not be read: `key` finds it in its payload, `record` is its raw bytes."""

    key: str
    reason: str
    record: bytes


@dataclass(frozen=True, kw_only=True)
class Parsed(Generic[Row]):
    """The rows of a payload, and the records of it that are none."""

    rows: tuple[Row, ...]
    rejected: tuple[Rejected, ...] = ()

    def into(self, make: Callable[[Row], Iterable[Made]], key: Callable[[Row], str]) -> "Parsed[Made]":
        """Return the records that `make` makes of each row; where it raises ValueError the row is rejected.

        Such a row is rejected whole, with what was read of it in place of its raw bytes.
        """
        made: list[Made] = []
        refused: list[Rejected] = []
        for row in self.rows:
            try:
                made += make(row)
            except ValueError as error:
                refused.append(Rejected(key=key(row), reason=reason_of(error), record=_told(row)))
        return Parsed(rows=tuple(made), rejected=self.rejected + tuple(refused))


def reason_of(error: Exception) -> str:
    """Return an error in one line, as quarantine keeps it: a validation's without its links and inputs."""
    if isinstance(error, ValidationError):
        told = (f"{'.'.join(map(str, e['loc'])) or error.title}: {e['msg']}" for e in error.errors())
        return "; ".join(told)
    return f"{type(error).__name__}: {error}"


def _told(row: object) -> bytes:
    # A row may hold what no database and no encoding can, which is then why it is rejected.
    told = TypeAdapter(type(row)).dump_python(row, mode="json")
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(errors="backslashreplace")
