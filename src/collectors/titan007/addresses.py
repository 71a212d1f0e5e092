"""What an address of Titan007, or of a gateway to it, asks for: a replay has nothing else to know it by."""

import re
from datetime import date
from urllib.parse import parse_qs, urlsplit

from src.core.errors import BadData

_SCRIPT = re.compile(r"/(\d+)\.js$")
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


def asked_day(url: str) -> date:
    """Return the Beijing date that a day list is of; raises BadData."""
    found = _DAY.search(urlsplit(url).path)
    if not found:
        raise BadData(f"{url} is no address of a day list, as Next_20260307.htm")
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError as error:
        raise BadData(f"{url} names no date: {error}") from error
