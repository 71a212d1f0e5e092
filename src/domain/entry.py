"""Schedule entries: what fires when, and how it runs."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from src.domain.policy import Policy

_DEFAULT_POLICY = Policy()


class Runner(StrEnum):
    """What carries a fire out: a Celery task, or a Prefect deployment."""

    CELERY = "celery"
    PREFECT = "prefect"


class FlowRunner(StrEnum):
    """Where a deployment's flow runs: on the warm Celery workers, or on the workers of a work pool."""

    CELERY = "celery"
    POOL = "pool"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cron:
    """Five cron fields, or six with seconds in front, in an IANA time zone."""

    expression: str
    timezone: str = "UTC"


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """Every so many seconds, counted from `anchor` (aware), so that a restart moves nothing."""

    every_s: float
    anchor: datetime = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class OneOff:
    """Once, at `at` (aware)."""

    at: datetime


@dataclass(frozen=True, slots=True)
class ByHand:
    """Never by itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DensityStep:
    """Every `every_s` seconds while at least `matches` kick off within the next `within_s` seconds."""

    matches: int
    within_s: float
    every_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Density:
    """As often as the coming kick-offs ask for: the first of `steps` that holds; where none does, never.

    The due times of a step lie on multiples of its `every_s` since 1970.
    """

    steps: tuple[DensityStep, ...]


Cadence = Cron | Interval | OneOff | ByHand | Density


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line of the schedule.

    `target` is a Celery task name or a Prefect deployment name. `priority` is 0 to 9 with 9 most urgent.
    `flow_runner` says where a deployment's flow runs; it means nothing for a task. `limit` ends a run that
    takes longer.
    """

    name: str
    cadence: Cadence
    runner: Runner
    target: str
    queue: str
    priority: int
    limit: timedelta
    parameters: dict[str, Any] = field(default_factory=dict)
    policy: Policy = _DEFAULT_POLICY
    flow_runner: FlowRunner = FlowRunner.CELERY
    description: str = ""
