"""What an address of Titan007, or of a gateway to it, asks for: a replay has nothing else to know it by."""

import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qs, urlsplit

from src.core.errors import BadData
from src.domain.odds import Market

#: The kind of payload that tells all changes of prices.
CHANGES = "changes"

_SCRIPT = re.compile(r"/(\d+)\.js$")
_HISTORY = re.compile(r"/changeDetail/(handicap|overunder)\.aspx$")
_HISTORIES = {"handicap": Market.ASIAN_HANDICAP, "overunder": Market.OVER_UNDER}
_DAY = re.compile(r"/(?:Over|Next)_(\d{4})(\d{2})(\d{2})\.htm$")


def asked_match(url: str) -> str:
    """Return the id of the match that a script, a page or a gateway's answer is about; raises BadData."""
    address = urlsplit(url)
    script = _SCRIPT.search(address.path)
    if script:
        return script[1]
    ids = parse_qs(address.query).get("id", [])
    if len(ids) != 1:
        raise BadData(f"{url} does not tell which match it is about: it has no id")
    return ids[0]


@dataclass(frozen=True, kw_only=True)
class AskedChanges:
    """The changes of a market that were asked for.

    `bookmaker` is the number on the pages of lines of the one whose they are; 1x2 scripts have those of all.
    """

    market: Market
    bookmaker: str | None = None


def asked_changes(url: str) -> AskedChanges:
    """Return whose changes on which market an address asks for: the page itself does not name the bookmaker.

    Raises BadData.
    """
    address = urlsplit(url)
    if _SCRIPT.search(address.path):
        return AskedChanges(market=Market.ONE_X_TWO)
    found, numbers = _HISTORY.search(address.path), parse_qs(address.query).get("companyID", [])
    if found is None or len(numbers) != 1:
        raise BadData(f"{url} is no address of a bookmaker's changes, as …/handicap.aspx?id=1&companyID=8")
    return AskedChanges(market=_HISTORIES[found[1]], bookmaker=numbers[0])


def asked_day(url: str) -> date:
    """Return the Beijing date that a day list is of; raises BadData."""
    found = _DAY.search(urlsplit(url).path)
    if not found:
        raise BadData(f"{url} is no address of a day list, as Next_20260307.htm")
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError as error:
        raise BadData(f"{url} names no date: {error}") from error
