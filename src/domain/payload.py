"""What a source answered, and what could and could not be read of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from src.domain.match import Source

Row = TypeVar("Row", covariant=True)


@dataclass(frozen=True, kw_only=True)
class Payload:
    """One answer as it arrived; `kind` is `day`, `details`, `schedule`, `1x2`, `ah` or `ou`.

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
