"""What every use case works on, wired once per process."""

from dataclasses import dataclass, replace
from functools import cache

from src.core.clock import Clock, SystemClock
from src.core.settings import Settings, settings
from src.database.connection import Database, get_database
from src.domain.fire import FireId


@dataclass(frozen=True, kw_only=True)
class Context:
    """Settings, clock and database, and the fire on whose behalf the work is done."""

    settings: Settings
    clock: Clock
    database: Database
    fire: FireId | None = None

    def for_fire(self, fire: FireId | None) -> "Context":
        """Return the same context working for `fire`."""
        return replace(self, fire=fire)


@cache
def context() -> Context:
    """Return this process's context, made at the first call."""
    return Context(settings=settings(), clock=SystemClock(), database=get_database())
