"""What all payloads of Titan007 share: their encodings, their cells, and their two clocks."""

import html
import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from src.core.errors import BadData

#: China keeps one time and no summer time.
BEIJING = timezone(timedelta(hours=8))

#: Of GB18030 read as UTF-8 nearly every character is broken; one in so many is an accident within UTF-8.
_MOST_BROKEN = 10

_ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""")
_TAG = re.compile(r"<[^>]*>")
_SCRIPT_TIME = re.compile(r"(\d{4}),(\d{1,2})(?:\s*-\s*(\d))?,(\d{1,2}),(\d{1,2}),(\d{1,2})(?:,(\d{1,2}))?")


def decode(body: bytes) -> str:
    """Return the text of a payload: UTF-8 with or without a mark, or else GB18030.

    Raises BadData where it is neither, and where it is UTF-8 with a few broken characters: as GB18030 such a
    text has other names in it, and no error.
    """
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text = body.decode("utf-8-sig", "replace")
        broken = text.count("\ufffd")
        whole = len(text) - len(text.encode("ascii", "ignore")) - broken
        if broken * _MOST_BROKEN < whole:
            raise BadData(f"broken UTF-8: {error}") from error
    try:
        return body.removeprefix(b"\xef\xbb\xbf").decode("gb18030")
    except UnicodeDecodeError as error:
        raise BadData(f"neither UTF-8 nor GB18030: {error}") from error


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
