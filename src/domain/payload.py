"""What a source answered, and what could and could not be read of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from src.domain.match import Source

Row = TypeVar("Row", covariant=True)


@dataclass(frozen=True, kw_only=True)
class Payload:
    """One answer as it arrived; `kind` is `day`, `details`, `schedule`, `1x2`, `ah` or `ou`."""

    source: Source
    kind: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    sha256: str
    fetched_at: datetime


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
