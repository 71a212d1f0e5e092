"""The import of a folder of season files, from an empty database to the last commit, and once more."""

import time
from pathlib import Path

from benchmarks.collect.made import empty
from benchmarks.collect.results import Figure
from src.core.clock import SystemClock
from src.core.settings import Settings
from src.database.connection import Database
from src.pipeline.context import Context
from src.pipeline.import_history import import_history


def importing(database: Database, url: str, folder: Path) -> list[Figure]:
    empty(database)
    settings = Settings(_env_file=None, database_url=url)  # type: ignore[call-arg]
    context = Context(settings=settings, clock=SystemClock(), database=database)
    figures = []
    for what, again in (
        ("import of history", False),
        ("the same once more", False),
        ("all read again", True),
    ):
        began = time.perf_counter()
        summary = import_history(context, folder, again=again)
        took = time.perf_counter() - began
        figures.append(Figure(measure=f"{what}, {summary.files} files", unit="s", value=took))
        if not again and summary.matches:
            figures += [
                Figure(measure=f"{what}: matches", unit="", value=summary.matches),
                Figure(measure=f"{what}: quotes", unit="", value=summary.quotes),
                Figure(measure=f"{what}: quotes a second", unit="quotes/s", value=summary.quotes / took),
            ]
        figures.append(Figure(measure=f"{what}: rows changed", unit="", value=summary.changed))
    return figures
