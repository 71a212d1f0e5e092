"""The plot of the report."""

from pathlib import Path
from typing import Any

from benchmarks.bridge.samples import FLOWS, WAYS, Series, of, percentile

_COLOURS = {
    "celery": "#1a73e8",
    "pool": "#8ab4f8",
    "stock": "#9aa0a6",
    "tuned": "#c58af9",
    "serve": "#d9822b",
    "prefork": "#5bb974",
}


def plot(file: Path, series: list[Series]) -> None:
    """A bar to the median and a whisker to p95 of each series that was asked for now, one panel a flow."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "matchbeat"
    from matplotlib import pyplot as plt

    shown = [flow for flow in FLOWS if any(_found(series, flow))]
    if not shown:
        return
    grid, axes = plt.subplots(len(shown), 1, figsize=(8, 2 * len(shown)), squeeze=False, sharex=True)
    for axis, flow in zip(axes[:, 0], shown, strict=True):
        _panel(axis, flow, _found(series, flow))
    axes[-1, 0].set_xlabel("s, logarithmic: bar to the median, line to p95", fontsize=8)
    grid.tight_layout()
    grid.savefig(file, metadata={"Date": None})
    plt.close(grid)


def _found(series: list[Series], flow: str) -> list[Series]:
    return [one for way in WAYS if (one := of(series, way, flow, "ad hoc"))]


def _panel(axis: Any, flow: str, found: list[Series]) -> None:
    medians = [percentile(one.to_first_line(), 50) for one in found]
    late = [percentile(one.to_first_line(), 95) for one in found]
    bars = axis.barh(
        [WAYS[one.way] for one in found],
        medians,
        color=[_COLOURS[one.way] for one in found],
        xerr=[[0] * len(found), [high - low for low, high in zip(medians, late, strict=True)]],
        error_kw={"elinewidth": 1, "capsize": 2, "ecolor": "#444"},
    )
    axis.bar_label(bars, [f"{value:.2f}" for value in medians], padding=3, fontsize=7)
    axis.set_xscale("log")
    axis.margins(x=0.2)
    axis.invert_yaxis()
    axis.tick_params(labelsize=7)
    axis.spines[["top", "right"]].set_visible(False)
    axis.set_title(f"{FLOWS[flow]}: asked for now, to the first line of its code", fontsize=8, loc="left")
