"""A world: the fixtures that the sandbox serves, indexed for the pages of the three sources."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Protocol
from zoneinfo import ZoneInfo

from src.domain.odds import Market
from src.sandbox.world.fixture import Fixture, Moment, moment
from src.sandbox.world.quotes import Quote

BEIJING = ZoneInfo("Asia/Shanghai")


class World(Protocol):
    """What a maker of worlds gives: every fixture with its result, and the prices on it.

    Both are fixed when the world is made; what of them can be seen depends on the clock alone.
    """

    @property
    def kind(self) -> str:
        """`made` or `history`."""
        ...

    @property
    def fixtures(self) -> Sequence[Fixture]:
        """All fixtures in order of kick-off."""
        ...

    def quotes(self, fixture: Fixture, market: Market) -> Sequence[Quote]:
        """Return every bookmaker's opening and closing prices on one market of `fixture`."""
        ...

    def closing_lines(self, fixture: Fixture) -> tuple[float | None, float | None]:
        """Return the closing (Asian handicap, total), None where nobody quotes one; home gives below 0."""
        ...


class Index:
    """Looks fixtures of a world up the way the sources' addresses ask for them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.by_fotmob_id = {fixture.fotmob_id: fixture for fixture in world.fixtures}
        self.by_fbref_id = {fixture.fbref_id: fixture for fixture in world.fixtures}
        self.by_titan_id = {fixture.titan_id: fixture for fixture in world.fixtures}
        self._by_season: dict[tuple[int, str], list[Fixture]] = defaultdict(list)
        for fixture in world.fixtures:
            self._by_season[fixture.competition.fbref_id, fixture.season].append(fixture)

    @cached_property
    def _utc_days(self) -> dict[date, list[Fixture]]:
        return _days(self.world.fixtures, lambda kickoff: kickoff.date())

    @cached_property
    def _beijing_days(self) -> dict[date, list[Fixture]]:
        return _days(self.world.fixtures, lambda kickoff: kickoff.astimezone(BEIJING).date())

    @cached_property
    def fbref_by_fotmob(self) -> dict[str, int]:
        """FBref's numbers of the competitions by FotMob's."""
        return {str(it.competition.fotmob_id): it.competition.fbref_id for it in self.world.fixtures}

    def on_utc_day(self, day: date, now: datetime) -> list[tuple[Fixture, Moment]]:
        """Return the fixtures that stand on `day` (UTC) as it is known at `now`."""
        seen = [(fixture, moment(fixture, now)) for fixture in self._utc_days.get(day, ())]
        return [(fixture, at) for fixture, at in seen if at.kickoff.date() == day]

    def on_beijing_day(self, day: date, now: datetime) -> list[tuple[Fixture, Moment]]:
        """Return the fixtures that stand on `day` (Beijing) as it is known at `now`."""
        seen = [(fixture, moment(fixture, now)) for fixture in self._beijing_days.get(day, ())]
        return [(fixture, at) for fixture, at in seen if at.kickoff.astimezone(BEIJING).date() == day]

    def season(self, competition: int, label: str | None) -> tuple[str, list[Fixture]] | None:
        """Return a season's label and fixtures by FBref's competition number; None where there is none.

        No label, or one later than the world reaches, gives the latest season: a replayed calendar may lie
        across the summer in which the sources begin a new label.
        """
        labels = sorted(known for number, known in self._by_season if number == competition)
        if not labels:
            return None
        if label is None or label > labels[-1]:
            label = labels[-1]
        fixtures = self._by_season.get((competition, label))
        return (label, fixtures) if fixtures else None

    @cached_property
    def latest_season(self) -> str:
        """The label of the last season of the world."""
        return max(label for _, label in self._by_season)

    @cached_property
    def seats(self) -> dict[tuple[str, int, str], int]:
        """A club's place in the alphabet of its league and season: what the pages print as its rank."""
        names: dict[tuple[str, int], set[str]] = defaultdict(set)
        for fixture in self.world.fixtures:
            names[fixture.season, fixture.competition.number].update((fixture.home.key, fixture.away.key))
        return {
            (season, competition, name): place
            for (season, competition), clubs in names.items()
            for place, name in enumerate(sorted(clubs), 1)
        }


class _DayOf(Protocol):
    def __call__(self, kickoff: datetime, /) -> date: ...


def _days(fixtures: Iterable[Fixture], day_of: _DayOf) -> dict[date, list[Fixture]]:
    """Index by the day of kick-off; a postponed fixture also by the day it was first set for."""
    days: dict[date, list[Fixture]] = defaultdict(list)
    for fixture in fixtures:
        first = fixture.postponed_from
        for day in {day_of(fixture.kickoff)} | ({day_of(first)} if first else set()):
            days[day].append(fixture)
    return dict(days)
