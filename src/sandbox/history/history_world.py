"""A replayed world: real seasons, moved in time by whole weeks so that now falls into the last one."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha1
from pathlib import Path

from src.domain.odds import Market
from src.sandbox.anchor import Anchor
from src.sandbox.history.club_names import real_club
from src.sandbox.history.season_files import PastMatch, read_season, season_files
from src.sandbox.world.competitions import BY_CODE, COMPETITIONS
from src.sandbox.world.draws import hex_id
from src.sandbox.world.fixture import Fixture
from src.sandbox.world.numbering import identify, season_label
from src.sandbox.world.postponements import postpone_some
from src.sandbox.world.quotes import Quote

SEASONS = 4
_YEAR_WEEKS = 52
_WEEK = timedelta(weeks=1)
#: So many matches of a league in the week before now, and in the ten days after it, make it a busy moment.
_BUSY = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What was read: `name` tells one choice of files from another, `matches` are in order of kick-off."""

    name: str
    matches: Sequence[PastMatch]

    @property
    def last_year(self) -> int:
        """When the last season began."""
        return max(match.year for match in self.matches)

    def shift_weeks(self, now: datetime) -> int:
        """Return by how many weeks to move the matches so that `now` is a busy week of the last season.

        Of the weeks in which most leagues play, before and after, the one nearest to the same time of year
        wins, as long as the five weeks after it are well filled too.
        """
        last = self.last_year
        kickoffs: dict[str, list[datetime]] = defaultdict(list)
        for match in self.matches:
            if match.year == last:
                kickoffs[match.code].append(match.kickoff)
        everything = sorted(kickoff for times in kickoffs.values() for kickoff in times)
        newest = (now - everything[-1]) // _WEEK
        oldest = (now - everything[0]) // _WEEK
        options = range(newest, oldest + 1)
        busy = {weeks: _busy_leagues(kickoffs, now - weeks * _WEEK) for weeks in options}
        ahead = {weeks: _between(everything, now - weeks * _WEEK, timedelta(days=35)) for weeks in options}
        most, fullest = max(busy.values()), max(ahead.values())
        good = [weeks for weeks in options if busy[weeks] == most and ahead[weeks] >= 0.7 * fullest]
        return min(good or list(options), key=lambda weeks: (_off_season(weeks), weeks))


class HistoryWorld:
    """Past matches as fixtures of today; results, figures and prices are the files' own."""

    kind = "history"

    def __init__(self, history: History, anchor: Anchor) -> None:
        shift = timedelta(weeks=anchor.shift_weeks)
        label_shift = season_label(anchor.at) - history.last_year
        places: Counter[tuple[str, int]] = Counter()
        rounds: Counter[tuple[str, int, str]] = Counter()
        self._quotes: dict[int, Sequence[Quote]] = {}
        found = []
        for match in history.matches:
            season = (match.code, match.year)
            rounds.update(((*season, match.home), (*season, match.away)))
            number = identify(BY_CODE[match.code], match.year, places[season])
            places[season] += 1
            self._quotes[number] = match.quotes
            round_number = max(rounds[(*season, match.home)], rounds[(*season, match.away)])
            found.append(_fixture(match, number, round_number, shift, match.year + label_shift))
        self.fixtures: Sequence[Fixture] = sorted(
            postpone_some(found), key=lambda fixture: (fixture.kickoff, fixture.number)
        )

    def quotes(self, fixture: Fixture, market: Market) -> Sequence[Quote]:
        """Return the prices that the file has on `fixture`."""
        return [quote for quote in self._quotes[fixture.number] if quote.market is market]

    def closing_lines(self, fixture: Fixture) -> tuple[float | None, float | None]:
        """Return the closing handicap and total in the file, None where it has none."""
        handicap, total = (
            next((quote.closing.line for quote in self.quotes(fixture, market)), None)
            for market in (Market.ASIAN_HANDICAP, Market.OVER_UNDER)
        )
        return handicap, total


def read_history(folder: Path, seasons: int = SEASONS) -> History:
    """Read the last `seasons` seasons in `folder`; raise Misconfigured where they cannot be used."""
    files = season_files(folder)
    years = sorted({file.year for file in files})[-seasons:]
    chosen = [file for file in files if file.year in years]
    matches = [match for file in chosen for match in read_season(file)]
    order = {competition.code: competition.number for competition in COMPETITIONS}
    matches.sort(key=lambda match: (match.kickoff, order[match.code], match.home))
    digest = sha1(" ".join(file.path.name for file in chosen).encode(), usedforsecurity=False).hexdigest()[:8]
    return History(name=f"history:{years[0]}-{years[-1] + 1}:{digest}", matches=matches)


def _fixture(match: PastMatch, number: int, round_number: int, shift: timedelta, year: int) -> Fixture:
    return Fixture(
        number=number,
        fotmob_id=4_000_000 + number,
        titan_id=2_000_000 + number,
        fbref_id=hex_id("match", f"{match.code} {match.year} {match.home} {match.away}"),
        competition=BY_CODE[match.code],
        season=f"{year}-{year + 1}",
        round=round_number,
        kickoff=match.kickoff + shift,
        home=real_club(match.home),
        away=real_club(match.away),
        score=match.score,
        half_time=match.half_time,
        figures=match.figures,
    )


def _busy_leagues(kickoffs: dict[str, list[datetime]], at: datetime) -> int:
    return sum(
        _between(times, at - _WEEK, _WEEK) >= _BUSY and _between(times, at, timedelta(days=10)) >= _BUSY
        for times in kickoffs.values()
    )


def _between(kickoffs: list[datetime], start: datetime, length: timedelta) -> int:
    """Count the sorted `kickoffs` in [start, start + length)."""
    return bisect_left(kickoffs, start + length) - bisect_left(kickoffs, start)


def _off_season(weeks: int) -> int:
    """Return by how many weeks a shift misses a whole number of years."""
    return min(weeks % _YEAR_WEEKS, -weeks % _YEAR_WEEKS)
