"""Extract, transform, load: the smallest flow that is written as all our flows are.

What it shows
    Three tasks in a row: extract is tried again where its source is away for the moment; transform sets a
    record aside that cannot be read, and goes on with the others; load may run twice. The flow's summary ends
    up in Prefect and beside the fire.

How to run it
    `matchbeat up`, then `python -m src.orchestration.flows.examples.basic_pipeline`.

What one sees
    A flow run `example-basic-pipeline` with the tasks extract, transform and load; its state says
    "12 results of 4 clubs, 1 set aside"; the table of the made-up league stands in
    `.matchbeat/examples/league_table.json`. The data is made in this module: no network is needed.
"""

import json
import os
import random
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any

from prefect import flow, task

from src.core.errors import BadData
from src.core.settings import settings
from src.orchestration.flows.envelope import ONCE, RETRYING, completed, working_context
from src.orchestration.flows.outcome_hooks import REPORTED

CLUBS = ("Ashford Rovers", "Bexley Town", "Carrick United", "Dunmore Athletic")


@dataclass(frozen=True, kw_only=True)
class Result:
    """The end of one match."""

    home: str
    away: str
    home_goals: int
    away_goals: int


@flow(name="example-basic-pipeline", timeout_seconds=120, **REPORTED)
def basic_pipeline_flow(seed: int = 1, into: str | None = None, fire_id: str | None = None) -> Any:
    """Make the table of a made-up league, the same for the same `seed`, and write it to the file `into`.

    Without `into` it goes below MATCHBEAT_HOME. Raises BadData where not one result can be read.
    """
    ctx = working_context(fire_id)
    lines = extract(seed)
    table, bad = transform(lines)
    file = load(table, into or str(settings().home / "examples" / "league_table.json"))
    read = len(lines) - len(bad)
    return completed(
        ctx,
        {"extracted": len(lines), "read": read, "set_aside": bad, "leader": table[0]["club"], "file": file},
        f"{read} results of {len(table)} clubs, {len(bad)} set aside",
    )


@task(name="extract", **RETRYING)
def extract(seed: int) -> list[str]:
    """Return the season's results as text, one a line, as a source would send them."""
    chance = random.Random(seed)  # noqa: S311 - a made-up league, not a secret
    lines = [
        f"{home};{chance.randint(0, 4)};{chance.randint(0, 3)};{away}"
        for home, away in permutations(CLUBS, 2)
    ]
    # Sources do send such lines.
    return [*lines, f"{CLUBS[0]};postponed;;{CLUBS[1]}"]


@task(name="transform", **ONCE)
def transform(lines: Sequence[str]) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the league table, best club first, and the lines that could not be read."""
    results, bad = [], []
    for line in lines:
        try:
            results.append(parse(line))
        except BadData as error:
            bad.append(str(error))
    if not results:
        raise BadData(
            f"not one of {len(lines)} results could be read; the first: {bad[0] if bad else 'none'}"
        )
    return standings(results), bad


@task(name="load", **ONCE)
def load(table: Sequence[dict[str, Any]], into: str) -> str:
    """Write the table to the file `into` and return its path; whoever reads meanwhile gets the old one."""
    file = Path(into)
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.write_text(json.dumps(list(table), indent=2), encoding="utf-8")
    draft.replace(file)
    return str(file)


def parse(line: str) -> Result:
    """Read one line, as `Ashford Rovers;2;1;Bexley Town`; raise BadData with the line where it is none."""
    try:
        home, home_goals, away_goals, away = line.split(";")
        return Result(home=home, away=away, home_goals=int(home_goals), away_goals=int(away_goals))
    except ValueError as error:
        raise BadData(f"{line!r} is no result: {error}") from error


def standings(results: Sequence[Result]) -> list[dict[str, Any]]:
    """Return each club's points (3 for a win, 1 for a draw) and goal difference, best first."""
    points: dict[str, int] = Counter()
    difference: dict[str, int] = Counter()
    for result in results:
        gap = result.home_goals - result.away_goals
        for club, ahead in ((result.home, gap), (result.away, -gap)):
            points[club] += 3 if ahead > 0 else 1 if ahead == 0 else 0
            difference[club] += ahead
    ranked = sorted(points, key=lambda club: (-points[club], -difference[club], club))
    return [{"club": club, "points": points[club], "difference": difference[club]} for club in ranked]


if __name__ == "__main__":
    from src.orchestration.flows.examples.by_hand import by_hand

    sys.exit(by_hand(basic_pipeline_flow))
