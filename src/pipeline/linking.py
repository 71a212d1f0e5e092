"""Links another source's fixtures to the canonical matches, once and for good; asks people where in doubt."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from src.collectors.alignment.align import REVIEW_WINDOW, Fixture, judge
from src.collectors.alignment.clubs import Clubs, known_clubs
from src.collectors.alignment.fixture import HALF_A_DAY
from src.core.metrics import ALIGNMENT_SUCCESS, ALIGNMENTS, RECORDS
from src.database.alignment_aliases import aliases
from src.database.alignment_links import CompetitionFacts, competition_facts
from src.database.alignment_reviews import keep_doubts, rejected_pairs, settle
from src.database.locks import AdvisoryLock, take_turns
from src.database.matches import AlignmentCandidate, NewLink, alignment_candidates, store_links
from src.domain.alignment import DoubtfulPair
from src.domain.match import Source


def link_fixtures(
    session: Session, source: Source, fixtures: Iterable[tuple[str, Fixture]], at: datetime
) -> int:
    """Align (FotMob competition id, fixture) pairs and store the links found; return how many are new.

    Fixtures and matches that are linked already keep their links and take no part, nor does a pair that a
    person has rejected. What is doubtful waits in `alignment_reviews`.
    """
    by_competition: dict[str, list[Fixture]] = defaultdict(list)
    for competition, fixture in {
        fixture.key: (competition, fixture) for competition, fixture in fixtures
    }.values():
        by_competition[competition].append(fixture)
    if not by_competition:
        return 0
    told = [fixture for items in by_competition.values() for fixture in items]
    first = min(fixture.kickoff_utc - fixture.slack for fixture in told)
    last = max(fixture.kickoff_utc + fixture.slack for fixture in told)
    # A person who rejects a pair meanwhile would find it linked after all.
    take_turns(session, AdvisoryLock.ALIGNMENT)
    reach = REVIEW_WINDOW + HALF_A_DAY
    known = alignment_candidates(session, source, list(by_competition), first - reach, last + reach)
    run = _read(session, source, by_competition, told)
    found = [
        run.judged(competition, items, [one for one in known if one.competition == competition])
        for competition, items in by_competition.items()
    ]
    links = [link for some, _ in found for link in some]
    doubts = [doubt for _, some in found for doubt in some]
    stored = store_links(session, links, at)
    keep_doubts(session, doubts, at)
    settle(session, source, [fixture.key for fixture in told], doubts)
    RECORDS.labels(source, "linked").inc(stored)
    _measure(source, told, known, links, doubts)
    return stored


def _read(
    session: Session, source: Source, by_competition: dict[str, list[Fixture]], told: Sequence[Fixture]
) -> "_Run":
    return _Run(
        source=source,
        clubs=clubs_as_told(session),
        facts=competition_facts(session, list(by_competition)),
        rejected=rejected_pairs(session, source, [fixture.key for fixture in told]),
    )


def clubs_as_told(session: Session) -> Clubs:
    """Return the clubs of our table with the names that operators have added."""
    names = aliases(session)
    return Clubs(names) if names else known_clubs()


@dataclass(frozen=True, kw_only=True)
class _Run:
    """What one run knows beside the fixtures."""

    source: Source
    clubs: Clubs
    facts: dict[str, CompetitionFacts]
    rejected: set[tuple[str, int]]

    def judged(
        self, competition: str, told: list[Fixture], known: list[AlignmentCandidate]
    ) -> tuple[list[NewLink], list[DoubtfulPair]]:
        """Return the links of one competition's fixtures, and every candidate of those that are doubtful."""
        linked = {candidate.linked for candidate in known}
        facts = self.facts.get(competition)
        left = [_placed(fixture, facts) for fixture in told if fixture.key not in linked]
        right = [_placed(_fixture(one), facts) for one in known if one.linked is None]
        rejected = {(key, str(match_id)) for key, match_id in self.rejected}
        verdict = judge(left, right, clubs=self.clubs, rejected=rejected)
        links = [
            NewLink(
                source=self.source,
                source_match_id=item.key,
                match_id=int(item.canonical),
                confidence=item.confidence,
            )
            for item in verdict.links
        ]
        by_key = {fixture.key: fixture for fixture in left}
        doubts = []
        for doubt in verdict.doubts:
            doubts.append(self._doubtful(by_key[doubt.key], doubt.canonical, doubt.confidence, doubt.reasons))
            if doubt.rival is not None and doubt.rival_confidence is not None:
                doubts.append(
                    self._doubtful(by_key[doubt.key], doubt.rival, doubt.rival_confidence, doubt.reasons)
                )
        return links, doubts

    def _doubtful(
        self, fixture: Fixture, canonical: str, confidence: float, reasons: tuple[str, ...]
    ) -> DoubtfulPair:
        return DoubtfulPair(
            source=self.source,
            source_match_id=fixture.key,
            kickoff_utc=fixture.kickoff_utc,
            home=fixture.home[0],
            away=fixture.away[0],
            match_id=int(canonical),
            confidence=confidence,
            reasons=reasons,
        )


def _placed(fixture: Fixture, facts: CompetitionFacts | None) -> Fixture:
    # Both sides are told to be of this competition: that settles its clubs' country and for whom it is.
    return replace(fixture, country=facts.country, gender=facts.gender) if facts else fixture


def _fixture(candidate: AlignmentCandidate) -> Fixture:
    return Fixture(
        key=str(candidate.match_id),
        kickoff_utc=candidate.kickoff_utc,
        home=candidate.home,
        away=candidate.away,
        slack=timedelta(0) if candidate.time_known else HALF_A_DAY,
    )


def _measure(
    source: Source,
    told: Sequence[Fixture],
    known: Sequence[AlignmentCandidate],
    links: Sequence[NewLink],
    doubts: Sequence[DoubtfulPair],
) -> None:
    """Count what became of the fixtures; the ratio is of our matches between their kick-offs."""
    keys = {fixture.key for fixture in told}
    linked = {one.linked for one in known if one.linked} | {link.source_match_id for link in links}
    doubtful = {doubt.source_match_id for doubt in doubts}
    ALIGNMENTS.labels(source, "linked").inc(len(links))
    ALIGNMENTS.labels(source, "doubtful").inc(len(doubtful))
    ALIGNMENTS.labels(source, "unmatched").inc(len(keys - linked - doubtful))
    first, last = (edge(fixture.kickoff_utc for fixture in told) for edge in (min, max))
    ours = [one for one in known if first <= one.kickoff_utc <= last]
    if ours:
        fresh = {link.match_id for link in links}
        found = sum(one.linked is not None or one.match_id in fresh for one in ours)
        ALIGNMENT_SUCCESS.labels(source).set(found / len(ours))
