"""Reads the JSON of an odds gateway, `{TITAN_BASE_URL}/{euro,handicap,overunder}` (the `api` dialect); pure.

Its fields are known by name only: `cid`, `cname`, `h`, `d`, `a`, `l`, `o`, `u`, `utime`. The rest is assumed:

- the answer is a list of objects, or has that list under `data`, `odds`, `list`, `result` or `items`;
- one object is what one bookmaker quotes now: `h d a` (1x2, decimal), `h l a` (handicap) or `o l u` (total)
  with Hong Kong prices, as on the site; `l` above 0 means that the home side gives;
- `cid` is the bookmaker's number on the site's page of that market, and `utime` is when the price was set: a
  Unix time in seconds or milliseconds, ISO 8601, or `2026-03-07 22:59[:30]`, which is Beijing's.
"""

import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from src.collectors.outcome import UNREADABLE, parsed
from src.collectors.text import storable
from src.collectors.titan007.text import BEIJING, decode
from src.core.errors import BadData, SourceChanged
from src.domain.odds import Market
from src.domain.payload import Parsed, Rejected

_LISTS = ("data", "odds", "list", "result", "items")
_FIELDS = {
    Market.ONE_X_TWO: ("h", "d", "a"),
    Market.ASIAN_HANDICAP: ("h", "l", "a"),
    Market.OVER_UNDER: ("o", "l", "u"),
}
#: A Unix time above this is in milliseconds: in seconds it would be in the year 5138.
_SECONDS = 100_000_000_000


@dataclass(frozen=True, kw_only=True)
class GatewayQuote:
    """What a bookmaker quotes: decimal (home, draw, away), or Hong Kong price, line, Hong Kong price.

    `values` is None where the gateway tells nulls or noughts: the market is sealed.
    """

    bookmaker: str
    name: str
    values: tuple[float, float, float] | None
    at: datetime | None


def is_gateway(body: bytes) -> bool:
    """Whether a payload is JSON, and so none of the site's."""
    return body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"{", b"["}


def parse_gateway(body: bytes, market: Market) -> Parsed[GatewayQuote]:
    """Read an answer on a market; raises BadData on broken JSON, SourceChanged where there is no list."""
    try:
        document = json.loads(decode(body))
    except (ValueError, RecursionError) as error:
        raise BadData(f"broken JSON: {error}") from error
    items = _items(document)
    rows: list[GatewayQuote] = []
    rejected: list[Rejected] = []
    for item in items:
        try:
            rows.append(_quote(item, market))
        except UNREADABLE as error:
            key = str((item.get("cid") if isinstance(item, dict) else None) or "?")
            record = json.dumps(item, ensure_ascii=False).encode(errors="backslashreplace")
            rejected.append(Rejected(key=key, reason=f"{type(error).__name__}: {error}", record=record))
    return parsed(rows, rejected, "the gateway's answer")


def _items(document: Any) -> list[Any]:
    if isinstance(document, dict):
        document = next((document[name] for name in _LISTS if isinstance(document.get(name), list)), None)
    if not isinstance(document, list):
        raise SourceChanged("the gateway's answer is no list of quotes and has none")
    return document


def _quote(item: dict[str, Any], market: Market) -> GatewayQuote:
    number = str(item["cid"]).strip()
    if not re.fullmatch(r"[0-9]{1,12}", number):
        raise ValueError(f"not a bookmaker's number: {number[:20]!r}")
    return GatewayQuote(
        bookmaker=number,
        name=storable(str(item.get("cname") or "").strip()),
        values=_values([item.get(name) for name in _FIELDS[market]], market),
        at=_time(item.get("utime")),
    )


def _values(told: list[Any], market: Market) -> tuple[float, float, float] | None:
    prices = told if market is Market.ONE_X_TWO else [told[0], told[2]]
    if all(price in (None, "", 0, "0") for price in prices):
        return None
    first, second, third = (float(value) for value in told)
    if not all(map(math.isfinite, (first, second, third))):
        raise ValueError("not a finite price or line")
    return first, second, third


def _time(told: Any) -> datetime | None:
    if told in (None, "", 0):
        return None
    text = str(told).strip()
    if re.fullmatch(r"[0-9]{9,14}", text):
        seconds = int(text) / 1000 if int(text) > _SECONDS else int(text)
        return datetime.fromtimestamp(seconds, UTC)
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)).astimezone(UTC)
