"""What the transport makes of a source's answers, over real HTTP."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from src.collectors.transport import Conduct, Expect, Refused, Transport
from src.collectors.transport.pace import LocalPace
from src.core.breaker import Breaker, Resting
from src.core.errors import SourceChanged, Transient
from src.core.metrics import FAILED_ATTEMPTS, REQUESTS
from src.domain.match import Source
from tests.integration.transport.server import Answer, ScriptedServer
from tests.stopwatch import Stopwatch

pytestmark = pytest.mark.integration


@pytest.fixture
def conduct(watch: Stopwatch) -> Conduct:
    return Conduct(pace=LocalPace(0, watch.monotonic), breaker=Breaker(5, 60, watch.monotonic))


@pytest.fixture
def transport(source: ScriptedServer, watch: Stopwatch, conduct: Conduct) -> Iterator[Transport]:
    with Transport(
        Source.FOTMOB, base_urls=(source.url,), clock=watch, user_agent="matchbeat-test", max_retries=2,
        retry_delay_s=0.5, timeout_s=2, conduct=conduct, sleep=watch.sleep,
    ) as made:  # fmt: skip
        yield made


def get(transport: Transport, url: str, expect: Expect = Expect.JSON) -> bytes:
    return transport.get(url, kind="day", expect=expect).body


def counted(outcome: str) -> float:
    return REQUESTS.labels(Source.FOTMOB, outcome)._value.get()


def test_payload_tells_what_arrived(transport: Transport, source: ScriptedServer, watch: Stopwatch) -> None:
    url = source.on("/a", Answer(body=b'\xef\xbb\xbf{"a": 1}', headers={"ETag": "x", "Server": "secret"}))
    payload = transport.get(url, kind="day", expect=Expect.JSON)
    assert (payload.status, payload.url, payload.kind, payload.fetched_at) == (200, url, "day", watch.now())
    assert payload.sha256 == hashlib.sha256(payload.body).hexdigest()
    assert payload.headers["ETag"] == "x"
    assert "Server" not in payload.headers
    assert not payload.from_cache
    assert source.asked[0].headers["User-Agent"] == "matchbeat-test"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 520])
def test_passing_failures_are_retried_with_growing_waits(
    transport: Transport, source: ScriptedServer, watch: Stopwatch, status: int
) -> None:
    url = source.on("/a", Answer(status), Answer(status), Answer(body=b"{}"))
    assert get(transport, url) == b"{}"
    assert len(watch.slept) == 2
    assert 0.5 <= watch.slept[0] <= 1.0 <= watch.slept[1] <= 1.5


def test_failure_that_stays_is_transient_and_never_an_empty_answer(
    transport: Transport, source: ScriptedServer
) -> None:
    before = counted("transient"), FAILED_ATTEMPTS.labels(Source.FOTMOB, "failed")._value.get()
    with pytest.raises(Transient, match="503"):
        get(transport, source.on("/a", Answer(503)))
    assert source.paths == ["/a"] * 3
    after = counted("transient"), FAILED_ATTEMPTS.labels(Source.FOTMOB, "failed")._value.get()
    assert (after[0] - before[0], after[1] - before[1]) == (1, 3)


def test_closed_port_is_transient(watch: Stopwatch) -> None:
    with Transport(
        Source.FOTMOB, base_urls=("http://127.0.0.1:1",), clock=watch, user_agent="t", max_retries=1,
        sleep=watch.sleep,
    ) as transport, pytest.raises(Transient, match="did not answer"):  # fmt: skip
        get(transport, "http://127.0.0.1:1/a")


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
    transport: Transport, source: ScriptedServer, expect: Expect, body: bytes
) -> None:
    with pytest.raises(SourceChanged):
        get(transport, source.on("/a", Answer(body=body)), expect)
    assert source.paths == ["/a"]


def test_missing_page_is_not_retried(transport: Transport, source: ScriptedServer) -> None:
    with pytest.raises(SourceChanged, match="404"):
        get(transport, f"{source.url}/a")
    assert source.paths == ["/a"]


def test_pool_of_threads_shares_one_transport(transport: Transport, source: ScriptedServer) -> None:
    urls = [source.on(f"/{n}", Answer(body=b"[%d]" % n)) for n in range(40)]
    with ThreadPoolExecutor(8) as pool:
        bodies = list(pool.map(lambda url: get(transport, url), urls))
    assert bodies == [b"[%d]" % n for n in range(40)]


def test_retry_after_is_kept_to_the_second(
    transport: Transport, source: ScriptedServer, watch: Stopwatch
) -> None:
    url = source.on("/a", Answer(429, headers={"Retry-After": "30"}), Answer(body=b"{}"))
    assert get(transport, url) == b"{}"
    assert sum(watch.slept) == pytest.approx(30, abs=0.01)


def test_every_transport_of_the_process_heeds_a_retry_after(
    transport: Transport, source: ScriptedServer, watch: Stopwatch, conduct: Conduct
) -> None:
    with pytest.raises(Transient, match="429"):
        get(transport, source.on("/a", Answer(429, headers={"Retry-After": "3600"})))
    assert source.paths == ["/a"]
    other = source.on("/b", Answer(body=b"{}"))
    before = counted("resting")
    with (
        Transport(
            Source.FOTMOB,
            base_urls=(source.url,),
            clock=watch,
            user_agent="t",
            conduct=conduct,
            sleep=watch.sleep,
        ) as second,
        pytest.raises(Resting, match="left alone for another 3600 s"),
    ):
        get(second, other)
    assert source.paths == ["/a"]
    assert counted("resting") - before == 1
    watch.at += 3500
    assert get(transport, other) == b"{}"
    assert watch.slept == [pytest.approx(100)]


def test_too_many_without_a_word_of_how_long_makes_everybody_wait(
    transport: Transport, source: ScriptedServer, conduct: Conduct
) -> None:
    before = counted("limited")
    with pytest.raises(Transient, match="429"):
        get(transport, source.on("/a", Answer(429)))
    assert conduct.pace.resting_s() >= 0.5
    assert counted("limited") - before == 1


@pytest.mark.parametrize("status", [401, 403, 451])
def test_refusal_is_not_asked_again(transport: Transport, source: ScriptedServer, status: int) -> None:
    before = counted("refused")
    with pytest.raises(Refused, match="refuses us"):
        get(transport, source.on("/a", Answer(status)))
    assert source.paths == ["/a"]
    assert counted("refused") - before == 1


def test_challenge_to_browsers_is_a_refusal(transport: Transport, source: ScriptedServer) -> None:
    page = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>"
    with pytest.raises(Refused, match="challenge"):
        get(transport, source.on("/a", Answer(body=page)), Expect.HTML)


def test_source_that_refuses_five_times_in_a_row_is_left_alone(
    transport: Transport, source: ScriptedServer, watch: Stopwatch
) -> None:
    refused, fine = source.on("/no", Answer(403)), source.on("/yes", Answer(body=b"{}"))
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(Refused):
                get(transport, refused)
        get(transport, fine)
    for _ in range(5):
        with pytest.raises(Refused):
            get(transport, refused)
    asked = len(source.asked)
    with pytest.raises(Resting, match="300 s"):
        get(transport, fine)
    assert len(source.asked) == asked
    watch.at += 300
    assert get(transport, fine) == b"{}"


def test_breaker_opens_is_half_open_and_closes(
    transport: Transport, source: ScriptedServer, watch: Stopwatch
) -> None:
    url = source.on("/a", Answer(500))
    for _ in range(5):
        with pytest.raises(Transient, match="500"):
            get(transport, url)
    asked = len(source.asked)
    assert asked == 15
    with pytest.raises(Resting, match="5 times"):
        get(transport, url)
    assert len(source.asked) == asked
    watch.at += 61
    with pytest.raises(Transient, match="500"):
        get(transport, url)
    with pytest.raises(Resting):
        get(transport, url)
    watch.at += 61
    source.on("/a", Answer(body=b"{}"))
    assert [get(transport, url) for _ in range(2)] == [b"{}", b"{}"]


def test_no_more_requests_are_under_way_than_the_source_is_to_bear(
    source: ScriptedServer, watch: Stopwatch
) -> None:
    urls = [source.on(f"/{n}", Answer(body=b"[%d]" % n, drip_s=0.01)) for n in range(12)]
    conduct = Conduct(max_concurrency=2)
    most, under_way = 0, 0
    with (
        Transport(
            Source.FOTMOB, base_urls=(source.url,), clock=watch, user_agent="t", conduct=conduct
        ) as transport,
        ThreadPoolExecutor(12) as pool,
    ):
        futures = [pool.submit(get, transport, url) for url in urls]
        while not all(future.done() for future in futures):
            under_way = 2 - conduct.slots._value  # type: ignore[attr-defined]
            most = max(most, under_way)
    assert {future.result() for future in futures} == {b"[%d]" % n for n in range(12)}
    assert most <= 2
