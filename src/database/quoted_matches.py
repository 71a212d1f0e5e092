"""The matches that have quotes: a match is checked here once, and not with each of its quotes."""

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.orm import Session

_MARK = text("insert into quoted_matches select unnest(cast(:matches as bigint[])) on conflict do nothing")
_UNMARK = text("delete from quoted_matches where match_id = :match")


def mark_quoted(session: Session, matches: Collection[int]) -> None:
    """Say that these matches have quotes; from then on they cannot be deleted.

    Raises sqlalchemy.exc.IntegrityError where there is no such match.
    """
    if matches:
        session.execute(_MARK, {"matches": sorted(matches)})


def unmark_quoted(session: Session, match_id: int) -> None:
    """Say that a match has no quotes any more."""
    session.execute(_UNMARK, {"match": match_id})
