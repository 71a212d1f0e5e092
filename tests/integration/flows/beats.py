"""Beats that send flow runs, and what they left in the ledger and in Prefect."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select

from src.database.connection import Database
from src.database.tables.schedule import FireRow
from src.domain.fire import OPEN, FireId
from src.scheduling.bridge.client import PrefectClient
from src.scheduling.bridge.records import FlowRun
from tests.integration.beats.flock import Flock, hatched
from tests.integration.tasks.conftest import until

T = TypeVar("T")


@contextmanager
def flow_beats(
    folder: Path, database_url: str, redis_url: str, prefect_url: str, entries: str,
    patience: Mapping[str, float] | None = None,
) -> Iterator[Flock]:  # fmt: skip
    """Open a nursery of Beats with the set `entries`; `patience` shortens constants of theirs."""
    settings = {"entries": entries, "lease_s": 10.0, "patience": dict(patience or {})}
    module = "tests.integration.flows.beat_nursery"
    with hatched(module, settings, folder, database_url, redis_url, prefect_url) as beats:
        yield beats


def wait_for_declaration(beats: Flock) -> None:
    """Wait until a leader has declared its entries."""
    beats.wait_for(lambda: beats.query("select 1 from schedule_entries"), "declaration")


def fires(database: Database, entry: str | None = None) -> list[FireRow]:
    """Return the rows of an entry, or of all, the earliest due first."""
    with database.session() as session:
        wanted = select(FireRow).order_by(FireRow.due_at)
        return list(session.scalars(wanted if entry is None else wanted.where(FireRow.entry == entry)))


def fire_that(
    database: Database, entry: str, fits: Callable[[FireRow], bool], within_s: float = 30
) -> FireRow:
    """Wait for a fire of the entry that fits, and return its row."""
    found = until(
        lambda: [row for row in fires(database, entry) if fits(row)], f"a fire of {entry}", within_s
    )
    return found[0]


def has_ended(row: FireRow) -> bool:
    return row.state not in OPEN


def runs_of(client: PrefectClient, fire: FireId) -> list[FlowRun]:
    """Return the flow runs that Prefect has under the key of a fire."""
    return client.flow_runs(keys=[str(fire)])
