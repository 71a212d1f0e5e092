"""One service of a stack that runs: stopped, started and restarted by its supervisor."""

import os
import signal
import time
from collections.abc import Callable, Mapping
from typing import Any

from src.cli.output import say
from src.core.errors import MatchbeatError, Misconfigured, Transient
from src.core.settings import load_settings
from src.stack.home import Home
from src.stack.service import Wish

State = Mapping[str, Any]


def find(state: State, name: str) -> dict[str, Any]:
    """Return what the stack's state says of a service; raise Misconfigured where it has none of that name."""
    for service in state["services"]:
        if service["name"] == name:
            return dict(service)
    known = ", ".join(service["name"] for service in state["services"])
    raise Misconfigured(f"no service of the running stack is called {name}; there are {known}")


def restart(home: Home, state: State, name: str) -> None:
    """Restart a service and wait until it is ready."""
    before = _running(state, name, "restart")
    _ask(home, state, name, Wish.RESTART)
    _await(
        home, name, lambda now: now["guard"] not in {None, before["guard"]} and _is_ready(now), "is not back"
    )
    say(f"{name} runs again")


def stop(home: Home, state: State, name: str) -> None:
    """Stop a service and wait until its processes are gone; it stays so until `start` or the next stack."""
    _running(state, name, "stop")
    _ask(home, state, name, Wish.STOP)
    _await(home, name, lambda now: now["state"] == "stopped", "has not stopped")
    say(f"{name} is stopped; `matchbeat up {name}` starts it again")


def start(home: Home, state: State, name: str) -> None:
    """Start a service that was stopped and wait until it is ready; one that runs stays as it is."""
    if find(state, name)["state"] == "stopped":
        _ask(home, state, name, Wish.START)
        _await(home, name, _is_ready, "is not ready")
    say(f"{name} runs")


def _running(state: State, name: str, what: str) -> dict[str, Any]:
    found = find(state, name)
    if found["guard"] is None:
        raise Misconfigured(f"{name} is {found['state']}: there is no process of ours to {what}")
    return found


def _is_ready(service: State) -> bool:
    return service["state"] in {"ready", "done"}


def _ask(home: Home, state: State, name: str, wish: Wish) -> None:
    (home.requests / name).write_text(wish)
    os.kill(state["pid"], signal.SIGUSR1)


def _await(home: Home, name: str, holds: Callable[[State], bool], what: str) -> None:
    deadline = time.monotonic() + load_settings(with_stack=False).start_timeout_s
    while True:
        state = home.running()
        if state is None:
            raise Transient(f"the stack in {home.path} has ended meanwhile")
        now = find(state, name)
        if holds(now):
            return
        if time.monotonic() > deadline:
            raise MatchbeatError(f"{name} {what} yet: {now['state']} {now['detail']}".rstrip())
        time.sleep(0.1)
