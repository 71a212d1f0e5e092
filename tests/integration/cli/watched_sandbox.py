"""A sandbox in a thread of this process that notes what is asked of it, and how much of that at once."""

import asyncio
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from src.core.clock import Clock
from src.sandbox.app import Receive, Sandbox, Scope, Send
from src.sandbox.open_world import open_world

#: A request that waits in vain for others beside it is answered after so long, and the test fails by `peak`.
_ALONE_S = 10.0


class Watched:
    """Serves `app` and notes the addresses asked for.

    Requests for pages of odds wait until `together` of them are there at once, which happens once; `peak` is
    the largest number that ever was.
    """

    def __init__(self, app: Sandbox, together: int = 1) -> None:
        self._app, self._together = app, together
        self._met = asyncio.Event()
        self._now = 0
        self.peak = 0
        self.asked: list[str] = []
        self.url = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self.asked.append(f"{scope['path']}?{scope['query_string'].decode()}".rstrip("?"))
        if not scope["path"].startswith(("/titan/pages/", "/titan/euro/")):
            await self._app(scope, receive, send)
            return
        self._now += 1
        self.peak = max(self.peak, self._now)
        try:
            if self._now >= self._together:
                self._met.set()
            await asyncio.wait_for(self._met.wait(), _ALONE_S)
            await self._app(scope, receive, send)
        finally:
            self._now -= 1

    def matches_asked_for(self) -> set[str]:
        """The matches whose handicap pages were asked for, by Titan007's ids."""
        return {path.partition("id=")[2] for path in self.asked if "AsianOdds" in path}


@contextmanager
def watched_sandbox(folder: Path, clock: Clock, together: int = 1) -> Iterator[Watched]:
    """Serve a made world at the clock's time."""
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    app = Watched(Sandbox(open_world(folder, clock.now()), clock), together)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    listener = socket.create_server(("127.0.0.1", 0))
    app.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield app
    finally:
        server.should_exit = True
        thread.join(10)


def environment(url: str, database_url: str) -> dict[str, str]:
    """The environment of a process that collects from the sandbox at `url`."""
    return {
        "DATABASE_URL": database_url,
        "FOTMOB_BASE_URL": f"{url}/fotmob",
        "FBREF_BASE_URL": f"{url}/fbref",
        "FBREF_INTERVAL_SECONDS": "0",
        "TITAN_EURO_URL": f"{url}/titan/euro",
        "TITAN_PAGES_URL": f"{url}/titan/pages",
        "TITAN_DAYS_URL": f"{url}/titan/days",
        "TITAN_RATE_LIMIT_QPS": "1000",
        "TITAN_RETRY_DELAY_SECONDS": "0",
        "TITAN_MAX_RETRIES": "1",
    }
