"""What a payload has to look like from afar, before it counts as one."""

import re
from enum import StrEnum

from src.collectors.transport.refusals import Refused
from src.collectors.wholeness import is_whole
from src.core.errors import SourceChanged

_HEAD = 200
_TITLE_WITHIN = 20_000
_TITLE = re.compile(rb"<title[^>]*>(.{0,200}?)</title", re.IGNORECASE | re.DOTALL)
_NOT_FOUND_TITLE = re.compile(r"\b404\b|not found|找不到|不存在", re.IGNORECASE)
#: What stands before a site that wants to see a browser.
_CHALLENGE_TITLE = re.compile(r"just a moment|attention required|access denied", re.IGNORECASE)


class Expect(StrEnum):
    """What a payload has to look like; anything else means that the source has changed."""

    JSON = "JSON"
    HTML = "HTML"
    SCRIPT = "a script"


def check_shape(body: bytes, expect: Expect, what: str) -> None:
    """Raise SourceChanged where a body is not what was asked for, Refused where it is a challenge."""
    head = body[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()
    is_page = head[:1] == b"<"
    title = _title(body) if is_page else ""
    if _CHALLENGE_TITLE.search(title):
        raise Refused(f"{what} answered with a challenge to browsers ({title!r}): the source refuses us")
    if expect is Expect.JSON and head[:1] not in {b"{", b"["}:
        raise SourceChanged(f"{what} is not JSON")
    if expect is Expect.SCRIPT and is_page:
        raise SourceChanged(f"{what} is a page, not a script")
    if expect is Expect.HTML and not is_page:
        raise SourceChanged(f"{what} is not a page")
    if expect is Expect.HTML and _NOT_FOUND_TITLE.search(title):
        raise SourceChanged(f"{what} is a 404 page answered with 200")


def looks_whole(body: bytes, expect: Expect) -> bool:
    """Whether a body ends as one does; it may be cut short, however long its headers said that it is.

    A page is asked for again before it is refused; of scripts their readers see that they are cut.
    """
    if expect is Expect.HTML:
        return bool(body) and is_whole(body)
    return expect is Expect.SCRIPT or body[-_HEAD:].rstrip().endswith((b"}", b"]"))


def _title(body: bytes) -> str:
    found = _TITLE.search(body[:_TITLE_WITHIN])
    return found[1].decode("utf-8", "replace").strip() if found else ""
