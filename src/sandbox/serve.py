"""Runs the sandbox on one address until it is told to stop."""

import logging
import socket
from pathlib import Path

from src.core.clock import Clock, SystemClock
from src.core.errors import Misconfigured
from src.core.logging import get_logger
from src.sandbox.app import Sandbox
from src.sandbox.chaos.app import ChaoticSandbox
from src.sandbox.chaos.moved import MovedWorld
from src.sandbox.chaos.plan import Kind, Plan
from src.sandbox.history.history_world import SEASONS
from src.sandbox.made.made_world import DEFAULT_SEED
from src.sandbox.open_world import open_world
from src.sandbox.world.index import World

#: Longer than a pooled client connection rests, so that no request meets a connection just being closed.
_KEEP_ALIVE_S = 75


def serve(
    *,
    port: int,
    host: str,
    data_dir: Path,
    history: Path | None = None,
    seasons: int = SEASONS,
    seed: int = DEFAULT_SEED,
    chaos: Plan | None = None,
    clock: Clock | None = None,
) -> None:
    """Build the world and serve it until SIGINT or SIGTERM; raise Misconfigured before it listens.

    `chaos` is how much of it is spoiled.
    """
    import uvicorn

    clock = clock or SystemClock()
    world = open_world(data_dir, clock.now(), history=history, seasons=seasons, seed=seed)
    listener = listen(host, port)
    get_logger("matchbeat.sandbox").info(
        "sandbox_serves", world=world.kind, matches=len(world.fixtures), address=f"http://{host}:{port}",
        chaos={kind.value: share for kind, share in chaos.shares.items()} if chaos else None,
    )  # fmt: skip
    # A body that breaks off on purpose is an error to the server.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL if chaos else logging.WARNING)
    config = uvicorn.Config(
        sandbox_app(world, clock, chaos),
        log_config=None,
        access_log=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=2,
        server_header=False,
        proxy_headers=False,
    )
    uvicorn.Server(config).run(sockets=[listener])


def sandbox_app(world: World, clock: Clock, chaos: Plan | None = None) -> Sandbox | ChaoticSandbox:
    """Return the sandbox of a world, plain or with `chaos`."""
    if chaos is None:
        return Sandbox(world, clock)
    moved = chaos.shares.get(Kind.MOVED, 0.0)
    return ChaoticSandbox(Sandbox(MovedWorld(world, moved, chaos.seed) if moved else world, clock), chaos)


def listen(host: str, port: int) -> socket.socket:
    """Return the socket of an address, on which small answers go out at once; raise Misconfigured."""
    try:
        listener = socket.create_server((host, port), backlog=512)
    except OSError as error:
        raise Misconfigured(
            f"the sandbox cannot listen on {host}:{port} ({error.strerror}); "
            "choose another port with --port or MATCHBEAT_SANDBOX_PORT, for example 8901"
        ) from None
    # asyncio sets this only on sockets it opens itself; without it every answer waits 40 ms for an ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
