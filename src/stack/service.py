"""What the supervisor knows of one service."""

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

#: Returns where the service is ready; raises any of the usual connection errors where it is not yet.
Check = Callable[[], None]


class State(StrEnum):
    """Where a service stands."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    EXTERNAL = "external"
    RESTARTING = "restarting"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"
    DONE = "done"

    @property
    def satisfied(self) -> bool:
        """Whether a service in this state lets those that depend on it start."""
        return self in {State.READY, State.EXTERNAL, State.DONE}


class Wish(StrEnum):
    """What a running supervisor may be asked to do with a service: the text of a file of its name."""

    RESTART = "restart"
    STOP = "stop"
    START = "start"


@dataclass(frozen=True, kw_only=True)
class Service:
    """One process of the stack, or a server that somebody else runs (`argv` empty).

    `check` tells readiness and is called from a thread; without one the service is ready once it runs. A
    `one_shot` is ready when it has ended with code 0. `optional` failures do not fail the start.
    """

    name: str
    argv: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    depends_on: tuple[str, ...] = ()
    check: Check | None = None
    prepare: Check | None = None
    host: str = "127.0.0.1"
    port: int | None = None
    port_setting: str | None = None
    address: str = ""
    one_shot: bool = False
    optional: bool = False
    echo: bool = False
    #: How often it may end before it was ever ready; then it has failed.
    attempts: int = 3
    stop_signal: int = signal.SIGTERM
    grace_s: float = 10
    account: tuple[int, int] | None = None
    cwd: Path | None = None
    #: What to do where the server is away that the user's own setting names.
    advice: str = ""

    @property
    def external(self) -> bool:
        """Whether somebody else runs it."""
        return not self.argv
