"""Texts as they may be stored."""

import re

#: Postgres holds no NUL, and no half of a surrogate pair, which JSON may spell out.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """Return the text; raise ValueError where it has a character that no database can hold."""
    found = _UNSTORABLE.search(text)
    if found is not None:
        raise ValueError(f"a character that cannot be stored: {found[0]!r}")
    return text
