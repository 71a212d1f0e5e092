"""The transport against a loopback server."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from src.collectors.transport import Expect, Transport, retry_after_s
from src.core.clock import FixedClock
from src.core.errors import SourceChanged, Transient
from src.domain.match import Source
from tests.integration.pipeline_collect.upstream import Upstream

pytestmark = pytest.mark.integration


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def transport(upstream: Upstream, waits: list[float]) -> Iterator[Transport]:
    with Transport(
        Source.FOTMOB, base_urls=(upstream.url,), clock=FixedClock(), user_agent="matchbeat-test",
        max_retries=2, retry_delay_s=0.5, timeout_s=2, sleep=waits.append,
    ) as made:  # fmt: skip
        yield made


def get(transport: Transport, upstream: Upstream, path: str, expect: Expect = Expect.JSON) -> bytes:
    return transport.get(upstream.url + path, kind="day", expect=expect).body


def test_payload_tells_what_arrived(transport: Transport, upstream: Upstream) -> None:
    upstream.bodies["/a"] = b'\xef\xbb\xbf{"a": 1}'
    payload = transport.get(f"{upstream.url}/a", kind="day", expect=Expect.JSON)
    assert (payload.status, payload.body, payload.fetched_at) == (200, upstream.bodies["/a"], FixedClock().at)
    assert payload.sha256 == hashlib.sha256(payload.body).hexdigest()


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_passing_failures_are_retried_with_growing_waits(
    transport: Transport, upstream: Upstream, waits: list[float], status: int
) -> None:
    upstream.bodies["/a"] = b"{}"
    upstream.statuses["/a"] = [status, status]
    assert get(transport, upstream, "/a") == b"{}"
    assert len(waits) == 2
    assert 0.5 <= waits[0] <= 1.0 <= waits[1] <= 1.5


def test_failure_that_stays_is_transient_and_never_an_empty_answer(
    transport: Transport, upstream: Upstream
) -> None:
    upstream.statuses["/a"] = [503] * 9
    with pytest.raises(Transient, match="503"):
        get(transport, upstream, "/a")
    assert len(upstream.asked) == 3


def test_closed_port_is_transient(waits: list[float]) -> None:
    with Transport(
        Source.FOTMOB, base_urls=("http://127.0.0.1:1",), clock=FixedClock(), user_agent="t", max_retries=1,
        sleep=waits.append,
    ) as transport, pytest.raises(Transient, match="did not answer"):  # fmt: skip
        transport.get("http://127.0.0.1:1/a", kind="day", expect=Expect.JSON)


@pytest.mark.parametrize(
    ("expect", "body"),
    [
        (Expect.JSON, b"<html></html>"),
        (Expect.JSON, b""),
        (Expect.SCRIPT, b"<!DOCTYPE html><title>404</title>"),
        (Expect.HTML, b"<html><head><title>404 Not Found</title></head></html>"),
        (Expect.HTML, b'{"error": 1}'),
    ],
)
def test_answer_of_another_kind_is_a_changed_source(
    transport: Transport, upstream: Upstream, expect: Expect, body: bytes
) -> None:
    upstream.bodies["/a"] = body
    with pytest.raises(SourceChanged):
        get(transport, upstream, "/a", expect)
    assert upstream.asked == ["/a"]


def test_missing_page_is_not_retried(transport: Transport, upstream: Upstream) -> None:
    with pytest.raises(SourceChanged, match="404"):
        get(transport, upstream, "/a")
    assert upstream.asked == ["/a"]


def test_redirect_to_another_host_is_not_followed(transport: Transport, upstream: Upstream) -> None:
    upstream.redirects["/a"] = "http://169.254.169.254/secrets"
    with pytest.raises(SourceChanged, match="not configured"):
        get(transport, upstream, "/a")


def test_redirect_on_the_same_host_is_followed_but_not_for_ever(
    transport: Transport, upstream: Upstream
) -> None:
    upstream.redirects |= {"/a": "/b", "/loop": "/loop"}
    upstream.bodies["/b"] = b"{}"
    assert get(transport, upstream, "/a") == b"{}"
    with pytest.raises(SourceChanged, match="redirects"):
        get(transport, upstream, "/loop")


def test_foreign_address_is_not_asked(transport: Transport) -> None:
    with pytest.raises(SourceChanged, match="not configured"):
        transport.get("http://127.0.0.1:9/a", kind="day", expect=Expect.JSON)


def test_pool_of_threads_shares_one_transport(transport: Transport, upstream: Upstream) -> None:
    upstream.bodies |= {f"/{n}": b"[%d]" % n for n in range(40)}
    with ThreadPoolExecutor(8) as pool:
        bodies = list(pool.map(lambda n: get(transport, upstream, f"/{n}"), range(40)))
    assert bodies == [b"[%d]" % n for n in range(40)]


def test_retry_after_is_seconds_or_a_date() -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert retry_after_s("7", now) == 7
    assert retry_after_s("Sun, 01 Mar 2026 12:00:30 GMT", now) == 30
    assert retry_after_s("Sun, 01 Mar 2026 11:00:00 GMT", now) == 0
    assert retry_after_s("soon", now) is None
    assert retry_after_s(None, now) is None


@pytest.mark.parametrize("target", ["http://[half", "http://a:port/x", "//[::1/x"])
def test_redirect_to_no_address_is_a_changed_source(
    transport: Transport, upstream: Upstream, target: str
) -> None:
    upstream.redirects["/a"] = target
    with pytest.raises(SourceChanged):
        get(transport, upstream, "/a")


def test_retry_after_that_is_no_number_is_none() -> None:
    assert retry_after_s("\u00b2", datetime(2026, 3, 1, 12, tzinfo=UTC)) is None


def test_a_source_that_asks_for_more_than_we_wait_is_left_alone(
    transport: Transport, upstream: Upstream, waits: list[float]
) -> None:
    upstream.bodies["/a"], upstream.statuses["/a"] = b"{}", [429]
    upstream.headers["/a"] = {"Retry-After": "30"}
    assert get(transport, upstream, "/a") == b"{}"
    assert waits == [30]
    upstream.statuses["/a"], upstream.headers["/a"] = [429], {"Retry-After": "3600"}
    with pytest.raises(Transient, match="429"):
        get(transport, upstream, "/a")
    assert waits == [30]


def test_body_without_end_is_refused(
    transport: Transport, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("src.collectors.transport._MOST_BYTES", 100_000)
    upstream.bodies["/a"] = b"[" * 200_000
    with pytest.raises(SourceChanged, match="larger"):
        get(transport, upstream, "/a")
