"""No answer can take more room, time or liberty than it was given."""

import gzip
import ssl
import subprocess
import threading
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from src.collectors.transport import Expect, Transport
from src.core.errors import SourceChanged, Transient
from src.domain.match import Source
from tests.integration.transport.server import Answer, ScriptedServer
from tests.stopwatch import Stopwatch

pytestmark = pytest.mark.integration

MOST = 100_000


@pytest.fixture
def transport(source: ScriptedServer, watch: Stopwatch) -> Iterator[Transport]:
    with Transport(
        Source.FBREF, base_urls=(source.url,), clock=watch, user_agent="t", max_retries=1, retry_delay_s=0,
        timeout_s=0.5, most_bytes=MOST, sleep=watch.sleep,
    ) as made:  # fmt: skip
        yield made


def get(transport: Transport, url: str) -> bytes:
    return transport.get(url, kind="day", expect=Expect.JSON).body


def packed(body: bytes, **headers: str) -> Answer:
    return Answer(body=gzip.compress(body), headers={"Content-Encoding": "gzip", **headers})


@pytest.mark.parametrize(("name", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_compressed_body_arrives_unpacked(
    transport: Transport, source: ScriptedServer, name: str, pack: object
) -> None:
    body = b"[" + b"1," * 40_000 + b"1]"
    answer = Answer(body=pack(body), headers={"Content-Encoding": name})  # type: ignore[operator]
    assert get(transport, source.on("/a", answer)) == body
    assert source.asked[0].headers["Accept-Encoding"] == "gzip, deflate"


def test_body_in_two_compressed_parts_arrives_whole(transport: Transport, source: ScriptedServer) -> None:
    parts = gzip.compress(b"[1,") + gzip.compress(b"2]")
    assert (
        get(transport, source.on("/a", Answer(body=parts, headers={"Content-Encoding": "gzip"}))) == b"[1,2]"
    )


@pytest.mark.parametrize(
    "answer",
    [Answer(body=b"[" * (2 * MOST)), packed(b"[" * (MOST + 1)), packed(b"[" * 50_000_000)],
    ids=["plain", "packed", "bomb"],
)  # fmt: skip
def test_body_larger_than_allowed_is_refused(
    transport: Transport, source: ScriptedServer, answer: Answer
) -> None:
    with pytest.raises(SourceChanged, match=f"larger than {MOST} bytes"):
        get(transport, source.on("/a", answer))
    assert source.paths == ["/a"]


def test_largest_allowed_body_is_taken(transport: Transport, source: ScriptedServer) -> None:
    assert len(get(transport, source.on("/a", packed(b"[" * MOST)))) == MOST


@pytest.mark.parametrize(
    "broken",
    [
        Answer(body=b"[1,2", length=400),
        Answer(body=gzip.compress(b"[" * 5000)[:-9], headers={"Content-Encoding": "gzip"}),
        Answer(body=b"no gzip at all", headers={"Content-Encoding": "gzip"}),
        Answer(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1,2,"),
        Answer(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        Answer(raw=b"garbage\r\n\r\n"),
        Answer(raw=b""),
    ],
    ids=["short", "short gzip", "no gzip", "short chunk", "no chunk", "no head", "nothing"],
)
def test_answer_that_breaks_off_is_tried_again(
    transport: Transport, source: ScriptedServer, broken: Answer
) -> None:
    url = source.on("/a", broken, Answer(body=b"[]"))
    assert get(transport, url) == b"[]"
    assert source.paths == ["/a", "/a"]


def test_encoding_that_was_not_asked_for_is_refused(transport: Transport, source: ScriptedServer) -> None:
    with pytest.raises(SourceChanged, match="'br', which was not asked for"):
        get(transport, source.on("/a", Answer(body=b"x", headers={"Content-Encoding": "br"})))


@pytest.mark.parametrize(
    "slow",
    [
        Answer(body=b"[" * 10_000, drip_s=0.02),
        Answer(raw=b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 10_000, drip_s=0.02),
        Answer(raw=b"HTTP/1.1 200 OK\r\n" + b"X-Slow: a\r\n" * 1000, drip_s=0.02),
    ],
    ids=["body", "one header", "headers"],
)
def test_trickle_is_cut_off(transport: Transport, source: ScriptedServer, slow: Answer) -> None:
    with pytest.raises(Transient):
        get(transport, source.on("/a", slow))
    assert source.paths == ["/a", "/a"]
    assert source.gone.wait(10)


def test_silence_is_cut_off(transport: Transport, source: ScriptedServer) -> None:
    with pytest.raises(Transient, match="did not answer"):
        get(transport, source.on("/a", Answer(raw=b"  ", drip_s=5)))


@pytest.mark.parametrize(
    "target",
    ["http://169.254.169.254/x", "https://127.0.0.1/a", "ftp://127.0.0.1/a", "file:///etc/passwd", "//evil/"],
)  # fmt: skip
def test_redirect_elsewhere_is_not_followed(
    transport: Transport, source: ScriptedServer, target: str
) -> None:
    with pytest.raises(SourceChanged, match=r"not configured|nowhere"):
        get(transport, source.on("/a", Answer(302, headers={"Location": target})))
    assert source.paths == ["/a"]


def test_redirect_to_another_port_is_not_followed(transport: Transport, source: ScriptedServer) -> None:
    with pytest.raises(SourceChanged, match=r"127\.0\.0\.1:9, which is not configured"):
        get(transport, source.on("/a", Answer(302, headers={"Location": "http://127.0.0.1:9/b"})))


@pytest.mark.parametrize("target", ["http://[half", "http://a:port/x", "//[::1/x"])
def test_redirect_to_no_address_is_a_changed_source(
    transport: Transport, source: ScriptedServer, target: str
) -> None:
    with pytest.raises(SourceChanged):
        get(transport, source.on("/a", Answer(302, headers={"Location": target})))


def test_redirect_on_the_same_host_is_followed_but_not_for_ever(
    transport: Transport, source: ScriptedServer
) -> None:
    url = source.on("/a", Answer(301, headers={"Location": "/b"}))
    loop = source.on("/loop", Answer(302, headers={"Location": "/loop"}))
    source.on("/b", Answer(body=b"{}"))
    assert get(transport, url) == b"{}"
    with pytest.raises(SourceChanged, match="redirects more than 3 times"):
        get(transport, loop)
    assert source.paths.count("/loop") == 4


def test_body_of_a_redirect_is_not_read(transport: Transport, source: ScriptedServer) -> None:
    endless = Answer(302, body=b"x" * 10_000, headers={"Location": "/b"}, drip_s=0.05)
    source.on("/b", Answer(body=b"{}"))
    assert get(transport, source.on("/a", endless)) == b"{}"


def test_foreign_address_is_not_asked(transport: Transport) -> None:
    for url in ("http://127.0.0.1:9/a", "http://user@evil.example/", "gopher://x/"):
        with pytest.raises(SourceChanged, match=r"not configured|nowhere"):
            get(transport, url)


def test_public_name_that_turns_out_private_is_not_asked(
    source: ScriptedServer, watch: Stopwatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(source.url.rpartition(":")[2])
    found = [(2, 1, 6, "", ("127.0.0.1", port))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: found)
    monkeypatch.setenv("no_proxy", "*")
    base = f"http://www.source.example:{port}"
    source.on("/a", Answer(body=b"{}"))
    with (
        Transport(Source.FBREF, base_urls=(base,), clock=watch, user_agent="t") as transport,
        pytest.raises(SourceChanged, match="private network"),
    ):
        get(transport, f"{base}/a")
    assert not source.asked
    inner = f"http://source.internal:{port}"
    with Transport(Source.FBREF, base_urls=(inner,), clock=watch, user_agent="t") as transport:
        assert get(transport, f"{inner}/a") == b"{}"


def test_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, watch: Stopwatch) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-keyout", tmp_path / "key", "-out", tmp_path / "cert", "-days", "1", "-subj", "/CN=127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign, assignment]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"https://127.0.0.1:{server.server_port}"
    try:
        with (
            Transport(
                Source.FBREF, base_urls=(base,), clock=watch, user_agent="t", sleep=watch.sleep
            ) as transport,
            pytest.raises(SourceChanged, match="certificate"),
        ):
            get(transport, f"{base}/a")
    finally:
        server.shutdown()
        server.server_close()
