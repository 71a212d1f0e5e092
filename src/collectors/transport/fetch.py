"""The one door to a source: gets a payload, from the cache or from the network, or says why not."""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urljoin

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt
from tenacity import wait_exponential_jitter as exponential_jitter
from tenacity.nap import sleep as nap
from urllib3.exceptions import HTTPError

from src.collectors.transport.bodies import ACCEPTED_ENCODINGS, read_body
from src.collectors.transport.conduct import Conduct
from src.collectors.transport.connections import GuardedAdapter, Session
from src.collectors.transport.freshness import KEPT_HEADERS, VALIDATORS, PayloadCache, conditions, is_fresh
from src.collectors.transport.origins import Origins, is_loopback
from src.collectors.transport.refusals import Again, Foreign, Refused, check_status
from src.collectors.transport.shapes import Expect, check_shape, looks_whole
from src.core.breaker import Resting
from src.core.clock import Clock
from src.core.errors import MatchbeatError, SourceChanged
from src.core.metrics import FAILED_ATTEMPTS, REQUESTS
from src.domain.match import Source
from src.domain.payload import CUT_SHORT, Kept, Payload

_LONGEST_WAIT_S = 120.0
_LONGEST_REST_S = 24 * 3600.0
_MOST_REDIRECTS = 3
_MOST_BYTES = 32 * 1024 * 1024


class _CutShort(Again):
    """A payload that came whole by its headers and does not look it.

    Without its validators it is asked for anew next time, whatever its source says of them.
    """

    def __init__(self, payload: Payload) -> None:
        super().__init__(f"{payload.source}: {payload.url} is cut short")
        told = {name: value for name, value in payload.headers.items() if name not in VALIDATORS}
        self.payload = replace(payload, headers=told, flaw=CUT_SHORT)


