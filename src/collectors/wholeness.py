"""Whether a page came to its end: half a page reads like a shorter one, and its rows do not tell; pure."""

from src.core.errors import BadData

_ROWS = (b"<tr", b"<table")
_ENDS = (b"</html", b"</body")


def is_whole(page: bytes) -> bool:
    """Whether a page of HTML is closed behind its last row.

    Its document has to be, or all the tables of an excerpt that begins no document. In UTF-8 and in GB18030
    tags are ASCII, and no part of another character.
    """
    text = page.lower()
    last_row = max(map(text.rfind, _ROWS))
    if any(_closed(text, end) > last_row for end in _ENDS):
        return True
    if b"<html" in text or b"<body" in text:
        return False
    return last_row < 0 or (
        text.count(b"<table") <= text.count(b"</table") and _closed(text, b"</table") > last_row
    )


def check_whole(page: bytes, what: str) -> None:
    """Raise BadData where a page is cut short: none of it is read, for its rows are not all."""
    if not is_whole(page):
        raise BadData(f"{what} is cut short")


def _closed(text: bytes, tag: bytes) -> int:
    """Return where a closing tag stands last, -1 where it does not or is cut itself."""
    place = text.rfind(tag)
    return place if place >= 0 and text.find(b">", place) >= 0 else -1
