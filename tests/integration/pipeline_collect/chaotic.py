"""Days of collection from a sandbox that spoils its answers: what the tests of it share."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from pydantic import SecretStr

from src.core.clock import Clock
from src.database.connection import Database
from src.domain.summary import SourceSummary
from src.pipeline.collect import collect_details, collect_fixtures, collect_odds, collect_schedules
from src.pipeline.context import Context
from src.sandbox.app import Sandbox
from src.sandbox.chaos.app import ChaoticSandbox
from src.sandbox.chaos.plan import Kind, Plan
from src.sandbox.world.index import World
from tests.conftest import NOW
from tests.integration.pipeline_collect.conftest import pointed_at
from tests.integration.pipeline_collect.sandboxes import serving_app

SINCE, UNTIL = NOW - timedelta(days=2), NOW + timedelta(days=1)
#: More of them: CHAOS_SEEDS="1 2 3".
SEEDS = [int(seed) for seed in os.environ.get("CHAOS_SEEDS", "5 11").split()]
PLAN = Plan(
    shares={
        Kind.SLOW: 0.05, Kind.LIMITED: 0.02, Kind.REFUSED: 0.04, Kind.FAILED: 0.1, Kind.TRUNCATED: 0.1,
        Kind.HALVED: 0.05, Kind.PSEUDO_404: 0.04, Kind.GB18030: 0.05, Kind.BOM: 0.05, Kind.SEALED: 0.05,
        Kind.CHANGED: 0.03,
    },
)  # fmt: skip


@contextmanager
def running(world: World, clock: Clock, plan: Plan) -> Iterator[tuple[ChaoticSandbox, str]]:
    """Serve a world through a chaotic sandbox; give both the application and its address."""
    app = ChaoticSandbox(Sandbox(world, clock), plan, slow_s=0.01)
    with serving_app(app) as url:
        yield app, url


def collecting(context: Context, url: str, database_url: str, redis_url: str) -> Context:
    """Return the context pointed at a sandbox, with the retries and the shared pace of a real one."""
    pointed = pointed_at(context, url, database_url)
    told = {"redis_url": SecretStr(redis_url), "titan_max_retries": 3, "titan_timeout_s": 5.0}
    return replace(
        pointed, settings=pointed.settings.model_copy(update=told), database=Database(database_url)
    )


def collect(ctx: Context) -> dict[str, SourceSummary]:
    """Collect what the daily flow does, odds included."""
    return {
        "fixtures": collect_fixtures(ctx, since=SINCE.date(), until=UNTIL.date()),
        "details": collect_details(ctx, since=SINCE, until=UNTIL),
        "schedules": collect_schedules(ctx),
        "odds": collect_odds(ctx, since=SINCE, until=UNTIL),
    }
