"""Stores the matches that a source tells, beside what other sources have told of the same ones.

Whichever source comes first, the end is the same: each match once, with the link of each source; each club
once, where it is certain that two are one (`src.pipeline.one_club`); and of the two the competition's own
source, FotMob for those that are watched, tells the match's times, state and teams.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from src.collectors.alignment.told_fixture import of_match
from src.core.logging import get_logger
from src.database.clubs import drop_idle, of_several_sources, teams_of
from src.database.locks import AdvisoryLock, take_turns
from src.database.match_links import linked_matches, take_over
from src.database.matches import ToldMatch, store_matches
from src.domain.match import SourceMatch
from src.domain.team import SourceTeam
from src.pipeline.derived_times import retime
from src.pipeline.linking import link_fixtures
from src.pipeline.one_club import United, clubs_alike, join_doubled, unite_clubs

log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class StoredMatches:
    """What came of a source's matches: rows that `changed`, how many were `linked` to matches of others.

    `united` are the clubs and matches that were found to stand there twice.
    """

    changed: int = 0
    linked: int = 0
    united: United = field(default_factory=United)


def store_told(session: Session, told: Sequence[ToldMatch], at: datetime) -> StoredMatches:
    """Link, create or update a source's matches; `at` is now, for the links.

    A match of a watched competition that has no link yet is first aligned to those that other sources have
    brought. Of several tellings of a match the newest counts. All of `told` are of one source.
    """
    if not told:
        return StoredMatches()
    source = told[0].match.source
    watched = {item.match.source_match_id: item.match for item in told if item.watched}
    known = linked_matches(session, source, sorted(watched))
    if len(known) < len(watched):
        # What is being stored at this moment has to be seen too, or both would make the same match.
        for lock in (AdvisoryLock.ALIGNMENT, AdvisoryLock.MATCHES):
            take_turns(session, lock)
        known = linked_matches(session, source, sorted(watched))
    fresh = [match for key, match in watched.items() if key not in known]
    shared = of_several_sources(session, source, sorted({_competition(match) for match in fresh}))
    beside = [(_competition(match), of_match(match)) for match in fresh if _competition(match) in shared]
    linked = link_fixtures(session, source, beside, at)
    taken = take_over(session, source, sorted(watched))
    changed = store_matches(session, told)
    retime(session, {match.match_id: match.kickoff for match in taken})
    if not beside and not taken:
        return StoredMatches(changed=changed)
    competitions = sorted({_competition(match) for match in watched.values()})
    united = unite_clubs(session, competitions)
    ids = {_team_id(team) for match in fresh for team in (match.home, match.away)}
    told_of = teams_of(session, source, ids)
    # Kick-offs too far apart to be linked by are no matter where both clubs are known to be the same.
    united += join_doubled(session, told_of)
    told_of |= {team for match in taken for team in match.teams}
    drop_idle(session, told_of)
    for pair in clubs_alike(session, competitions, told_of):
        log.warning(
            "clubs_alike", competition=pair.competition, likeness=pair.likeness,
            clubs={club.team_id: club.name for club in (pair.one, pair.other)},
        )  # fmt: skip
    return StoredMatches(changed=changed + linked, linked=linked, united=united)


def _competition(match: SourceMatch) -> str:
    return match.competition.source_id


def _team_id(team: SourceTeam) -> str:
    return team.source_id or team.name
