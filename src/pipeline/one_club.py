"""Makes one club of two that sources have brought apart, where it is certain that they are one.

Certain is: both play in one competition, no source knows both, they have never met, and either their names
are the same (`src.collectors.alignment.one_name`) or two linked matches say so and none says otherwise.
Matches of theirs that stand twice then become one as well.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from src.collectors.alignment.nations import country_code
from src.collectors.alignment.one_name import certain_pairs, perhaps_one
from src.core.logging import get_logger
from src.database.clubs import Club, clubs_agreed_on, clubs_of, unite, what_keeps_apart
from src.database.doubled_matches import doubled_matches, join_matches
from src.database.match_links import kickoffs
from src.pipeline.derived_times import retime
from src.pipeline.linking import clubs_as_told

log = get_logger(__name__)

Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True)
class United:
    """What became one: pairs of clubs and of matches, each as (the one that stays, the one that is gone)."""

    clubs: Pairs = ()
    matches: Pairs = ()

    def __add__(self, other: "United") -> "United":
        """Put two parts together."""
        return United(clubs=self.clubs + other.clubs, matches=self.matches + other.matches)


@dataclass(frozen=True, kw_only=True)
class ClubsAlike:
    """Two clubs of one competition, brought by different sources, that may be one; `likeness` in 0..1."""

    competition: str
    one: Club
    other: Club
    likeness: float


def unite_clubs(session: Session, competitions: Sequence[str]) -> United:
    """Make one of the clubs in these competitions that are one for certain; leave all others."""
    united = United()
    # What has become one can make others certain: two matches then agree, or a doubled one is one.
    while done := _unite(session, competitions):
        united += done
    if united.clubs:
        log.info("clubs_united", competitions=competitions, clubs=united.clubs, matches=united.matches)
    return united


def _unite(session: Session, competitions: Sequence[str]) -> United | None:
    known = clubs_as_told(session)
    pairs = clubs_agreed_on(session, competitions)
    for clubs in _by_competition(clubs_of(session, competitions)):
        names = {club.team_id: club.names for club in clubs}
        pairs += certain_pairs(names, country_code(clubs[0].country), known)
    united = unite_pairs(session, (pair for pair in pairs if not any(what_keeps_apart(session, *pair))))
    return united if united.clubs else None


def unite_pairs(session: Session, pairs: Iterable[tuple[int, int]]) -> United:
    """Make one club of each pair, and one match of each that stands twice by it."""
    became: dict[int, int] = {}
    clubs = []
    for one, other in pairs:
        # A pair with a club that is gone is judged anew, by the next round.
        if one in became or other in became:
            continue
        keep = unite(session, one, other)
        gone = other if keep == one else one
        became[gone] = keep
        clubs.append((keep, gone))
    return United(clubs=tuple(clubs)) + join_doubled(session, set(became.values()))


def join_doubled(session: Session, teams: Collection[int]) -> United:
    """Make one match of each of these clubs' that stands twice."""
    doubled = doubled_matches(session, teams) if teams else []
    for keep, gone in doubled:
        join(session, keep, gone)
    return United(matches=tuple(doubled))


def join(session: Session, keep: int, gone: int) -> None:
    """Make one match of two; no source may know both. What the files tell of it goes by its kick-off."""
    told = kickoffs(session, [gone])[gone]
    join_matches(session, keep, gone)
    retime(session, {keep: told})


def clubs_alike(
    session: Session, competitions: Sequence[str], among: Collection[int] | None = None
) -> list[ClubsAlike]:
    """Return the clubs of different sources that may be one, the most alike first; a person has to tell.

    With `among`, only pairs with one of these clubs.
    """
    known = clubs_as_told(session)
    found = []
    for clubs in _by_competition(clubs_of(session, competitions)):
        by_id = {club.team_id: club for club in clubs}
        names = {club.team_id: club.names for club in clubs}
        for one, other, likeness in perhaps_one(names, country_code(clubs[0].country), known):
            left, right = by_id[one], by_id[other]
            if left.sources & right.sources or (among is not None and not {one, other} & set(among)):
                continue
            found.append(
                ClubsAlike(competition=left.competition, one=left, other=right, likeness=round(likeness, 2))
            )
    return sorted(found, key=lambda pair: (-pair.likeness, pair.one.team_id, pair.other.team_id))


def _by_competition(clubs: Iterable[Club]) -> list[list[Club]]:
    found: defaultdict[str, list[Club]] = defaultdict(list)
    for club in clubs:
        found[club.competition].append(club)
    return list(found.values())
