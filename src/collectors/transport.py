"""Fetches payloads over HTTP: paced, retried, bounded, and only from the configured hosts."""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import cache
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from pyrate_limiter import Limiter, Rate
from requests.adapters import HTTPAdapter
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt
from tenacity import wait_exponential_jitter as exponential_jitter
from tenacity.nap import sleep as nap

from src.core.clock import Clock
from src.core.errors import SourceChanged, Transient
from src.core.metrics import REQUESTS
from src.domain.match import Source
from src.domain.payload import Payload

_RETRIED = {408, 425, 429, 500, 502, 503, 504}
_LONGEST_WAIT_S = 120.0
_MOST_REDIRECTS = 3
_MOST_BYTES = 32 * 1024 * 1024
_KEPT_HEADERS = ("Content-Type", "ETag", "Last-Modified", "Date", "Retry-After")
_TITLE = re.compile(rb"<title[^>]*>(.{0,200}?)</title", re.IGNORECASE | re.DOTALL)
_NOT_FOUND_TITLE = re.compile(r"\b404\b|not found|找不到|不存在", re.IGNORECASE)


class Expect(StrEnum):
    """What a payload has to look like; anything else means that the source has changed."""

    JSON = "JSON"
    HTML = "HTML"
    SCRIPT = "a script"


class _Retry(Transient):
    """An attempt that may be made again, after `after_s` seconds if the source says so."""

    def __init__(self, message: str, after_s: float | None = None) -> None:
        super().__init__(message)
        self.after_s = after_s


class Pace:
    """At most `permits` requests in `interval_s` seconds, shared by the threads of this process."""

    def __init__(self, permits: int, interval_s: float) -> None:
        self._limiter: Any = Limiter(Rate(permits, max(1, round(interval_s * 1000))), buffer_ms=5)

    def wait(self) -> None:
        """Block until the next request may go out."""
        self._limiter.try_acquire("request", blocking=True)


@cache
def pace(source: Source, permits: int, interval_s: float) -> Pace:
    """Return this process's pace of a source, so that one run after another keeps it."""
    return Pace(permits, interval_s)


class Transport:
    """One `requests` session for one source; safe for use by the threads of a pool.

    A failure never looks like an empty answer: it raises Transient where a later call may succeed (429, 5xx,
    time-outs and broken connections, after the retries) and SourceChanged where the address no longer
    answers with what it used to.
    """

    def __init__(
        self,
        source: Source,
        *,
        base_urls: tuple[str, ...],
        clock: Clock,
        user_agent: str,
        timeout_s: float = 20.0,
        max_retries: int = 3,
        retry_delay_s: float = 1.0,
        pace: Pace | None = None,
        pool_size: int = 10,
        sleep: Callable[[float], None] = nap,
    ) -> None:
        self.source = source
        self._clock, self._timeout_s, self._pace = clock, timeout_s, pace
        self._origins = {_origin(url) for url in base_urls}
        self._session = requests.Session()
        self._session.headers["User-Agent"] = user_agent
        # A proxy of the environment cannot reach this machine's own loopback, and looking for one costs time.
        self._session.trust_env = not all(is_loopback(url) for url in base_urls)
        adapter = HTTPAdapter(pool_connections=len(base_urls), pool_maxsize=pool_size)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        self._backoff = exponential_jitter(
            multiplier=retry_delay_s, max=_LONGEST_WAIT_S, jitter=retry_delay_s
        )
        self._retrying = Retrying(
            stop=stop_after_attempt(max_retries + 1),
            wait=self._wait_s,
            retry=retry_if_exception(_is_worth_a_wait),
            sleep=sleep,
            reraise=True,
        )

    def get(self, url: str, *, kind: str, expect: Expect) -> Payload:
        """Fetch `url`; raise Transient or SourceChanged instead of returning anything unexpected."""
        try:
            payload = self._retrying(self._attempt, url, kind)
            _check_shape(payload, expect)
        except Transient:
            REQUESTS.labels(self.source, "transient").inc()
            raise
        except SourceChanged:
            REQUESTS.labels(self.source, "source_changed").inc()
            raise
        REQUESTS.labels(self.source, "ok").inc()
        return payload

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def __enter__(self) -> "Transport":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _wait_s(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.after_s if isinstance(error, _Retry) else None
        return min(_LONGEST_WAIT_S, max(self._backoff(state), asked or 0.0))

    def _attempt(self, url: str, kind: str) -> Payload:
        try:
            response = self._follow(url)
            with response:
                self._check_status(response, url)
                body = _read(response, url)
        except requests.RequestException as error:
            raise _Retry(f"{self.source}: {url} did not answer: {type(error).__name__}") from error
        except ValueError as error:
            # What leads to no address at all: requests reads a redirect's target, followed or not.
            raise SourceChanged(f"{self.source}: {url} leads nowhere: {error}") from error
        return Payload(
            source=self.source,
            kind=kind,
            url=url,
            status=response.status_code,
            headers={name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers},
            body=body,
            sha256=hashlib.sha256(body).hexdigest(),
            fetched_at=self._clock.now(),
        )

    def _follow(self, url: str) -> requests.Response:
        target = url
        for _ in range(_MOST_REDIRECTS + 1):
            if _origin(target) not in self._origins:
                raise SourceChanged(
                    f"{self.source}: {url} leads to {_origin(target)}, which is not configured"
                )
            if self._pace:
                self._pace.wait()
            response = self._session.get(target, timeout=self._timeout_s, stream=True, allow_redirects=False)
            if not response.is_redirect:
                return response
            response.close()
            target = urljoin(target, response.headers["Location"])
        raise SourceChanged(f"{self.source}: {url} redirects more than {_MOST_REDIRECTS} times")

    def _check_status(self, response: requests.Response, url: str) -> None:
        status = response.status_code
        if status in _RETRIED:
            after_s = retry_after_s(response.headers.get("Retry-After"), self._clock.now())
            raise _Retry(f"{self.source}: {url} answered {status}", after_s)
        if status != 200:
            raise SourceChanged(f"{self.source}: {url} answered {status}")


def _is_worth_a_wait(error: BaseException) -> bool:
    # A source that asks for more than we would wait is not asked again before that.
    return isinstance(error, _Retry) and (error.after_s or 0.0) <= _LONGEST_WAIT_S


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for (a number or an HTTP date), None without one."""
    if not header:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now.timestamp())


def is_loopback(url: str) -> bool:
    """Whether an address is this machine's own."""
    return urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _read(response: requests.Response, url: str) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(64 * 1024):
        body += chunk
        if len(body) > _MOST_BYTES:
            raise SourceChanged(f"{url} is larger than {_MOST_BYTES} bytes")
    return bytes(body)


def _check_shape(payload: Payload, expect: Expect) -> None:
    head = payload.body[:200].removeprefix(b"\xef\xbb\xbf").lstrip()
    if expect is Expect.JSON and head[:1] not in {b"{", b"["}:
        raise SourceChanged(f"{payload.source}: {payload.url} is not JSON")
    if expect is Expect.SCRIPT and head[:1] == b"<":
        raise SourceChanged(f"{payload.source}: {payload.url} is a page, not a script")
    if expect is Expect.HTML:
        title = _TITLE.search(payload.body[:20_000])
        if head[:1] != b"<":
            raise SourceChanged(f"{payload.source}: {payload.url} is not a page")
        if title and _NOT_FOUND_TITLE.search(title[1].decode("utf-8", "replace")):
            raise SourceChanged(f"{payload.source}: {payload.url} is a 404 page answered with 200")
