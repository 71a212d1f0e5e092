"""Schedule entries: what fires when, and how it runs."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any


class Runner(StrEnum):
    """What carries a fire out: a Celery task, or a Prefect deployment."""

    CELERY = "celery"
    PREFECT = "prefect"


@dataclass(frozen=True, kw_only=True)
class Cron:
    """Five cron fields, or six with seconds in front, in an IANA time zone."""

    expression: str
    timezone: str = "UTC"


@dataclass(frozen=True, kw_only=True)
class Interval:
    """Every so many seconds, counted from `anchor` (aware), so that a restart moves nothing."""

    every_s: float
    anchor: datetime = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class OneOff:
    """Once, at `at` (aware)."""

    at: datetime


@dataclass(frozen=True)
class ByHand:
    """Never by itself."""


Cadence = Cron | Interval | OneOff | ByHand


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the schedule.

    `target` is a Celery task name or a Prefect deployment name. `priority` is 0 to 9 with 9 most urgent.
    `limit` ends a run that takes longer. A due time older than `catch_up` when it is found is recorded as
    missed instead of run.
    """

    name: str
    cadence: Cadence
    runner: Runner
    target: str
    queue: str
    priority: int
    limit: timedelta
    parameters: dict[str, Any] = field(default_factory=dict)
    catch_up: timedelta = timedelta(hours=1)
    description: str = ""
