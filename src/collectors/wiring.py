"""Makes each source's transport as the settings say."""

from src.collectors.transport import Pace, Transport, is_loopback, pace
from src.core.clock import Clock
from src.core.errors import Misconfigured
from src.core.settings import Settings
from src.domain.match import Source

#: FotMob names no limit; two requests a second is what a reader of the site makes.
_FOTMOB_QPS = 2
_FOTMOB_POOL = 8

#: A source on this machine that is allowed this much is a sandbox, and pacing it would only cost time.
_UNPACED_QPS = 100.0


def fotmob_transport(settings: Settings, clock: Clock) -> Transport:
    """Return the transport of FotMob's JSON endpoints."""
    own = is_loopback(settings.fotmob_base_url)
    return _transport(
        Source.FOTMOB,
        settings,
        clock,
        base_urls=(settings.fotmob_base_url,),
        limit=None if own else pace(Source.FOTMOB, _FOTMOB_QPS, 1.0),
        pool_size=_FOTMOB_POOL,
    )


def fbref_transport(settings: Settings, clock: Clock) -> Transport:
    """Return the transport of FBref's pages, one request every FBREF_INTERVAL_SECONDS."""
    interval_s = settings.fbref_interval_s
    return _transport(
        Source.FBREF,
        settings,
        clock,
        base_urls=(settings.fbref_base_url,),
        limit=pace(Source.FBREF, 1, interval_s) if interval_s else None,
        pool_size=1,
    )


def titan_transport(settings: Settings, clock: Clock) -> Transport:
    """Return the transport of Titan007's sites, at most TITAN_RATE_LIMIT_QPS requests a second.

    Raises Misconfigured where TITAN_BASE_URL asks for a gateway: reading the sites instead, unasked, would
    spend requests that the operator meant to spare.
    """
    if settings.titan_base_url is not None:
        raise Misconfigured(
            "TITAN_BASE_URL names a JSON gateway, which the odds collection cannot read yet: "
            "unset it to collect from Titan007's own pages"
        )
    urls = (settings.titan_euro_url, settings.titan_pages_url, settings.titan_days_url)
    qps = settings.titan_rate_limit_qps
    permits = max(1, int(qps))
    unpaced = qps >= _UNPACED_QPS and all(is_loopback(url) for url in urls)
    return _transport(
        Source.TITAN007,
        settings,
        clock,
        base_urls=urls,
        limit=None if unpaced else pace(Source.TITAN007, permits, permits / qps),
        pool_size=settings.titan_max_concurrency,
    )


# TITAN_TIMEOUT, TITAN_MAX_RETRIES and TITAN_RETRY_DELAY_SECONDS hold for all sources: they have no others.
def _transport(
    source: Source,
    settings: Settings,
    clock: Clock,
    *,
    base_urls: tuple[str, ...],
    limit: Pace | None,
    pool_size: int,
) -> Transport:
    return Transport(
        source,
        base_urls=base_urls,
        clock=clock,
        user_agent=settings.user_agent,
        timeout_s=settings.titan_timeout_s,
        max_retries=settings.titan_max_retries,
        retry_delay_s=settings.titan_retry_delay_s,
        pace=limit,
        pool_size=pool_size,
    )
