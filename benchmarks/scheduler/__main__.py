"""Measure everything and write the report: `python -m benchmarks.scheduler [--only PART] [--runs N]`."""

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.scheduler import machine, report
from benchmarks.scheduler.parts import PARTS
from benchmarks.scheduler.results import Figure
from benchmarks.scheduler.servers import Servers, servers

Part = Callable[[Servers, int], list[Figure]]


def main() -> None:
    options = _options()
    began = time.time()
    figures: list[Figure] = []
    failed: list[str] = []
    with servers() as running:
        facts = machine.facts(running.folder)
        for name, value in facts.items():
            print(f"{name}: {value}")
        for name in options.only or PARTS:
            print(f"\n{name}", flush=True)
            part = partial(PARTS[name], running, options.runs)
            try:
                figures += _shown(part, began)
            except RuntimeError as error:
                failed.append(name)
                print(f"  {name} failed: {error}", file=sys.stderr)
    report.write(options.out, figures, facts, began)
    print(f"\n{report.table(figures)}\n\nwritten to {options.out} in {time.time() - began:.0f} s")
    if failed:
        sys.exit(f"not measured: {', '.join(failed)}")


def _shown(part: Callable[[], list[Figure]], began: float) -> list[Figure]:
    figures = part()
    for figure in figures:
        values = ", ".join(f"{value:.4g}" for value in figure.values)
        print(f"  {figure.scheduler:8} {figure.measure}: {values} {figure.unit}")
    print(f"  ({time.time() - began:.0f} s since the start)", flush=True)
    return figures


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.scheduler", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=sorted(PARTS), help="measure only these, in this order")
    parser.add_argument("--runs", type=int, default=3, help="so many runs of the quick measures (3)")
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks"), help="the report's folder")
    return parser.parse_args()


if __name__ == "__main__":
    main()
