"""Decides what to ask Titan007 for: which day lists, whose scripts, which markets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from src.collectors.registry import BY_TITAN_ID
from src.collectors.titan007.parse_day import ListedMatch
from src.collectors.titan007.text import BEIJING
from src.database.matches import AlignmentCandidate
from src.domain.match import MatchStatus
from src.domain.odds import Market

#: How far a day list's time may be off: it keeps placeholders until the kick-off is set. Linking itself
#: goes by the script's time, which is exact.
_LIST_SLACK = timedelta(hours=12)

#: So long after its kick-off a match is over; until then it stands on the list of coming ones.
LONGEST_MATCH = timedelta(hours=3)

_NOT_PLAYED = {MatchStatus.POSTPONED, MatchStatus.CANCELLED, MatchStatus.ABANDONED, MatchStatus.AWARDED}


@dataclass(frozen=True, order=True, kw_only=True)
class DayList:
    """One day list of Titan007, by Beijing date."""

    day: date
    finished: bool

    @property
    def name(self) -> str:
        """Its name among the items of a run, as `finished 2026-03-07`."""
        return f"{'finished' if self.finished else 'coming'} {self.day}"


def playable(candidates: Iterable[AlignmentCandidate]) -> list[AlignmentCandidate]:
    """Return the matches that bookmakers quote: not those put off or called off."""
    return [candidate for candidate in candidates if candidate.status not in _NOT_PLAYED]


def day_lists(unlinked: Iterable[AlignmentCandidate], now: datetime) -> list[DayList]:
    """Return the day lists on which matches without a link may stand, newest first.

    A list runs from late morning to late morning, so the day before is asked for as well.
    """
    wanted: set[DayList] = set()
    today = now.astimezone(BEIJING).date()
    for candidate in unlinked:
        day = candidate.kickoff_utc.astimezone(BEIJING).date()
        if candidate.kickoff_utc <= now:
            wanted |= {DayList(day=day - timedelta(days=n), finished=True) for n in (0, 1)}
        if candidate.kickoff_utc + LONGEST_MATCH > now:
            wanted |= {DayList(day=max(today, day - timedelta(days=n)), finished=False) for n in (0, 1)}
    return sorted(wanted, reverse=True)


def worth_a_script(
    listed: Iterable[ListedMatch], unlinked: Sequence[AlignmentCandidate], known_ids: set[str]
) -> list[ListedMatch]:
    """Return the listed matches of watched leagues that may be one of the unlinked ones."""
    open_at: dict[str, list[datetime]] = {}
    for candidate in unlinked:
        open_at.setdefault(candidate.competition, []).append(candidate.kickoff_utc)
    found: dict[str, ListedMatch] = {}
    for match in listed:
        competition = BY_TITAN_ID.get(match.league_id)
        # A league's number alone is not enough: cups and leagues have numbers of their own.
        if competition is None or competition.titan_name != match.league or match.id in known_ids:
            continue
        kickoffs = open_at.get(competition.fotmob_id, ())
        if any(abs(kickoff - match.kickoff_utc) <= _LIST_SLACK for kickoff in kickoffs):
            found[match.id] = match
    return list(found.values())


def imminent_first(candidates: Iterable[AlignmentCandidate], now: datetime) -> list[AlignmentCandidate]:
    """Return coming matches, the next one first, and then past ones, the last one first."""
    return sorted(candidates, key=lambda c: (c.kickoff_utc < now, abs(c.kickoff_utc - now)))


def wanted_quotes(
    candidates: Iterable[AlignmentCandidate],
    markets: Sequence[Market],
    done: set[tuple[int, Market]],
    now: datetime,
) -> list[tuple[AlignmentCandidate, Market]]:
    """Return what to fetch of the linked matches: all but what is `done`, that is fetched or closed."""
    return [
        (candidate, market)
        for candidate in imminent_first(candidates, now)
        if candidate.linked is not None
        for market in markets
        if (candidate.match_id, market) not in done
    ]
