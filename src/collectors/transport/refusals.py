"""What a source may answer instead of a payload, and what that asks of us."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from src.core.errors import SourceChanged, Transient
from src.domain.payload import Payload

#: 520 to 524 are Cloudflare's, for a site behind it that is away.
_PASSING = {408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524}
_REFUSING = {401, 403, 451}


class Refused(SourceChanged):
    """The source will not let us have this; asking again at once would be hammering."""


class Foreign(SourceChanged):
    """What came is something else than was asked for; `payload` is what came, to be kept and looked at."""

    def __init__(self, message: str, payload: Payload) -> None:
        super().__init__(message)
        self.payload = replace(payload, flaw=message)


class Again(Transient):
    """An attempt that may be made again, after `after_s` seconds if the source says so.

    `limited` is whether the source says that we ask too much.
    """

    def __init__(self, message: str, *, after_s: float | None = None, limited: bool = False) -> None:
        super().__init__(message)
        self.after_s, self.limited = after_s, limited


def check_status(status: int, headers: Mapping[str, str], what: str, now: datetime) -> None:
    """Raise what any other status than 200 means: Again, Refused, or SourceChanged."""
    if status in _PASSING:
        after_s = retry_after_s(headers.get("Retry-After"), now) if status in {429, 503} else None
        raise Again(f"{what} answered {status}", after_s=after_s, limited=status == 429)
    if status in _REFUSING:
        raise Refused(f"{what} answered {status}: the source refuses us")
    if status != 200:
        raise SourceChanged(f"{what} answered {status}")


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for (a number or an HTTP date), None without one."""
    if not header:
        return None
    text = header.strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now.timestamp())
