"""An HTTP proxy in front of a real server, which fails as it is told to."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import requests


class Fault(StrEnum):
    """What happens to one call; the server gets those of CUT and SLOW, not those of the others."""

    CUT = "the answer is lost with the connection"
    SLOW = "the answer is held back until the proxy ends"
    REFUSED = "the connection ends before the server has the call"
    BUSY = "503"
    BROKEN = "500"
    PORTAL = "a page in place of an answer"


class FaultyProxy(ThreadingHTTPServer):
    """Passes calls on to `upstream`, and does to the next calls to `path` what `faults` say in turn."""

    daemon_threads = True

    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = upstream
        self.faults: deque[Fault | None] = deque()
        self.path = ""
        self.seen: list[str] = []
        #: A call that is held back has arrived; those that are held back are let go.
        self.arrived, self.ended = Event(), Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def fail(self, path: str, *faults: Fault | None) -> None:
        """Do this to the next calls whose path ends so; one with None goes well."""
        self.path, self.faults, self.seen = path, deque(faults), []

    def next_fault(self, path: str) -> Fault | None:
        if not path.endswith(self.path):
            return None
        self.seen.append(path)
        return self.faults.popleft() if self.faults else None

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hung up."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultyProxy

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.server.next_fault(self.path)
        if fault is Fault.REFUSED:
            return self._hang_up()
        if fault in {Fault.BUSY, Fault.BROKEN}:
            return self._answer(503 if fault is Fault.BUSY else 500, b"{}")
        if fault is Fault.PORTAL:
            return self._answer(200, b"<html>log in first</html>")
        status, content = self._forward(body)
        if fault is Fault.SLOW:
            self.server.arrived.set()
            self.server.ended.wait(30)
        if fault in {Fault.CUT, Fault.SLOW}:
            return self._hang_up()
        return self._answer(status, content)

    do_GET = do_POST = do_DELETE = _pass  # noqa: N815

    def _forward(self, body: bytes) -> tuple[int, bytes]:
        names = ("Authorization", "Content-Type")
        headers = {name: self.headers[name] for name in names if name in self.headers}
        while True:
            answer = requests.request(
                self.command, self.server.upstream + self.path, data=body, headers=headers, timeout=10
            )
            if answer.status_code != 503:  # which SQLite may give by itself
                return answer.status_code, answer.content

    def _answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _hang_up(self) -> None:
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def faulty_proxy(upstream: str) -> Iterator[FaultyProxy]:
    """Serve a proxy in front of `upstream` (without a path) until the end of the block."""
    with FaultyProxy(upstream) as proxy:
        thread = Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield proxy
        proxy.ended.set()
        proxy.shutdown()
        thread.join()
