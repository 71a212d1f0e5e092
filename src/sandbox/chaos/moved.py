"""A world in which more fixtures are moved."""

from collections.abc import Sequence

from src.domain.odds import Market
from src.sandbox.world.fixture import Fixture
from src.sandbox.world.index import World
from src.sandbox.world.postponements import postpone_some
from src.sandbox.world.quotes import Quote


class MovedWorld:
    """Another world's matches, of which `share` were first set for a day that they missed.

    `seed` says which.
    """

    def __init__(self, world: World, share: float, seed: int) -> None:
        self._world, self.kind = world, world.kind
        self.fixtures: Sequence[Fixture] = tuple(
            postpone_some(world.fixtures, share=share, draw=f"moved by {seed}")
        )

    def quotes(self, fixture: Fixture, market: Market) -> Sequence[Quote]:
        """Return every bookmaker's prices on one market of `fixture`."""
        return self._world.quotes(fixture, market)

    def closing_lines(self, fixture: Fixture) -> tuple[float | None, float | None]:
        """Return the closing (Asian handicap, total) of `fixture`."""
        return self._world.closing_lines(fixture)
