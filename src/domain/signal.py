"""Signals: what monitoring has seen and somebody may have to act on."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How soon somebody must look."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, kw_only=True)
class Signal:
    """One observation: `kind` as `source_changed`, `subject` as `fotmob/day`, and what to do about it."""

    kind: str
    subject: str
    severity: Severity
    message: str
    details: dict[str, Any] = field(default_factory=dict)
