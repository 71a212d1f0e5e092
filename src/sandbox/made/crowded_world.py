"""A crowded afternoon: very many matches within the hour, each quoted by very many bookmakers."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import exp

from src.domain.odds import Market
from src.sandbox.made.club_names import invented_clubs
from src.sandbox.made.made_world import DEFAULT_SEED, made_fixture
from src.sandbox.made.odds import closing_lines, quotes_of
from src.sandbox.world.bookmakers import BOOKMAKERS, Bookmaker
from src.sandbox.world.clubs import Club
from src.sandbox.world.competitions import COMPETITIONS, Competition
from src.sandbox.world.draws import generator
from src.sandbox.world.fixture import Fixture
from src.sandbox.world.numbering import season_label
from src.sandbox.world.quotes import Quote

_ROUND = 20
_SPREAD = 0.24

#: Bookmakers that Titan007 has on all its pages, beside those of the world that it has there too.
_MORE: tuple[Bookmaker, ...] = tuple(
    Bookmaker(
        name=name, masked=f"{name[:2]}*", euro_id=euro_id, page_id=page_id, prefix=None, margin=0.06
    )
    for name, euro_id, page_id in (
        ("Easybets", 90, 12), ("Mansion88", 517, 17), ("10BET", 16, 22), ("188bet", 499, 23),
        ("12Bet", 18, 24), ("SBOBET", 474, 31), ("Wewbet", 659, 35), ("18Bet", 976, 42),
        ("Sandbet", 9_001, 901), ("Boxbet", 9_002, 902),
    )
)  # fmt: skip
ON_ALL_PAGES = (*(one for one in BOOKMAKERS if one.page_id is not None), *_MORE)


class CrowdedWorld:
    """One round of `matches` matches in all competitions, of which nobody has played before.

    They kick off a quarter of an hour apart from `first_kickoff` (aware UTC) on, in `slots` parts of about
    the same size. Raises ValueError where there are no names for so many clubs.
    """

    kind = "crowded"

    def __init__(
        self, first_kickoff: datetime, matches: int = 300, *, slots: int = 1, seed: int = DEFAULT_SEED
    ) -> None:
        self.seed = seed
        self._means: dict[int, tuple[float, float]] = {}
        shares = [matches // len(COMPETITIONS)] * len(COMPETITIONS)
        for extra in range(matches % len(COMPETITIONS)):
            shares[extra] += 1
        found = [
            fixture
            for competition, share in zip(COMPETITIONS, shares, strict=True)
            for fixture in self._round(competition, share, first_kickoff, slots)
        ]
        self.fixtures: Sequence[Fixture] = sorted(found, key=lambda one: (one.kickoff, one.number))

    def quotes(self, fixture: Fixture, market: Market) -> Sequence[Quote]:
        """Return the prices of fifteen bookmakers, whatever the market."""
        means = self._means[fixture.number]
        return quotes_of(fixture.number, *means, self.seed, market, ON_ALL_PAGES)

    def closing_lines(self, fixture: Fixture) -> tuple[float | None, float | None]:
        """Return the market's closing handicap and total."""
        return closing_lines(fixture.number, *self._means[fixture.number], self.seed)

    def _round(
        self, competition: Competition, matches: int, first: datetime, slots: int
    ) -> Iterator[Fixture]:
        clubs = _clubs(competition)
        if 2 * matches > len(clubs):
            raise ValueError(
                f"{matches} matches of {competition.fotmob_name} need more than {len(clubs)} clubs"
            )
        random = generator(self.seed, "crowded", competition.code)
        random.shuffle(clubs)
        for place in range(matches):
            means = (
                round(1.4 * exp(random.gauss(0, _SPREAD)), 2),
                round(1.1 * exp(random.gauss(0, _SPREAD)), 2),
            )
            made = made_fixture(
                self.seed,
                competition,
                season_label(first),
                place,
                _ROUND,
                first + timedelta(minutes=15 * (place % slots)),
                clubs[2 * place],
                clubs[2 * place + 1],
                means,
            )
            self._means[made.number] = means
            yield made


def _clubs(competition: Competition) -> list[Club]:
    """Return a club of this competition in every place that there is."""
    return [
        replace(club, key=f"{competition.code} {club.key}")
        for other in COMPETITIONS
        for club in invented_clubs(other.code)
    ]
