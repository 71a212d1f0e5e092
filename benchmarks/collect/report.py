"""The figures as a page and as JSON: medians over the runs."""

import statistics
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path

from benchmarks import report
from benchmarks.collect.results import Figure

_HEAD = """# Parsing, storing and collecting

Written by `make bench-collect`; [how it is measured](../../benchmarks/collect/README.md). Medians.

"""


def write(folder: Path, figures: list[Figure], machine: dict[str, str], began: float) -> None:
    """Write collect.json and collect.md into `folder`."""
    records = [asdict(figure) for figure in figures]
    report.write(folder, "collect", _HEAD + table(figures), machine, began, figures=records)


def table(figures: list[Figure]) -> str:
    """The medians as a Markdown table."""
    values: dict[tuple[str, int | None, str], list[float]] = defaultdict(list)
    for figure in figures:
        values[figure.measure, figure.batch, figure.unit].append(figure.value)
    lines = ["| | quotes a transaction | median | runs |", "| --- | ---: | ---: | ---: |"]
    for (measure, batch, unit), found in values.items():
        shown = f"{_number(statistics.median(found))} {unit}".strip()
        lines.append(f"| {measure} | {f'{batch:,}' if batch else ''} | {shown} | {len(found)} |")
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
