"""Saved payloads as files: their bytes, and what their names tell of them."""

import gzip
import hashlib
import re
import zlib
from datetime import UTC, date, datetime
from pathlib import Path

from src.collectors.readers import About
from src.core.errors import BadData

_DAY = re.compile(r"(?<!\d)(20\d{2})-?([01]\d)-?([0-3]\d)(?!\d)")
_MATCH_ID = re.compile(r"(?<!\d)(\d{5,7})(?!\d)")

#: A page has a megabyte or two; what unpacks to more than this is no page.
_MOST_BYTES = 64 * 1024 * 1024


def read_payload(path: Path) -> bytes:
    """Return a payload's bytes, unpacked where the file is gzip; raises BadData, OSError."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        try:
            with gzip.open(file) if packed else file as unpacked:
                body = unpacked.read(_MOST_BYTES + 1)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise BadData(f"the gzip file is broken or cut short: {error}") from error
    if len(body) > _MOST_BYTES:
        raise BadData(f"more than {_MOST_BYTES} bytes, which no page of a source has")
    return body


def about_file(
    path: Path,
    body: bytes,
    *,
    day: date | None = None,
    kickoff: datetime | None = None,
    captured_at: datetime | None = None,
    match_id: str | None = None,
    bookmaker: str | None = None,
) -> About:
    """Return what is known of a saved payload: what is given, or else what its name and its time tell."""
    return About(
        sha256=hashlib.sha256(body).hexdigest(),
        captured_at=captured_at or datetime.fromtimestamp(int(path.stat().st_mtime), UTC),
        day=day or _named_day(path.name),
        kickoff=kickoff,
        match_id=match_id or _named_match(path.name),
        bookmaker=bookmaker,
    )


def _named_day(name: str) -> date | None:
    for found in _DAY.finditer(name):
        try:
            return date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            continue
    return None


def _named_match(name: str) -> str | None:
    found = _MATCH_ID.search(name)
    return found[1] if found else None
