"""Runs the sandbox on one address until it is told to stop."""

import logging
import socket
from pathlib import Path

from src.core.clock import Clock, SystemClock
from src.core.errors import Misconfigured
from src.core.logging import get_logger
from src.sandbox.app import Sandbox
from src.sandbox.history.history_world import SEASONS
from src.sandbox.made.made_world import DEFAULT_SEED
from src.sandbox.open_world import open_world

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
    clock: Clock | None = None,
) -> None:
    """Build the world and serve it until SIGINT or SIGTERM; raise Misconfigured before it listens."""
    import uvicorn

    clock = clock or SystemClock()
    world = open_world(data_dir, clock.now(), history=history, seasons=seasons, seed=seed)
    listener = _listen(host, port)
    get_logger("matchbeat.sandbox").info(
        "sandbox_serves", world=world.kind, matches=len(world.fixtures), address=f"http://{host}:{port}"
    )
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    config = uvicorn.Config(
        Sandbox(world, clock),
        log_config=None,
        access_log=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=2,
        server_header=False,
        proxy_headers=False,
    )
    uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
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
