"""A context whose sources are all one loopback server."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from src.core.settings import Settings
from src.pipeline.context import Context
from tests.integration.pipeline_collect.upstream import Upstream, serving


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with serving(Upstream()) as running:
        yield running


@pytest.fixture
def collecting(context: Context, upstream: Upstream, database_url: str) -> Context:
    """The context, pointed at the loopback server."""
    return pointed_at(context, upstream.url, database_url)


def pointed_at(context: Context, url: str, database_url: str) -> Context:
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        database_url=database_url,
        fotmob_base_url=f"{url}/fotmob",
        fbref_base_url=f"{url}/fbref",
        fbref_interval_s=0,
        titan_euro_url=f"{url}/titan/euro",
        titan_pages_url=f"{url}/titan/pages",
        titan_days_url=f"{url}/titan/days",
        titan_rate_limit_qps=1000,
        titan_retry_delay_s=0,
        titan_max_retries=1,
    )
    return replace(context, settings=settings)
