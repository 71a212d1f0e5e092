"""The results as JSON, as a page with a table, and as a plot."""

from dataclasses import asdict
from pathlib import Path

from benchmarks import report
from benchmarks.scheduler.results import SCHEDULERS, Figure, measures, of, ratio

_HEAD = """# The scheduler beside stock Beat and RedBeat

Written by `make bench-scheduler`; [how it is measured](../../benchmarks/scheduler/README.md). Medians, all
taken in one run on one machine; a ratio above 1 is how many times better Matchbeat is. `~` is extrapolated
from what was sent in a bounded time. scheduler.json has every value behind a median.

![Each measure, logarithmic](scheduler.svg)

"""
_COLOURS = {"stock": "#9aa0a6", "redbeat": "#d9822b", "ours": "#1a73e8"}


def write(folder: Path, figures: list[Figure], machine: dict[str, str], began: float) -> None:
    """Write scheduler.json, scheduler.md and scheduler.svg into `folder`."""
    records = [_record(figure) for figure in figures]
    report.write(folder, "scheduler", _HEAD + table(figures), machine, began, figures=records)
    _plot(folder / "scheduler.svg", figures)


def table(figures: list[Figure]) -> str:
    """The figures as a Markdown table."""
    lines = [
        "| | " + " | ".join(SCHEDULERS.values()) + " | against stock | against RedBeat |",
        "| --- |" + " ---: |" * 5,
    ]
    for measure in measures(figures):
        found = {name: of(figures, measure, name) for name in SCHEDULERS}
        unit = next(figure.unit for figure in found.values() if figure)
        cells = [_cell(figure) for figure in found.values()]
        ratios = [_times(ratio(found["ours"], found[peer])) for peer in ("stock", "redbeat")]
        lines.append(f"| {measure}{', ' + unit if unit else ''} | {' | '.join(cells + ratios)} |")
    return "\n".join(lines)


def _record(figure: Figure) -> dict[str, object]:
    return asdict(figure) | {"median": figure.median}


def _cell(figure: Figure | None) -> str:
    return "" if figure is None else figure.bound + _number(figure.median)


def _number(value: float) -> str:
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _times(value: float | None) -> str:
    return "" if value is None else _number(value)


def _plot(file: Path, figures: list[Figure]) -> None:
    """One row of bars a measure that two schedulers share, each on its own logarithmic axis."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "matchbeat"
    from matplotlib import pyplot as plt

    shown = [name for name in measures(figures) if _is_comparable(figures, name)]
    if not shown:
        return
    grid, axes = plt.subplots(len(shown), 1, figsize=(8, 1.05 * len(shown)), squeeze=False)
    for axis, measure in zip(axes[:, 0], shown, strict=True):
        found = [figure for name in SCHEDULERS if (figure := of(figures, measure, name))]
        labels = [SCHEDULERS[figure.scheduler] for figure in found]
        colours = [_COLOURS[figure.scheduler] for figure in found]
        bars = axis.barh(labels, [figure.median for figure in found], color=colours)
        axis.bar_label(bars, [_cell(figure) for figure in found], padding=3, fontsize=7)
        axis.set_xscale("log")
        axis.margins(x=0.25)
        axis.invert_yaxis()
        axis.tick_params(labelsize=7, bottom=False, labelbottom=False, which="both")
        axis.spines[["top", "right", "bottom"]].set_visible(False)
        axis.set_title(f"{measure}, {found[0].unit} ({found[0].better} is better)", fontsize=8, loc="left")
    grid.tight_layout()
    grid.savefig(file, metadata={"Date": None})
    plt.close(grid)


def _is_comparable(figures: list[Figure], measure: str) -> bool:
    found = [figure for figure in figures if figure.measure == measure]
    return len(found) > 1 and all(figure.better and figure.median > 0 for figure in found)
