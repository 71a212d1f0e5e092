"""Links another source's fixtures to the canonical matches, once and for good."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from src.collectors.alignment.align import WINDOW, Fixture, align
from src.core.metrics import RECORDS
from src.database.matches import AlignmentCandidate, NewLink, alignment_candidates, store_links
from src.domain.match import Source
from src.pipeline.context import Context


def link_fixtures(ctx: Context, source: Source, fixtures: Iterable[tuple[str, Fixture]], at: datetime) -> int:
    """Align (FotMob competition id, fixture) pairs and store the links found; return how many are new.

    Fixtures and matches that are linked already keep their links and take no part.
    """
    by_competition: dict[str, list[Fixture]] = defaultdict(list)
    for competition, fixture in fixtures:
        by_competition[competition].append(fixture)
    if not by_competition:
        return 0
    kickoffs = [fixture.kickoff_utc for items in by_competition.values() for fixture in items]
    with ctx.database.session() as session:
        known = alignment_candidates(
            session, source, list(by_competition), min(kickoffs) - WINDOW, max(kickoffs) + WINDOW
        )
        links = [
            link for competition, items in by_competition.items()
            for link in _links(source, items, [c for c in known if c.competition == competition])
        ]  # fmt: skip
        stored = store_links(session, links, at)
    RECORDS.labels(source, "linked").inc(stored)
    return stored


def _links(source: Source, fixtures: list[Fixture], known: list[AlignmentCandidate]) -> list[NewLink]:
    linked = {candidate.linked for candidate in known}
    found = align(
        [fixture for fixture in fixtures if fixture.key not in linked],
        [_fixture(candidate) for candidate in known if candidate.linked is None],
    )
    return [
        NewLink(
            source=source,
            source_match_id=item.key,
            match_id=int(item.canonical),
            confidence=item.confidence,
        )
        for item in found
    ]


def _fixture(candidate: AlignmentCandidate) -> Fixture:
    return Fixture(
        key=str(candidate.match_id),
        kickoff_utc=candidate.kickoff_utc,
        home=candidate.home,
        away=candidate.away,
    )
