"""Makes each source's transport as the settings say."""

from datetime import timedelta
from functools import cache

from src.cache.redis_client import quick_redis_client
from src.collectors.transport import Conduct, PayloadCache, Transport
from src.collectors.transport.origins import is_loopback, origin
from src.collectors.transport.pace import LocalPace, Pace, RedisPace, SharedPace
from src.core.clock import Clock
from src.core.errors import Misconfigured
from src.core.settings import Settings
from src.domain.match import Source

_FOTMOB_POOL = 8

#: A source on this machine that is allowed this much is a sandbox, and pacing it would only cost time.
_UNPACED_QPS = 100.0

#: However long Titan007 says that a payload holds: prices change by the minute, and the closing one is soon
#: gone.
_LONGEST_FRESH_ODDS = timedelta(seconds=60)


def fotmob_transport(settings: Settings, clock: Clock, cache: PayloadCache | None = None) -> Transport:
    """Return the transport of FotMob's JSON, at most FOTMOB_RATE_LIMIT_QPS requests a second.

    A FotMob on this machine is a sandbox, and not paced.
    """
    url = settings.fotmob_base_url
    interval_s = 0.0 if is_loopback(url) else 1 / settings.fotmob_rate_limit_qps
    return _transport(
        Source.FOTMOB, settings, clock, cache, (url,), interval_s=interval_s, max_concurrency=_FOTMOB_POOL
    )


def fbref_transport(settings: Settings, clock: Clock, cache: PayloadCache | None = None) -> Transport:
    """Return the transport of FBref's pages, one request every FBREF_INTERVAL_SECONDS."""
    return _transport(
        Source.FBREF, settings, clock, cache, (settings.fbref_base_url,),
        interval_s=settings.fbref_interval_s, max_concurrency=1,
    )  # fmt: skip


def titan_transport(settings: Settings, clock: Clock, cache: PayloadCache | None = None) -> Transport:
    """Return the transport of Titan007's sites, at most TITAN_RATE_LIMIT_QPS requests a second."""
    urls = (settings.titan_euro_url, settings.titan_pages_url, settings.titan_days_url)
    return _titan(settings, clock, cache, urls)


def titan_gateway_transport(settings: Settings, clock: Clock, cache: PayloadCache | None = None) -> Transport:
    """Return the transport of the JSON gateway, paced as the sites are; its token goes along as a bearer's.

    Raises Misconfigured where TITAN_BASE_URL names none.
    """
    if settings.titan_base_url is None:
        raise Misconfigured(
            "TITAN_BASE_URL names no JSON gateway: set it, for example https://gateway.example/odds"
        )
    token = settings.titan_api_token
    headers = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else None
    return _titan(settings, clock, cache, (settings.titan_base_url,), headers)


def _titan(
    settings: Settings,
    clock: Clock,
    cache: PayloadCache | None,
    urls: tuple[str, ...],
    headers: dict[str, str] | None = None,
) -> Transport:
    qps = settings.titan_rate_limit_qps
    unpaced = qps >= _UNPACED_QPS and all(is_loopback(url) for url in urls)
    return _transport(
        Source.TITAN007, settings, clock, cache, urls, interval_s=0.0 if unpaced else 1 / qps,
        max_concurrency=settings.titan_max_concurrency, longest_fresh=_LONGEST_FRESH_ODDS, headers=headers,
    )  # fmt: skip


# TITAN_TIMEOUT, TITAN_MAX_RETRIES and TITAN_RETRY_DELAY_SECONDS hold for all sources: they have no others.
def _transport(
    source: Source,
    settings: Settings,
    clock: Clock,
    cache: PayloadCache | None,
    urls: tuple[str, ...],
    *,
    interval_s: float,
    max_concurrency: int,
    longest_fresh: timedelta | None = None,
    headers: dict[str, str] | None = None,
) -> Transport:
    wanted = timedelta(seconds=settings.longest_fresh_s)
    redis_url = settings.redis_url.get_secret_value() if settings.redis_url else None
    processes = settings.worker_processes + settings.flow_processes
    return Transport(
        source,
        base_urls=urls,
        clock=clock,
        user_agent=settings.user_agent,
        timeout_s=settings.titan_timeout_s,
        max_retries=settings.titan_max_retries,
        retry_delay_s=settings.titan_retry_delay_s,
        conduct=_conduct(source, urls, interval_s, max_concurrency, redis_url, processes),
        cache=cache,
        longest_fresh=min(wanted, longest_fresh) if longest_fresh is not None else wanted,
        headers=headers,
        pool_size=max_concurrency,
    )


@cache
def _conduct(
    source: Source,
    urls: tuple[str, ...],
    interval_s: float,
    max_concurrency: int,
    redis_url: str | None,
    processes: int,
) -> Conduct:
    """Return this process's conduct towards a source, so that one run after another keeps to it."""
    pace: Pace = LocalPace(interval_s)
    if redis_url is not None:
        _, host, port = origin(urls[0])
        shared = RedisPace(quick_redis_client(redis_url), f"{source}@{host}:{port}", interval_s)
        # Each process that may be collecting takes its part of the whole, as if all of them were.
        alone_s = interval_s * processes
        pace = SharedPace(shared, LocalPace(alone_s), alone_s)
    return Conduct(pace=pace, max_concurrency=max_concurrency)
