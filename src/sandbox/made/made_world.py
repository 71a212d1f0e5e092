"""A made world: invented clubs whose goals and prices follow from strengths that drift."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from math import exp

from src.domain.odds import Market
from src.sandbox.made import goals
from src.sandbox.made.calendar import season_rounds, season_starts
from src.sandbox.made.club_names import invented_clubs
from src.sandbox.made.odds import closing_lines, quotes_of
from src.sandbox.made.strengths import Table
from src.sandbox.world.clubs import Club
from src.sandbox.world.competitions import COMPETITIONS, Competition
from src.sandbox.world.draws import drawn, generator
from src.sandbox.world.fixture import Fixture, SideFigures
from src.sandbox.world.numbering import identify, season_label
from src.sandbox.world.postponements import postpone_some
from src.sandbox.world.quotes import Quote

SEASONS = 4
DEFAULT_SEED = 7
_BASE = 1.13
_HOME = 0.22


class MadeWorld:
    """A seeded world around `anchor` (aware UTC): three seasons back and one that stands in its middle."""

    kind = "made"

    def __init__(self, seed: int, anchor: datetime) -> None:
        self.seed = seed
        self.anchor = anchor
        self._means: dict[int, tuple[float, float]] = {}
        found = [fixture for league in COMPETITIONS for fixture in self._league(league)]
        self.fixtures: Sequence[Fixture] = sorted(
            postpone_some(found), key=lambda fixture: (fixture.kickoff, fixture.number)
        )

    def quotes(self, fixture: Fixture, market: Market) -> Sequence[Quote]:
        """Return the prices of every bookmaker, closing ones nearer to the truth than opening ones."""
        return quotes_of(fixture.number, *self._means[fixture.number], self.seed, market)

    def closing_lines(self, fixture: Fixture) -> tuple[float | None, float | None]:
        """Return the market's closing handicap and total."""
        return closing_lines(fixture.number, *self._means[fixture.number], self.seed)

    def _league(self, competition: Competition) -> Iterator[Fixture]:
        random = generator(self.seed, competition.code)
        clubs = invented_clubs(competition.code)
        random.shuffle(clubs)
        table = Table(clubs, competition.clubs, random)
        last_year = season_label(self.anchor)
        for back, start in season_starts(competition, self.anchor, SEASONS):
            year = last_year - back
            points: Counter[Club] = Counter()
            number = 0
            for round_number, pairs in season_rounds(competition, table.members, start, random):
                table.drift()
                for kickoff, home, away in sorted(pairs, key=lambda pair: (pair[0], pair[1].key)):
                    fixture = self._fixture(
                        competition, year, number, round_number, kickoff, home, away, table
                    )
                    points[home] += _points(*fixture.score)
                    points[away] += _points(*reversed(fixture.score))
                    number += 1
                    yield fixture
            table.next_season(points)

    def _fixture(
        self,
        competition: Competition,
        year: int,
        place: int,
        round_number: int,
        kickoff: datetime,
        home: Club,
        away: Club,
        table: Table,
    ) -> Fixture:
        means = (
            round(_BASE * exp(_HOME + table.attack[home] - table.defence[away]), 2),
            round(_BASE * exp(table.attack[away] - table.defence[home]), 2),
        )
        made = made_fixture(self.seed, competition, year, place, round_number, kickoff, home, away, means)
        self._means[made.number] = means
        return made


def made_fixture(
    seed: int,
    competition: Competition,
    year: int,
    place: int,
    round_number: int,
    kickoff: datetime,
    home: Club,
    away: Club,
    means: tuple[float, float],
) -> Fixture:
    """Return the fixture in `place` of its season, its result drawn from the expected goals `means`."""
    number = identify(competition, year, place)
    random = generator(seed, number)
    score = goals.sample(goals.grid(*means), random)
    half = (_first_half(score[0], random.random()), _first_half(score[1], random.random()))
    return Fixture(
        number=number,
        fotmob_id=6_000_000 + number,
        titan_id=3_000_000 + number,
        fbref_id=_report_id(seed, number),
        competition=competition,
        season=f"{year}-{year + 1}",
        round=round_number,
        kickoff=kickoff,
        home=home,
        away=away,
        score=score,
        half_time=half,
        figures=(_figures(number, "home", means[0], score[0]), _figures(number, "away", means[1], score[1])),
    )


def _report_id(seed: int, number: int) -> str:
    # An affine map on 32 bits with an odd factor: no two fixtures of one world share an id.
    return f"{(number * 2_654_435_761 + seed * 97_531) % 2**32:08x}"


def _points(own: int, other: int) -> int:
    return 3 if own > other else int(own == other)


def _first_half(scored: int, draw: float) -> int:
    return min(scored, int(draw * (scored + 1) * 0.9))


def _figures(number: int, side: str, mean: float, scored: int) -> SideFigures:
    """Invent what a side did: shots and xG lean on what was to be expected, on target at least the goals."""
    first, second, third, fourth = (drawn(number, f"{side}{what}") for what in "abcd")
    shots = max(scored, round(4 + 6.5 * mean * (0.6 + 0.8 * first)))
    return SideFigures(
        shots=shots,
        on_target=max(scored, round(shots * (0.22 + 0.24 * second))),
        fouls=round(6 + 12 * third),
        corners=round(shots * (0.2 + 0.4 * fourth)),
        yellow=int(4.2 * third * second + fourth),
        red=int(fourth > 0.96),
        xg=round(max(0.05, (0.75 * mean + 0.25 * scored) * (0.7 + 0.6 * first)), 2),
    )
