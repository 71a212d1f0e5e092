"""The parts that Matchbeat stands on, and whether each of them answers."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter

import redis
import requests

from src.core.errors import MatchbeatError, Transient
from src.core.logging import redact
from src.database import census
from src.pipeline.context import Context

#: A Beat that leads and leaves an entry unfired for so long after its due time fires no more.
LATE = timedelta(minutes=5)

#: A part that hangs is called down after so many seconds.
LIMIT_S = 6.0

_TIMEOUT_S = 3.0
_WORKER_KEYS = "matchbeat:worker:*"

#: What to do about a part that is down.
REMEDIES: Mapping[str, str] = {
    "database": "start Postgres (`matchbeat up`), or set DATABASE_URL to one that runs",
    "redis": "start Redis (`matchbeat up`), or set REDIS_URL to one that runs",
    "prefect": "start Prefect (`matchbeat up`), or set PREFECT_API_URL to one that runs",
    "mlflow": "start MLflow (`matchbeat up`), or set MLFLOW_TRACKING_URI to one that runs",
    "beat": "start a Beat (`matchbeat up`) and read its log (`matchbeat logs beat`)",
    "workers": "start a worker (`matchbeat up`) and read its log (`matchbeat logs worker`)",
}


@dataclass(frozen=True, kw_only=True)
class PartState:
    """What one part answered; `detail` says it in words, `latency_ms` is how long it took."""

    name: str
    ok: bool
    latency_ms: float
    detail: str

    @property
    def title(self) -> str:
        """The part's name as people write it."""
        return "MLflow" if self.name == "mlflow" else self.name.capitalize()

    @property
    def remedy(self) -> str | None:
        """What to do where the part is down."""
        return None if self.ok else REMEDIES[self.name]


#: Looks at a part; returns a word on it, raises where it is down.
Look = Callable[[], str]


def looks(ctx: Context, client: Callable[[], "redis.Redis"]) -> dict[str, Look]:
    """Return how to look at each part, by name."""
    return {
        "database": lambda: _database(ctx),
        "redis": lambda: _redis(client()),
        "prefect": lambda: _answers(f"{ctx.settings.require_prefect_api_url()}/health"),
        "mlflow": lambda: _answers(f"{ctx.settings.require_mlflow_tracking_uri()}/health"),
        "beat": lambda: _beat(ctx),
        "workers": lambda: _workers(client()),
    }


def examine_within(looks_: Mapping[str, Look], limit_s: float = LIMIT_S) -> list[PartState]:
    """Look at these parts at once; one that does not answer within `limit_s` is down.

    A client may wait for ever for a server that took its connection and then hangs: that look is abandoned.
    """
    pool = ThreadPoolExecutor(len(looks_))
    pending = {name: pool.submit(examine, name, look) for name, look in looks_.items()}
    wait(pending.values(), limit_s)
    pool.shutdown(wait=False, cancel_futures=True)
    return [answer.result() if answer.done() else _silent(name, limit_s) for name, answer in pending.items()]


def _silent(name: str, limit_s: float) -> PartState:
    detail = f"has not answered within {limit_s:g} s"
    return PartState(name=name, ok=False, latency_ms=limit_s * 1000, detail=detail)


def examine(name: str, look: Look) -> PartState:
    """Look at one part; a part that is down becomes a state, never an error."""
    begun = perf_counter()
    try:
        ok, detail = True, look()
    except (MatchbeatError, redis.RedisError, requests.RequestException) as error:
        ok, detail = False, redact(" ".join(str(error).split()))
    return PartState(name=name, ok=ok, latency_ms=round((perf_counter() - begun) * 1000, 2), detail=detail)


def examine_all(ctx: Context, client: Callable[[], "redis.Redis"]) -> list[PartState]:
    """Look at all parts at once."""
    return examine_within(looks(ctx, client))


def _database(ctx: Context) -> str:
    ctx.database.ping()
    return "answers"


def _redis(client: "redis.Redis") -> str:
    client.ping()
    return "answers"


def _answers(url: str) -> str:
    requests.get(url, timeout=_TIMEOUT_S).raise_for_status()
    return "answers"


def _beat(ctx: Context) -> str:
    now = ctx.clock.now()
    with ctx.database.session() as session:
        leader, oldest = census.leader(session), census.oldest_due(session)
    if leader is None:
        raise Transient("no Beat has led yet")
    if not leader.held:
        raise Transient(f"nobody leads: {leader.holder} gave up epoch {leader.epoch}")
    if leader.silent_s > leader.lease_s:
        raise Transient(f"{leader.holder} holds the lock and has been silent for {leader.silent_s:.0f} s")
    if oldest is not None and now - oldest > LATE and now - leader.since > LATE:
        raise Transient(f"{leader.holder} leads and has not fired what was due {oldest:%Y-%m-%d %H:%M} UTC")
    return f"{leader.holder} leads, epoch {leader.epoch}"


def _workers(client: "redis.Redis") -> str:
    alive = sum(1 for _ in client.scan_iter(match=_WORKER_KEYS, count=100))
    if not alive:
        raise Transient("no worker has given a sign of life in the last 30 s")
    return f"{alive} alive"
