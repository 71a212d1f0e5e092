"""Edits of the schedule: what an operator lays over a declared entry, and the record of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from src.core.errors import Misconfigured
from src.domain.entry import Cadence


class Refused(Misconfigured):
    """A change that cannot be: `field` names what is wrong, `problem` says why and gives an example."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field, self.problem = field, problem


class UnknownEntry(Refused):
    """There is no entry of this name in the schedule."""


class StaleRevision(Refused):
    """The entry has been edited since it was looked at."""


@dataclass(frozen=True, kw_only=True)
class Author:
    """Who changes the schedule, and why."""

    who: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Override:
    """What lies over a declared entry; None leaves what is declared.

    `parameters` and `policy` (its fields as they are stored) go over the declared ones, key by key.
    `pause_reason` is set while the entry is paused.
    """

    pause_reason: str | None = None
    cadence: Cadence | None = None
    parameters: dict[str, Any] | None = None
    priority: int | None = None
    policy: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Change:
    """One row of the audit; `before` and `after` are the entry in force, empty where there was none."""

    id: int
    entry: str
    at: datetime
    who: str
    action: str
    why: str
    before: dict[str, Any]
    after: dict[str, Any]
