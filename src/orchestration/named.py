"""Finding a deployment by its own name or by its entry's, in the stored schedule or the catalog."""

from collections.abc import Iterable

from src.core.errors import Misconfigured
from src.database.connection import Database
from src.database.schedule import EntryView, views
from src.domain.entry import Entry, Runner
from src.scheduling.catalog import CATALOG, nearest


def stored_entries(database: Database) -> list[EntryView]:
    """Return the stored schedule; it is empty until a Beat has led once."""
    with database.session() as session:
        return views(session)


def entry_called(name: str, stored: Iterable[Entry]) -> Entry | None:
    """Return the Prefect entry called `name`, or the first of the deployment called so, or None.

    What is stored goes before the catalog. Raises Misconfigured where the entry `name` runs a Celery task.
    """
    # A stored entry that cannot be read is shown without a limit.
    entries = {entry.name: entry for entry in (*CATALOG, *stored) if entry.limit}
    if name in entries and entries[name].runner is not Runner.PREFECT:
        raise Misconfigured(
            f"entry {name!r} runs the Celery task {entries[name].target}, not a flow: "
            f"`matchbeat schedule run-now {name}` runs it"
        )
    flows = [entry for entry in entries.values() if entry.runner is Runner.PREFECT]
    return entries.get(name) or next((entry for entry in flows if entry.target == name), None)


def unknown(name: str, stored: Iterable[Entry], deployments: Iterable[str] = ()) -> Misconfigured:
    """Return the error for a name that nothing has, with the nearest of those that there are."""
    flows = [entry for entry in (*CATALOG, *stored) if entry.runner is Runner.PREFECT]
    known = {*deployments, *(entry.name for entry in flows), *(entry.target for entry in flows)}
    return Misconfigured(f"there is no deployment and no flow's entry called {name!r}{nearest(name, known)}")
