"""What need not be fetched again: the port of the cache, and how long an answer holds."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol

from src.domain.match import Source
from src.domain.payload import Kept, Payload

_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?(\d{1,9})\b", re.IGNORECASE)
_ASK_FIRST = re.compile(r"(?:^|,)\s*no-(?:cache|store)\b", re.IGNORECASE)

#: What says how long a payload holds, and finds out whether it still does.
VALIDATORS = frozenset({"ETag", "Last-Modified", "Cache-Control", "Expires"})
#: The headers that are kept with a payload.
KEPT_HEADERS = (
    "Content-Type", "ETag", "Last-Modified", "Date", "Cache-Control", "Expires", "Age", "Retry-After",
)  # fmt: skip


class PayloadCache(Protocol):
    """Knows the payloads that were fetched before.

    It only reads: whoever fetches keeps them, before they are parsed.
    """

    def find(self, source: Source, url: str) -> Kept | None:
        """Return the newest payload of an address, None where there is none that could be read."""
        ...

    def load(self, kept: Kept) -> Payload | None:
        """Return the payload itself, None where it has been removed meanwhile."""
        ...


def is_fresh(kept: Kept, at: datetime, longest: timedelta) -> bool:
    """Whether the source itself said that it need not be asked again by `at`; never for over `longest`."""
    return timedelta(0) <= at - kept.seen_at < min(fresh_for(kept.headers), longest)


def conditions(kept: Kept) -> dict[str, str]:
    """Return the headers that ask for a payload only if it has changed; none where nothing allows it."""
    told = {name.lower(): value for name, value in kept.headers.items()}
    pairs = (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified"))
    return {condition: told[name] for condition, name in pairs if told.get(name)}


def fresh_for(headers: Mapping[str, str]) -> timedelta:
    """Return for how long an answer holds by its own headers; nothing where they do not say."""
    told = {name.lower(): value for name, value in headers.items()}
    control = told.get("cache-control", "")
    if _ASK_FIRST.search(control):
        return timedelta(0)
    found = _MAX_AGE.search(control)
    lasts = timedelta(seconds=int(found[1])) if found else _until_expiry(told)
    age = told.get("age", "").strip()
    return max(timedelta(0), lasts - timedelta(seconds=int(age) if re.fullmatch(r"[0-9]{1,9}", age) else 0))


def _until_expiry(told: Mapping[str, str]) -> timedelta:
    try:
        return parsedate_to_datetime(told["expires"]) - parsedate_to_datetime(told["date"])
    except (KeyError, ValueError, TypeError):
        return timedelta(0)
