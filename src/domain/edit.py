"""Edits of the schedule: what an operator lays over a declared entry, and the record of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from src.domain.entry import Cadence


@dataclass(frozen=True, kw_only=True)
class Author:
    """Who changes the schedule, and why."""

    who: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Override:
    """What lies over a declared entry; None leaves what is declared.

    `parameters` go over the declared ones, key by key. `pause_reason` is set while the entry is paused.
    """

    pause_reason: str | None = None
    cadence: Cadence | None = None
    parameters: dict[str, Any] | None = None
    priority: int | None = None


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
