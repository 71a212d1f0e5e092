"""What all payloads of Titan007 share: their encodings, their cells, and their two clocks."""

import html
import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from src.collectors.text import HALVES, text_in
from src.core.errors import BadData
from src.domain.payload import Rejected

#: China keeps one time and no summer time.
BEIJING = timezone(timedelta(hours=8))

_ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""")
_TAG = re.compile(r"<[^>]*>")
_SCRIPT_TIME = re.compile(r"(\d{4}),(\d{1,2})(?:\s*-\s*(\d))?,(\d{1,2}),(\d{1,2}),(\d{1,2})(?:,(\d{1,2}))?")


def decode(body: bytes) -> str:
    """Return the text of a payload: UTF-8 with or without a mark, or else GB18030.

    Read as GB18030, a UTF-8 text with a broken character would have other names in it, and no error. Raises
    BadData where a text is neither.
    """
    for encoding in ("utf-8", "gb18030"):
        if (text := text_in(encoding, body)) is not None:
            return text
    raise BadData("neither UTF-8 nor GB18030")


def refused(key: str, error: Exception, record: str) -> Rejected:
    """Return a record that `error` keeps from being read, of a text that `decode` returned."""
    return Rejected(
        key=HALVES.sub("\ufffd", key)[:100] or "?",
        reason=f"{type(error).__name__}: {error}",
        record=record.encode("utf-8", "surrogateescape"),
    )


def attributes(tag: str) -> dict[str, str]:
    """Return the attributes of a tag, names in lower case."""
    return {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(tag)}


def plain(cell: str) -> str:
    """Return the text of a cell without its tags."""
    return html.unescape(_TAG.sub("", cell)).replace("\xa0", " ").strip()


def script_time(text: str, zone: tzinfo = UTC) -> datetime:
    """Return the UTC time of a script's `"2025,10-1,18,11,30,00"` in `zone`; raises ValueError.

    The month is what JavaScript's Date takes, an expression whose value counts from 0: `10-1` is October,
    and so is `9`.
    """
    found = _SCRIPT_TIME.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"not a script's time: {text[:40]!r}")
    year, month, minus, day, hour, minute, second = (int(part or 0) for part in found.groups())
    return datetime(year, month - minus + 1, day, hour, minute, second, tzinfo=zone).astimezone(UTC)


def beijing_time(text: str) -> datetime | None:
    """Return the UTC time of `2026-08-18 21:09`; None for the year 1, which stands for unknown."""
    moment = datetime.strptime(text.strip(), "%Y-%m-%d %H:%M").replace(tzinfo=BEIJING)
    return None if moment.year == 1 else moment.astimezone(UTC)


def nearest_year(month: int, day: int, hour: int, minute: int, near: datetime) -> datetime:
    """Return the UTC time of a Beijing time without a year: that which is nearest to `near`."""
    return _nearest([(near.year + n, month, day, hour, minute) for n in (-1, 0, 1)], near)


def nearest_month(day: int, hour: int, minute: int, near: date) -> datetime:
    """Return the UTC time of a Beijing time that tells the day of the month alone, nearest to `near`."""
    noon = datetime(near.year, near.month, near.day, 12, tzinfo=BEIJING)
    months = [divmod(near.year * 12 + near.month - 1 + n, 12) for n in (-1, 0, 1)]
    return _nearest([(year, month + 1, day, hour, minute) for year, month in months], noon)


def _nearest(candidates: Iterable[tuple[int, int, int, int, int]], near: datetime) -> datetime:
    moments = []
    for parts in candidates:
        # The 31st is not in every month, the 29th of February not in every year.
        with suppress(ValueError):
            moments.append(datetime(*parts, tzinfo=BEIJING))
    if not moments:
        raise ValueError("no such day near the page's date")
    return min(moments, key=lambda moment: abs(moment - near)).astimezone(UTC)
