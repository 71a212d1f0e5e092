"""Measure everything and write the report: `python -m benchmarks.bridge [--only PART] [--runs N]`."""

import argparse
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.bridge import ours, report, stock
from benchmarks.bridge.samples import FLOWS, MARKS, WAYS, Series, percentile
from benchmarks.bridge.stage import Stage, stage

Part = Callable[[Stage, argparse.Namespace], list[Series]]

PARTS: dict[str, Part] = {
    "ad-hoc": lambda stage, options: ours.ad_hoc(stage, options.runs),
    "scheduled": lambda stage, options: ours.scheduled(stage, options.runs),
    "at-once": lambda stage, options: [ours.at_once(stage, options.burst, 4)],
    "pool": lambda stage, options: ours.pooled(stage, options.slow_runs),
    "stock": lambda stage, options: stock.measure(stage, "stock", options.slow_runs),
    "tuned": lambda stage, options: stock.measure(stage, "tuned", options.slow_runs),
    "serve": lambda stage, options: stock.measure(stage, "serve", options.slow_runs),
    "prefork": lambda stage, options: stock.measure(stage, "prefork", options.slow_runs),
}


def main() -> None:
    options = _options()
    random.seed(4)
    began, series, failed = time.time(), [], []
    with stage() as running:
        facts = report.facts(running.servers.folder)
        for name, value in facts.items():
            print(f"{name}: {value}")
        for name in options.only or PARTS:
            print(f"\n{name}", flush=True)
            try:
                found = PARTS[name](running, options)
            except RuntimeError as error:
                failed.append(name)
                print(f"  {name} failed: {error}", file=sys.stderr)
                continue
            series += found
            _show(found, began)
            # Each part takes minutes: an interrupted run leaves what it has.
            report.write(options.out, series, facts, began)
    print(f"\nwritten to {options.out} in {time.time() - began:.0f} s")
    if failed:
        sys.exit(f"not measured: {', '.join(failed)}")


def _show(series: list[Series], began: float) -> None:
    for one in series:
        print(f"  {WAYS[one.way]}, {FLOWS[one.flow]}, {one.kind} ({len(one.runs)} runs), s:")
        print(f"    to RUNNING {_marks(one.to_running())}, earliest {min(one.to_running()):+.3f}")
        print(f"    to the first line {_marks(one.to_first_line())}")
        if one.to_seen():
            print(f"    from its end to the ledger {_marks(one.to_seen())}")
        for name, value in one.counts.items():
            print(f"    {name}: {value:.4g}")
    print(f"  ({time.time() - began:.0f} s since the start)", flush=True)


def _marks(values: list[float]) -> str:
    return ", ".join(f"p{mark} {percentile(values, mark):.3f}" for mark in MARKS)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.bridge", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=list(PARTS), help="measure only these, in this order")
    parser.add_argument("--runs", type=int, default=40, help="flow runs of each kind on Celery workers (40)")
    parser.add_argument("--slow-runs", type=int, default=12, help="and on Prefect's own workers (12)")
    parser.add_argument("--burst", type=int, default=200, help="flow runs that are due at once (200)")
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks"), help="the report's folder")
    return parser.parse_args()


if __name__ == "__main__":
    main()
