"""Matches of ours to link another source's fixtures to."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import text

from src.collectors.alignment.fixture import Fixture
from src.database.connection import Database
from src.database.matches import ToldMatch, store_matches
from src.domain.match import Source
from src.domain.team import SourceTeam
from src.pipeline.context import Context
from src.pipeline.linking import link_fixtures
from tests.integration.database.matches import KICKOFF, SEEN, coming_match

#: The competition of `coming_match`, by its id in the source that brings matches.
COMPETITION = "47"

Stored = Callable[..., int]


@pytest.fixture
def stored(database: Database) -> Stored:
    """Store a match of ours between two clubs and return its id."""

    def store(key: str, home: str, away: str, kickoff: datetime = KICKOFF) -> int:
        match = replace(
            coming_match(key, kickoff),
            home=SourceTeam(name=home, source_id=f"h-{home}"),
            away=SourceTeam(name=away, source_id=f"h-{away}"),
        )
        with database.session() as session:
            store_matches(session, [ToldMatch(match=match, seen_at=SEEN, watched=True)])
        return match_of(database, "fotmob", key)

    return store


def match_of(database: Database, source: str, key: str) -> int:
    found = links(database, source)
    return found[key]


def links(database: Database, source: str) -> dict[str, int]:
    query = text("select source_match_id, match_id from match_links where source = :source")
    with database.session() as session:
        return {row.source_match_id: row.match_id for row in session.execute(query, {"source": source})}


def told(key: str, home: str, away: str, kickoff: datetime = KICKOFF) -> tuple[str, Fixture]:
    """A fixture of another source, with its competition."""
    return COMPETITION, Fixture(key=key, kickoff_utc=kickoff, home=(home,), away=(away,))


def align(ctx: Context, source: Source, fixtures: Iterable[tuple[str, Fixture]], at: datetime) -> int:
    """Align fixtures of a source in a transaction of their own; return how many links are new."""
    with ctx.database.session() as session:
        return link_fixtures(session, source, fixtures, at)
