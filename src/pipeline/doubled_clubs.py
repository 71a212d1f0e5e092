"""A person's word that two clubs are one, and which clubs he has to look at."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from src.collectors.registry import WATCHED_FOTMOB_IDS
from src.database.alignment_aliases import record_decision
from src.database.clubs import ClubIds, club_by_link, club_ids, genders_of, what_keeps_apart
from src.database.locks import AdvisoryLock, take_turns
from src.domain.edit import Author, Refused
from src.domain.match import Source
from src.pipeline.context import Context
from src.pipeline.one_club import ClubsAlike, clubs_alike, unite_pairs
from src.pipeline.schedule_checks import check_author

#: Of the sources that tell of matches, the one that has names for ids: it may well spell a club in two ways.
_BY_NAME = {Source.FOOTBALL_DATA.value}


@dataclass(frozen=True, kw_only=True)
class Merged:
    """What became of two clubs: the one that stays, what the other was, and how many matches stood twice."""

    club: ClubIds
    was: tuple[ClubIds, ClubIds]
    matches: int


def doubled_clubs(ctx: Context) -> list[ClubsAlike]:
    """Return the clubs of watched competitions that may stand twice, the most alike first."""
    with ctx.database.session() as session:
        return clubs_alike(session, sorted(WATCHED_FOTMOB_IDS))


def merge_clubs(ctx: Context, one: str, other: str, by: Author) -> Merged:
    """Make one club of two for good, with all matches, ids and names of both.

    Each is our number or `SOURCE:ID`. Their matches that stand twice by it become one. Raises Refused where
    there is no such club, or where they cannot be one.
    """
    check_author(by)
    with ctx.database.session() as session:
        take_turns(session, AdvisoryLock.ALIGNMENT)
        take_turns(session, AdvisoryLock.MATCHES)
        was = _club(session, one), _club(session, other)
        if reason := why_not_one(session, *was):
            raise Refused("club", f"{_told(was[0])} and {_told(was[1])} cannot be one: {reason}")
        united = unite_pairs(session, [(was[0].team_id, was[1].team_id)])
        [(stays, _)] = united.clubs
        done = Merged(club=_club(session, str(stays)), was=was, matches=len(united.matches))
        what = {"club": stays, "was": [vars(club) for club in was], "matches": united.matches}
        record_decision(session, "merge", by, what, ctx.clock.now())
        return done


def why_not_one(session: Session, one: ClubIds, other: ClubIds) -> str | None:
    """Return what excludes that two clubs are one, whatever a person says; None where nothing does."""
    if one.team_id == other.team_id:
        return "they are one already"
    sources, met = what_keeps_apart(session, one.team_id, other.team_id)
    if met:
        return f"they have played each other {met} times"
    if apart := sorted(set((sources or "").split(", ")) - _BY_NAME - {""}):
        return f"{', '.join(apart)} has an id for each of them"
    genders = genders_of(session, one.team_id), genders_of(session, other.team_id)
    if all(genders) and not genders[0] & genders[1]:
        return "one plays with the women, the other with the men"
    return None


def _club(session: Session, told: str) -> ClubIds:
    source, _, key = told.partition(":")
    number: int | None = None
    if told.isdecimal():
        number = int(told)
    elif source in list(Source) and key:
        number = club_by_link(session, Source(source), key)
    else:
        known = ", ".join(Source)
        raise Refused("club", f"{told!r} is neither a club's number nor SOURCE:ID; sources are {known}")
    found = None if number is None else club_ids(session, number)
    if found is None:
        raise Refused("club", f"there is no club {told}; `matchbeat align clubs` lists those that may be one")
    return found


def _told(club: ClubIds) -> str:
    return f"{club.name} ({club.team_id})"
