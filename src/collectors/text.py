"""Texts as they may be stored."""

import re
from contextlib import suppress

#: Postgres holds no NUL, and no half of a surrogate pair, which JSON may spell out.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
HALVES = re.compile("[\ud800-\udfff]")


#: Of a text in another encoding nearly every character is broken; one in so many is an accident.
_MOST_BROKEN = 10


def text_in(encoding: str, body: bytes) -> str | None:
    """Return the text of a body in `encoding`, without UTF-8's mark; None where it is in another one.

    The bytes of a few broken characters are lone surrogates in it, which `storable` refuses: they spoil the
    records that they are in.
    """
    told = body.removeprefix(b"\xef\xbb\xbf")
    with suppress(UnicodeDecodeError):
        return told.decode(encoding)
    text = told.decode(encoding, "surrogateescape")
    broken = len(HALVES.findall(text))
    whole = len(text) - len(text.encode("ascii", "ignore")) - broken
    return text if broken * _MOST_BROKEN < whole else None


def storable(text: str) -> str:
    """Return the text; raise ValueError where it has a character that no database can hold."""
    found = _UNSTORABLE.search(text)
    if found is not None:
        raise ValueError(f"a character that cannot be stored: {found[0]!r}")
    return text
