"""Real seasons, imported and collected from a sandbox that replays them: either order, nothing doubled."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import uvicorn

from src.core.clock import FixedClock
from src.pipeline.collect import collect_fixtures
from src.pipeline.context import Context
from src.pipeline.import_history import import_history
from src.sandbox.anchor import Anchor
from src.sandbox.app import Sandbox
from src.sandbox.history.history_world import HistoryWorld, read_history
from tests.integration.pipeline_collect.conftest import pointed_at
from tests.integration.pipeline_import.test_either_order import empty, ends, rows

pytestmark = pytest.mark.integration

PLAYED = datetime(2023, 6, 20, 12, tzinfo=UTC)
LEAGUES = ("E0", "SP1", "D1", "I1", "F1")


@pytest.fixture
def seasons(shared_data: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "seasons"
    folder.mkdir()
    for league in LEAGUES:
        (folder / f"{league}_2223.csv").symlink_to(shared_data / "history" / f"{league}_2223.csv")
    return folder


@pytest.fixture
def replayed(context: Context, seasons: Path, database_url: str) -> Iterator[Context]:
    """A context after the season, pointed at a sandbox that tells it as FotMob does, at its own times."""
    clock = FixedClock(PLAYED)
    world = HistoryWorld(read_history(seasons, 1), Anchor(at=PLAYED, shift_weeks=0))
    server = uvicorn.Server(uvicorn.Config(Sandbox(world, clock), log_config=None, lifespan="off"))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    ctx = pointed_at(
        replace(context, clock=clock), f"http://127.0.0.1:{listener.getsockname()[1]}", database_url
    )
    try:
        yield replace(ctx, settings=ctx.settings.model_copy(update={"fotmob_rate_limit_qps": 1000.0}))
    finally:
        server.should_exit = True
        thread.join(10)


def test_a_real_season_is_stored_once_whichever_source_is_first(replayed: Context, seasons: Path) -> None:
    def collect() -> None:
        summary = collect_fixtures(replayed, since=date(2022, 8, 1), until=date(2022, 10, 15))
        assert (summary.error, summary.failed, summary.quarantined) == (None, 0, 0)

    import_history(replayed, seasons)
    collect()
    history_first = ends(replayed)
    apart = "select count(*) from teams t where (select count(*) from team_links where team_id = t.id) <> 2"
    assert rows(replayed, apart) == [(0,)]
    assert rows(replayed, "select count(*) from teams") == [(98,)]
    assert rows(replayed, "select count(*) from matches") == [(5 * 380 - 74,)]
    empty(replayed)
    collect()
    import_history(replayed, seasons, again=True)
    assert ends(replayed) == history_first
