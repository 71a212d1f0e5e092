"""What the catalog declares of Prefect: deployments and the queues of their work pools, as plain values.

`register` sends them and `prefect.yaml` holds them. Beat owns the schedule, so no deployment has one.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from src.domain.entry import Entry, FlowRunner, Runner
from src.scheduling.cadence import describe
from src.scheduling.catalog import CATALOG
from src.scheduling.entrypoints import ENTRYPOINTS, source_folder, work_pool_of

#: Named outright, the engine starts twice as fast as by Prefect's default, which first looks for a flow's own
#: dependencies. `python` is the first on the worker's PATH.
_ENGINE = {"command": "python -m prefect.engine"}


@dataclass(frozen=True, kw_only=True)
class DeclaredDeployment:
    """A deployment as the catalog wants it; without a `concurrency_limit` the ledger alone decides."""

    name: str
    entry: str
    entrypoint: str
    description: str
    version: str
    tags: list[str]
    parameters: dict[str, Any]
    pool: str
    queue: str
    job_variables: dict[str, str]
    concurrency_limit: int | None


def declared(entries: Iterable[Entry] = CATALOG) -> list[DeclaredDeployment]:
    """Return the deployments of the Prefect entries; where entries share one, the first declares it."""
    by_target: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.runner is Runner.PREFECT and entry.target in ENTRYPOINTS:
            by_target.setdefault(entry.target, []).append(entry)
    return [_declared(target, together) for target, together in by_target.items()]


def queue_priorities(entries: Iterable[Entry] = CATALOG) -> dict[str, dict[str, int]]:
    """Return for each work pool its queues with Prefect's priority: 1 for the queue of the most urgent entry.

    No two queues of a pool share a priority in Prefect, so that they are ranked; of two with equally urgent
    entries the first by name is before the other.
    """
    urgency: dict[str, dict[str, int]] = {}
    for entry in entries:
        if entry.runner is Runner.PREFECT:
            queues = urgency.setdefault(work_pool_of(entry), {})
            queues[entry.queue] = max(entry.priority, queues.get(entry.queue, 0))
    return {pool: _ranked(queues) for pool, queues in urgency.items()}


def project_version() -> str:
    """Return the version of this project: that of the checkout, or of the installed package."""
    file = source_folder() / "pyproject.toml"
    if file.is_file():
        return str(tomllib.loads(file.read_text(encoding="utf-8"))["project"]["version"])
    return version("matchbeat")


def _declared(target: str, entries: list[Entry]) -> DeclaredDeployment:
    first = entries[0]
    in_pool = first.flow_runner is FlowRunner.POOL
    return DeclaredDeployment(
        name=target,
        entry=first.name,
        entrypoint=ENTRYPOINTS[target],
        description=_description(entries),
        version=project_version(),
        # Prefect gives them to each run too, also to one made by hand: `clean` and the lists go by them.
        tags=["matchbeat", *(f"entry:{entry.name}" for entry in entries)],
        parameters=first.parameters,
        pool=work_pool_of(first),
        queue=first.queue,
        job_variables=_ENGINE if in_pool else {},
        # Two runs of one entry would fetch the same pages: in the pool the second waits for the first. On the
        # Celery workers the ledger's overlap policy has decided before the run is made, and Prefect's limit
        # would add harm only: it does not count the runs that Beat makes, which begin as PENDING, and holds
        # back for 30 s a time those that become PENDING, as one made by hand or resumed does.
        concurrency_limit=1 if in_pool else None,
    )


def _description(entries: list[Entry]) -> str:
    fired = "; ".join(f"`{entry.name}`: `{describe(entry.cadence)}`" for entry in entries)
    return f"{entries[0].description}\n\nMatchbeat's Beat fires it, by entry {fired}."


def _ranked(urgency: dict[str, int]) -> dict[str, int]:
    queues = sorted(urgency, key=lambda queue: (-urgency[queue], queue))
    return {queue: rank for rank, queue in enumerate(queues, start=1)}