class Transport:
    """One session with one source; safe for use by the threads of a pool.

    A failure never looks like an empty answer. It raises Transient where a later call may succeed (429, 5xx,
    time-outs and broken connections after the retries, and Resting where the source was not asked, being left
    alone for now), and SourceChanged where the address no longer answers with what it used to: Refused and
    Foreign among these. `timeout_s` bounds the head of one attempt, and again its body, on the clock of
    `monotonic`.
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
        conduct: Conduct | None = None,
        cache: PayloadCache | None = None,
        longest_fresh: timedelta = timedelta(0),
        headers: Mapping[str, str] | None = None,
        most_bytes: int = _MOST_BYTES,
        pool_size: int = 10,
        sleep: Callable[[float], None] = nap,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.source = source
        self._clock, self._timeout_s, self._most_bytes = clock, timeout_s, most_bytes
        self._conduct, self._cache, self._longest_fresh = conduct or Conduct(), cache, longest_fresh
        self._sleep, self._monotonic = sleep, monotonic
        self._origins = Origins(base_urls)
        self._session = Session()
        own = {"User-Agent": user_agent, "Accept-Encoding": ACCEPTED_ENCODINGS}
        self._session.headers.update({**own, **(headers or {})})
        # A proxy of the environment cannot reach this machine's own loopback, and looking for one costs time.
        self._session.trust_env = not all(is_loopback(url) for url in base_urls)
        adapter = GuardedAdapter(self._origins.check_peer, timeout_s, pool_size=pool_size)
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

    def get(self, url: str, *, kind: str, expect: Expect, final_at: datetime | None = None) -> Payload:
        """Return what `url` has; raise Transient or SourceChanged instead of returning anything unexpected.

        A payload that the cache has, and that its source said would still hold, is not asked for;
        `fetched_at` is then when the source last told it. Nor is one that was told at `final_at` or later:
        from then on an address changes no more.
        """
        try:
            kept = self._cache.find(self.source, url) if self._cache else None
            payload = self._fresh(kept, final_at) or self._conduct.breaker.call(
                lambda: self._asked(url, kind, expect, kept)
            )
        except MatchbeatError as error:
            REQUESTS.labels(self.source, _outcome(error)).inc()
            raise
        REQUESTS.labels(self.source, "from_cache" if payload.from_cache else "ok").inc()
        return replace(payload, kind=kind, url=url)

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def __enter__(self) -> "Transport":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _fresh(self, kept: Kept | None, final_at: datetime | None) -> Payload | None:
        if kept is None:
            return None
        is_final = final_at is not None and kept.seen_at >= final_at
        if not is_final and not is_fresh(kept, self._clock.now(), self._longest_fresh):
            return None
        return self._loaded(kept)

    def _loaded(self, kept: Kept) -> Payload | None:
        payload = self._cache.load(kept) if self._cache else None
        return payload and replace(payload, headers=kept.headers, fetched_at=kept.seen_at, from_cache=True)

    def _asked(self, url: str, kind: str, expect: Expect, kept: Kept | None) -> Payload:
        try:
            return self._retrying(self._attempt, url, kind, expect, kept)
        except _CutShort as cut:
            # Kept raw as it is, and quarantined whole.
            return cut.payload

    def _wait_s(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        wait_s = self._backoff(state)
        if isinstance(error, Again):
            if error.limited and error.after_s is None:
                # It does not say for how long; the others back off as this one does.
                self._conduct.pace.rest(min(_LONGEST_WAIT_S, wait_s))
            wait_s = max(wait_s, error.after_s or 0.0)
        return min(_LONGEST_WAIT_S, wait_s)

    def _attempt(self, url: str, kind: str, expect: Expect, kept: Kept | None) -> Payload:
        try:
            payload = self._unchanged_or_new(url, kind, kept)
            _check(payload, expect)
        except Again as error:
            FAILED_ATTEMPTS.labels(self.source, "limited" if error.limited else "failed").inc()
            if error.after_s:
                self._conduct.pace.rest(min(_LONGEST_REST_S, error.after_s))
            raise
        except Refused:
            self._conduct.refused()
            raise
        except SourceChanged:
            # Not what we wanted, but no refusal either.
            self._conduct.answered()
            raise
        self._conduct.answered()
        return payload

    def _unchanged_or_new(self, url: str, kind: str, kept: Kept | None) -> Payload:
        asked = conditions(kept) if kept else {}
        try:
            with self._conduct.slots, self._follow(url, asked) as response:
                if not (asked and response.status_code == 304):
                    return self._read(response, url, kind)
                told = _told(response)
                response.raw.drain_conn()
        except ValueError as error:
            raise SourceChanged(f"{self.source}: {url} leads nowhere: {error}") from error
        except (requests.RequestException, HTTPError, OSError) as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise SourceChanged(f"{self.source}: {url} has a certificate that does not hold") from error
            raise Again(f"{self.source}: {url} did not answer: {type(error).__name__}") from error
        now = self._clock.now()
        payload = kept and self._loaded(replace(kept, headers={**kept.headers, **told}, seen_at=now))
        # What was kept when we began has been removed meanwhile.
        return payload or self._unchanged_or_new(url, kind, None)

    def _follow(self, url: str, asked: Mapping[str, str]) -> requests.Response:
        target, what = url, f"{self.source}: {url}"
        for _ in range(_MOST_REDIRECTS + 1):
            self._origins.check(target, what)
            self._wait_for_turn()
            response = self._session.get(
                target, headers=asked, timeout=self._timeout_s, stream=True, allow_redirects=False
            )
            if not response.is_redirect:
                return response
            response.close()
            target = urljoin(target, response.headers["Location"])
        raise SourceChanged(f"{what} redirects more than {_MOST_REDIRECTS} times")

    def _wait_for_turn(self) -> None:
        pace = self._conduct.pace
        while True:
            rest_s = pace.resting_s()
            if rest_s > _LONGEST_WAIT_S:
                raise Resting(f"{self.source} is left alone for another {rest_s:.0f} s, as it asked")
            wait_s = rest_s or pace.permit()
            if not wait_s:
                return
            self._sleep(wait_s)

    def _read(self, response: requests.Response, url: str, kind: str) -> Payload:
        what = f"{self.source}: {url}"
        check_status(response.status_code, response.headers, what, self._clock.now())
        late_at = self._monotonic() + self._timeout_s
        body = read_body(
            response, what, most_bytes=self._most_bytes, is_late=lambda: self._monotonic() > late_at
        )
        return Payload(
            source=self.source,
            kind=kind,
            url=url,
            status=response.status_code,
            headers=_told(response),
            body=body,
            sha256=hashlib.sha256(body).hexdigest(),
            fetched_at=self._clock.now(),
        )


def _check(payload: Payload, expect: Expect) -> None:
    try:
        check_shape(payload.body, expect, f"{payload.source}: {payload.url}")
    except Refused:
        raise
    except SourceChanged as error:
        raise Foreign(str(error), payload) from error
    if not looks_whole(payload.body, expect):
        raise _CutShort(payload)


def _told(response: requests.Response) -> dict[str, str]:
    return {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}


def _is_worth_a_wait(error: BaseException) -> bool:
    # A source that asks for more than we would wait is not asked again before that.
    return isinstance(error, Again) and (error.after_s or 0.0) <= _LONGEST_WAIT_S


def _outcome(error: MatchbeatError) -> str:
    if isinstance(error, Again):
        return "limited" if error.limited else "transient"
    if isinstance(error, Resting):
        return "resting"
    if isinstance(error, SourceChanged):
        return "refused" if isinstance(error, Refused) else "source_changed"
    return "transient"
