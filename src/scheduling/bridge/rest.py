"""Calls of Prefect's REST API: bounded, repeated where that is safe, and left out while it is away."""

import base64
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from threading import BoundedSemaphore
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random_exponential

from src.core.breaker import Breaker
from src.core.errors import MatchbeatError, Misconfigured, Transient
from src.core.logging import redact

T = TypeVar("T")

#: So many calls that only read may be under way beside those that write.
_READERS = 4


class NotFound(Misconfigured):
    """Prefect has nothing at that address."""


class ServerFault(Transient):
    """Prefect failed at this one call (500); another may go well."""


class _Again(Transient):
    """An attempt that may be made anew, until `tries` were made."""

    tries: ClassVar[int] = 1


class _Busy(_Again):
    """Prefect's database was locked, as SQLite's is for moments; nothing was written."""

    tries = 12


class _Cut(_Again):
    """The connection was refused or dropped; Prefect may have done what it was asked."""

    tries = 3


class _Slow(_Again):
    """A write was not answered in time; Prefect may have done what it was asked."""

    tries = 2


class _Patience:
    """Ends the repeats of one call once one kind of fault has come as often as its `tries`."""

    def __init__(self) -> None:
        self._seen: Counter[type[BaseException]] = Counter()

    def __call__(self, state: RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        assert isinstance(error, _Again)  # noqa: S101 - nothing else is repeated
        self._seen[type(error)] += 1
        return self._seen[type(error)] >= error.tries


class Rest:
    """One server's API under `api_url`, which ends in `/api`; threads may share it, forks may not.

    Every call must be safe to repeat: it is made up to twelve times after a 503, up to three times after a
    dropped connection, and one that writes twice where no answer came within `timeout_s`. At most `writers`
    calls write at a time. Raises Transient where Prefect is away or answers 429 or 5xx, Misconfigured where
    it refuses.
    """

    def __init__(
        self, api_url: str, auth: str | None, timeout_s: float, writers: int, breaker: Breaker
    ) -> None:
        self.url = api_url.rstrip("/")
        self._timeout_s = timeout_s
        self._breaker = breaker
        self._writing = BoundedSemaphore(writers)
        self._http = requests.Session()
        # A proxy of the environment cannot reach this machine's own loopback.
        self._http.trust_env = urlsplit(api_url).hostname not in {"127.0.0.1", "localhost", "::1"}
        self._http.auth = _Basic(auth) if auth else None
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=writers + _READERS, pool_block=True)
        self._http.mount("http://", adapter)
        self._http.mount("https://", adapter)

    def get(self, path: str, *, anyway: bool = False) -> Any:
        """Read one thing; `anyway` asks even while Prefect is left in peace."""
        return self._breaker.call(partial(self._call, "GET", path), anyway=anyway)

    def find(self, path: str, body: Mapping[str, Any]) -> Any:
        """Read what a POST finds."""
        return self._breaker.call(partial(self._call, "POST", path, body))

    def write(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Change something; a second call with the same body must change nothing more."""
        return self._breaker.call(partial(self._call, method, path, body, writes=True))

    def read(self, reader: Callable[[Any], T], told: Any) -> T:
        """Return what `reader` makes of an answer; raise Transient where it is not of Prefect's shape."""
        try:
            return reader(told)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Transient(
                f"{redact(self.url)} does not answer as Prefect does: {type(error).__name__} {error}"
            ) from error

    def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, writes: bool = False
    ) -> Any:
        repeats = Retrying(
            retry=retry_if_exception_type(_Again),
            stop=_Patience(),
            # With jitter: those who were refused together must not come back together.
            wait=wait_random_exponential(multiplier=0.1, max=1),
            reraise=True,
        )
        return repeats(self._write if writes else self._ask, method, path, body)

    def _write(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        with self._turn():
            return self._ask(method, path, body, _Slow)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._writing.acquire(timeout=self._timeout_s):
            raise Transient(f"no turn at Prefect within {self._timeout_s:g} s: other calls are writing")
        try:
            yield
        finally:
            self._writing.release()

    def _ask(
        self, method: str, path: str, body: Mapping[str, Any] | None, slow: type[Transient] = Transient
    ) -> Any:
        url = self.url + path
        try:
            answer = self._http.request(method, url, json=body, timeout=self._timeout_s)
        except requests.Timeout as error:
            raise slow(
                f"{self._where()} did not answer {method} {path} within {self._timeout_s:g} s"
            ) from error
        except requests.exceptions.InvalidJSONError as error:
            raise Misconfigured(f"{method} {path}: the parameters are no JSON: {error}") from error
        except ValueError as error:
            raise Misconfigured(f"PREFECT_API_URL is no address: {redact(str(error))}") from error
        except requests.RequestException as error:
            raise _Cut(f"{self._where()} is not answering: {type(error).__name__}") from error
        return self._read_answer(answer, method, path)

    def _read_answer(self, answer: requests.Response, method: str, path: str) -> Any:
        if answer.status_code == 503:
            raise _Busy(f"Prefect answered 503 to {method} {path}, again and again")
        if answer.status_code == 500:
            raise ServerFault(f"Prefect answered 500 to {method} {path}")
        if answer.status_code > 500 or answer.status_code == 429:
            raise Transient(f"Prefect answered {answer.status_code} to {method} {path}")
        if answer.status_code >= 400:
            raise _refusal(answer, method, path)
        try:
            return answer.json() if answer.content else None
        except requests.JSONDecodeError as error:
            raise Transient(
                f"{redact(self.url)} does not answer as Prefect does to {method} {path}"
            ) from error

    def _where(self) -> str:
        return f"Prefect at {redact(self.url)}"


class _Basic(AuthBase):
    """Sends the authentication string as Prefect's own client does: whole, as UTF-8."""

    def __init__(self, auth: str) -> None:
        self._header = "Basic " + base64.b64encode(auth.encode()).decode()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._header
        return request


def _refusal(answer: requests.Response, method: str, path: str) -> MatchbeatError:
    if answer.status_code in {401, 403}:
        return Misconfigured("Prefect refuses our credentials: set PREFECT_API_AUTH_STRING=user:password")
    kind = NotFound if answer.status_code == 404 else Misconfigured
    return kind(f"Prefect refused {method} {path} with {answer.status_code}: {_told(answer)[:300]}")


def _told(answer: requests.Response) -> str:
    """Return the sentence in which Prefect says what is wrong."""
    try:
        told = answer.json()
        return str(told.get("detail") or told.get("exception_detail") or told)
    except (requests.JSONDecodeError, AttributeError):
        return answer.text
