"""Reads from the process table what the state file cannot know."""

from collections.abc import Iterable, Mapping
from typing import Any

import psutil


def measured(services: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Add to each service its `pid` and `memory`: bytes resident in its whole process tree."""
    return [{**service, **_measure(service["guard"])} for service in services]


def _measure(guard: int | None) -> dict[str, int | None]:
    if guard is None:
        return {"pid": None, "memory": None}
    try:
        tree = psutil.Process(guard)
        children = tree.children()
        first = min(children, key=lambda child: (child.create_time(), child.pid)) if children else None
        memory = sum(_resident(process) for process in [tree, *tree.children(recursive=True)])
    except psutil.Error:
        return {"pid": None, "memory": None}
    return {"pid": first.pid if first else None, "memory": memory}


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0  # ended meanwhile
