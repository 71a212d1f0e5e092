"""Reads what FotMob's own pages tell about themselves; pure."""

import json
import re

from src.collectors.fotmob.document import next_data
from src.core.errors import SourceChanged

_BUILD_ID = re.compile(r"[\w.~-]{1,100}")


def build_id(body: bytes) -> str:
    """Return the `buildId` that stands in the addresses of a page's data; raises SourceChanged."""
    found = next_data(body)
    if found is None:
        raise SourceChanged("the FotMob page has no script `__NEXT_DATA__`")
    try:
        told = json.loads(found)["buildId"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise SourceChanged(f"the FotMob page's `__NEXT_DATA__` has no `buildId`: {error}") from error
    # It becomes part of an address: nothing in it may lead elsewhere.
    if not isinstance(told, str) or not _BUILD_ID.fullmatch(told) or told.strip(".") == "":
        raise SourceChanged(f"the FotMob page's `buildId` is none: {str(told)[:40]!r}")
    return told


def redirect(body: bytes) -> str | None:
    """Return the path that a page's data lead on to, None where they are the data themselves."""
    try:
        target = json.loads(body)["pageProps"]["__N_REDIRECT"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    path = str(target).split("#", 1)[0].split("?", 1)[0]
    return path if path.startswith("/") and not path.startswith("//") and ".." not in path else None
