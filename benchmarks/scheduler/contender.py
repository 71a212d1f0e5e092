"""What every measured scheduler offers."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from json import dumps, loads
from typing import Protocol

from benchmarks.scheduler.workload import Workload


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a scheduler finds its broker, its database and a folder for its files."""

    broker_url: str
    database_url: str
    folder: str

    def dumps(self) -> str:
        return dumps(asdict(self))

    @classmethod
    def loads(cls, text: str) -> "Place":
        return cls(**loads(text))


@dataclass(frozen=True, kw_only=True)
class Beat:
    """A scheduler that is set up. `tick` is one round of Beat's loop and returns the seconds to sleep.

    After `do_not_wait` a tick returns at once, also where it would wait by itself.
    """

    tick: Callable[[], float | None]
    close: Callable[[], object]
    do_not_wait: Callable[[], object] = lambda: None


class Contender(Protocol):
    """A module of this package: stock, redbeat or ours."""

    def prepare(self, work: Workload, place: Place) -> None:
        """Store what is there before Beat starts; not measured."""
        ...

    def begin(self, work: Workload, place: Place) -> Callable[[], Beat]:
        """Return the set-up that Beat does when it starts; calling it is measured."""
        ...
