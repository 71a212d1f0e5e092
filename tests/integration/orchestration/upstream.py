"""A local server in the place of the sources: answers by path prefix, and counts what was asked."""

from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

#: What MLflow answers where no model was ever registered.
_NO_MODEL = b'{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no such model"}'

EMPTY = {
    "/mlflow/health": (200, "text/plain", b"OK"),
    "/mlflow/": (404, "application/json", _NO_MODEL),
    "/fotmob/api/data/matches": (200, "application/json", b'{"leagues": [], "date": "20260301"}'),
    "/titan/days/": (200, "text/html", b"<html><body><table id='table_live'></table></body></html>"),
}


class Upstream:
    """Serves `answers` (path prefix → status, type, body) after `delay_s` seconds; all else is 404.

    Calls `after`, where one is set, with the number of requests so far before it answers each.
    """

    def __init__(self) -> None:
        self.answers = dict(EMPTY)
        self.asked: Counter[str] = Counter()
        self.paths: list[str] = []
        self.after: Callable[[int], None] | None = None
        self.delay_s = 0.0
        self._ended = Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "Upstream":
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    def breaks(self, prefix: str, status: int = 503) -> None:
        """Let everything below `prefix` answer `status` from now on."""
        self.answers = {key: value for key, value in self.answers.items() if not key.startswith(prefix)}
        self.answers[prefix] = (status, "text/plain", b"away")

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                upstream._ended.wait(upstream.delay_s)
                upstream.asked[self.path.split("/")[1]] += 1
                upstream.paths.append(self.path)
                if upstream.after:
                    upstream.after(len(upstream.paths))
                for prefix, (status, kind, body) in upstream.answers.items():
                    if self.path.startswith(prefix):
                        return self._answer(status, kind, body)
                return self._answer(404, "text/plain", b"not here")

            def _answer(self, status: int, kind: str, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                return None

        return Handler
