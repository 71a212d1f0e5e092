"""A loopback server that answers each address with a script of answers, well-formed or not."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    """One answer; `length` is what Content-Length says, `raw` goes out instead of a made head.

    With `drip_s` it comes a byte at a time, head and all, until the other side has gone.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    raw: bytes | None = None
    drip_s: float = 0.0


@dataclass(frozen=True)
class Asked:
    """One request that arrived, with its headers, at the wall clock's `at`."""

    path: str
    headers: dict[str, str]
    at: float


@dataclass
class ScriptedServer:
    """Gives an address its answers in turn, the last one for ever; an unknown one gets a 404."""

    url: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    gone: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def on(self, path: str, *answers: Answer) -> str:
        """Script an address and return it whole."""
        self.answers[path] = list(answers)
        return self.url + path

    def next(self, path: str, headers: dict[str, str]) -> Answer:
        with self._lock:
            self.asked.append(Asked(path, headers, time.time()))
            script = self.answers.get(path) or [Answer(404)]
            return script.pop(0) if len(script) > 1 else script[0]

    @property
    def paths(self) -> list[str]:
        return [one.path for one in self.asked]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, told: ScriptedServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.told = told

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that hung up."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        answer = self.server.told.next(self.path, dict(self.headers))
        if answer.raw is None:
            self._head(answer)
        self.close_connection = answer.raw is not None or answer.length is not None
        try:
            self._give(answer.body if answer.raw is None else answer.raw, answer.drip_s)
        except OSError:
            self.server.told.gone.set()
            self.close_connection = True

    def _head(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 304:
            self.send_header(
                "Content-Length", str(len(answer.body) if answer.length is None else answer.length)
            )
        self.end_headers()

    def _give(self, data: bytes, drip_s: float) -> None:
        if not drip_s:
            self.wfile.write(data)
            return
        for byte in data:
            self.wfile.write(bytes([byte]))
            time.sleep(drip_s)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def scripted() -> Iterator[ScriptedServer]:
    told = ScriptedServer()
    server = _Server(told)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
