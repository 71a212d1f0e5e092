"""What the supervisor tells whoever shows it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from src.stack.service import Service, State


class Kind(StrEnum):
    """What an event is about."""

    STATE = "state"
    LINE = "line"
    NOTE = "note"
    READY = "ready"


@dataclass(frozen=True, kw_only=True)
class Event:
    """A service's new state, a line of its log, a note, or that the whole stack is ready."""

    kind: Kind
    service: Service | None = None
    state: State | None = None
    text: str = ""
    #: Seconds that the service took to become ready, or the whole stack.
    took_s: float | None = None


Report = Callable[[Event], None]
