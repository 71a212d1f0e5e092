"""The figures as a page and as JSON: medians over the runs, a table a part."""

import statistics
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from benchmarks import report
from benchmarks.collect.results import Figure

_HEAD = """# Parsing, storing and collecting

Written by `make bench-collect`; [how it is measured](../../benchmarks/collect/README.md). Medians.

"""

#: The columns of a part: heading, what follows the row's name in the measure, unit.
Columns = tuple[tuple[str, str, str], ...]

_LIVE: Columns = (
    ("seconds", "", "s"),
    ("payloads", "payloads", ""),
    ("lines in Latest", "lines in Latest", ""),
    ("quotes stored", "quotes stored", ""),
    ("changes of a price", "changes of a price", ""),
    ("collector, CPU s", "CPU of the collector", "s"),
    ("Postgres, CPU s", "CPU of the Postgres", "s"),
    ("sandbox, CPU s", "CPU of the sandbox", "s"),
)
_STORE: Columns = (
    ("quotes/s", "", "quotes/s"),
    ("CPU, µs a quote", "CPU of both", "µs/quote"),
    ("% of COPY of the same rows, into both", "of COPY into both tables", "%"),
    ("% of the same with indexes", "of COPY into both tables with their indexes", "%"),
    ("% of COPY into one table", "of COPY into one table", "%"),
    ("% of the same with the making of its text", "of COPY into one table and the making of its text", "%"),
)
_COPY: Columns = (("rows/s", "", "rows/s"), ("CPU, µs a row", "CPU of both", "µs/row"))
_PARSE: Columns = (
    ("MB/s", "", "MB/s"),
    ("payloads/s", "payloads", "payloads/s"),
    ("records/s", "records", "records/s"),
)


def write(folder: Path, figures: list[Figure], machine: dict[str, str], began: float) -> None:
    """Write collect.json and collect.md into `folder`."""
    records = [asdict(figure) for figure in figures]
    report.write(folder, "collect", _HEAD + page(figures), machine, began, figures=records)


def page(figures: list[Figure]) -> str:
    """The medians as Markdown, a table a part."""
    store = [figure for figure in figures if figure.batch is not None]
    rest = [figure for figure in figures if figure.batch is None]
    live = [figure for figure in rest if " cycle, " in figure.measure]
    parse = [figure for figure in rest if figure.measure.startswith("parse ")]
    imported = [figure for figure in rest if figure not in live and figure not in parse]
    parts = [("Live cycles of 300 matches, 3 markets, 15 bookmakers", _pivot(live, _LIVE))]
    for batch in dict.fromkeys(figure.batch for figure in store):
        ours = [figure for figure in store if figure.batch == batch]
        title = f"Quotes into Latest and History, {batch:,} a transaction"
        parts.append((title, f"{_pivot(ours, _STORE)}\n\n{_pivot(ours, _COPY)}"))
    parts.append(("The import of past seasons", _listed(imported)))
    parts.append(("Parsing, one process", _pivot(parse, _PARSE)))
    return "\n\n".join(f"## {title}\n\n{table}" for title, table in parts if "| ---" in table)


def _medians(figures: Iterable[Figure]) -> dict[tuple[str, str], float]:
    values: dict[tuple[str, str], list[float]] = defaultdict(list)
    for figure in figures:
        values[figure.measure, figure.unit].append(figure.value)
    return {key: statistics.median(found) for key, found in values.items()}


def _pivot(figures: list[Figure], columns: Columns) -> str:
    """A row for each name that has the first column's measure."""
    medians = _medians(figures)
    _, first, unit = columns[0]
    names = [name for name, found in medians if found == unit and (not first or name.endswith(first))]
    if not names:
        return ""
    lines = ["| | " + " | ".join(heading for heading, _, _ in columns) + " |"]
    lines.append("| --- |" + " ---: |" * len(columns))
    for name in names:
        if ": " in name:
            continue
        cells = [medians.get((f"{name}: {what}" if what else name, unit)) for _, what, unit in columns]
        shown = " | ".join("" if cell is None else _number(cell) for cell in cells)
        lines.append(f"| {name.removeprefix('parse ')} | {shown} |")
    return "\n".join(lines)


def _listed(figures: list[Figure]) -> str:
    lines = ["| | |", "| --- | ---: |"]
    medians = _medians(figures)
    lines += [f"| {name} | {_number(value)} {unit} |" for (name, unit), value in medians.items()]
    return "\n".join(lines) if medians else ""


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
