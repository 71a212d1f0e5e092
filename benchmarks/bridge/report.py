"""The results as JSON, as a page with tables, and as a plot."""

import os
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from benchmarks import report
from benchmarks.bridge.goals import goals
from benchmarks.bridge.plot import plot
from benchmarks.bridge.samples import FLOWS, MARKS, WAYS, Series, of, percentile
from benchmarks.scheduler import machine

_HEAD = """# How soon a flow starts

Written by `make bench-bridge`; [how it is measured](../../benchmarks/bridge/README.md). All was measured in
one run, on one machine and one Prefect server. In seconds unless it says otherwise; a ratio says how many
times longer Prefect's process worker with its defaults takes. bridge.json has every run.

![From due to the first line of the flow's code, logarithmic](bridge.svg)

"""
_PACKAGES = ("prefect", "mlflow", "xgboost-cpu", "pandas", "scikit-learn")
_KINDS = {"ad hoc": "Asked for now", "scheduled": "Scheduled"}


def facts(folder: Path) -> dict[str, str]:
    """The machine and the versions; `folder` is where the servers keep their data."""
    return machine.facts(folder) | {name: version(name) for name in _PACKAGES}


def write(folder: Path, series: list[Series], machine: dict[str, str], began: float) -> None:
    """Write bridge.json, bridge.md and bridge.svg into `folder`."""
    machine = machine | {"load average after the run": f"{os.getloadavg()[0]:.2f}"}
    records = [asdict(one) for one in series]
    report.write(folder, "bridge", _HEAD + tables(series), machine, began, series=records)
    plot(folder / "bridge.svg", series)


def tables(series: list[Series]) -> str:
    """All tables of the page, those first that have the goals."""
    parts = [_goals(series)]
    parts += [_starts(series, kind, title) for kind, title in _KINDS.items()]
    parts += [_at_once(one) for one in series if one.kind == "at once"]
    parts.append(_ledger(series))
    return "\n\n".join(part for part in parts if part)


def _goals(series: list[Series]) -> str:
    rows = [
        f"| {goal.words} | {goal.measured} | {'yes' if goal.met else '**no**'} |" for goal in goals(series)
    ]
    return "\n".join(["| goal | measured | met |", "| --- | ---: | --- |", *rows]) if rows else ""


def _starts(series: list[Series], kind: str, title: str) -> str:
    marks = [f"{what}, p{mark}" for what in ("RUNNING", "first line") for mark in MARKS]
    last = "first line, ratio p50, p95" if kind == "ad hoc" else "earliest"
    rows = [
        f"| {FLOWS[flow]} | {WAYS[way]} | {_start(one, series)} |"
        for flow in FLOWS
        for way in WAYS
        if (one := of(series, way, flow, kind))
    ]
    if not rows:
        return ""
    head = f"| flow | how it runs | runs | {' | '.join(marks)} | {last} |"
    return "\n".join([f"## {title}: from due to …", "", head, "| --- | --- |" + " ---: |" * 8, *rows])


def _start(one: Series, series: list[Series]) -> str:
    """The cells of a series: how many, percentiles, and what its kind is judged by."""
    values = [percentile(one.to_running(), mark) for mark in MARKS]
    values += [percentile(one.to_first_line(), mark) for mark in MARKS]
    cells = [str(len(one.runs)), *(f"{value:.3f}" for value in values), _last(one, series)]
    return " | ".join(cells)


def _last(one: Series, series: list[Series]) -> str:
    if one.kind == "scheduled":
        return f"{min(one.to_running()):+.3f}"
    stock = of(series, "stock", one.flow, one.kind)
    if stock is None or stock is one:
        return ""
    ratios = [
        percentile(stock.to_first_line(), mark) / percentile(one.to_first_line(), mark) for mark in (50, 95)
    ]
    return ", ".join(f"{ratio:.1f}" for ratio in ratios)


def _at_once(one: Series) -> str:
    counts = "\n".join(f"| {name} | {value:.4g} |" for name, value in one.counts.items())
    to_code = ", ".join(f"{percentile(one.to_first_line(), mark):.1f}" for mark in MARKS)
    more = f"| s from due to the first line, p50, p95, p99 | {to_code} |"
    return f"## Due at one moment\n\n| | |\n| --- | ---: |\n{counts}\n{more}"


def _ledger(series: list[Series]) -> str:
    rows = []
    for one in series:
        if seen := one.to_seen():
            cells = " | ".join(f"{percentile(seen, mark) * 1000:.0f}" for mark in MARKS)
            rows.append(f"| {WAYS[one.way]} | {FLOWS[one.flow]} | {len(seen)} | {cells} |")
    if not rows:
        return ""
    title = "## From Prefect's end state to the end in the ledger, ms"
    head = "| how it runs | flow | runs | p50 | p95 | p99 |"
    return "\n".join([title, "", head, "| --- | --- |" + " ---: |" * 4, *rows])
