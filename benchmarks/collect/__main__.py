"""Measure parsing, storing and collecting: `python -m benchmarks.collect [--only PART] [--runs N] …`."""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.collect import report
from benchmarks.collect.importing import importing
from benchmarks.collect.live import live
from benchmarks.collect.parsing import parsing
from benchmarks.collect.results import Figure
from benchmarks.collect.storing import storing
from benchmarks.scheduler import machine
from benchmarks.scheduler.servers import servers
from src.database.connection import Database

_PARTS = ("parse", "store", "import", "live")
_PACKAGES = ("psycopg2-binary", "sqlalchemy", "pydantic", "lxml")


def main() -> None:
    options = _options()
    began = time.time()
    figures: list[Figure] = []
    with servers() as running:
        facts = machine.facts(running.folder, _PACKAGES)
        for name, value in facts.items():
            print(f"{name}: {value}")
        database = Database(running.postgres.url, pool_size=1)
        parts: dict[str, Callable[[], list[Figure]]] = {
            "parse": lambda: parsing(options.payloads),
            "store": lambda: storing(database, options.runs),
            "import": lambda: importing(database, running.postgres.url, options.payloads / "history"),
            "live": lambda: live(running, options.runs),
        }
        for name in options.only or _PARTS:
            print(f"\n{name}", flush=True)
            for figure in parts[name]():
                batch = f" ({figure.batch:,} a transaction)" if figure.batch else ""
                print(f"  {figure.measure}{batch}: {figure.value:,.4g} {figure.unit}", flush=True)
                figures.append(figure)
        database.close()
    print(f"\n{report.page(figures)}")
    if options.out:
        report.write(options.out, figures, facts, began)
        print(f"\nwritten to {options.out} in {time.time() - began:.0f} s")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.collect", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=_PARTS, help="measure only these, in this order")
    parser.add_argument(
        "--runs", type=int, default=3, help="so many runs of the store and of the live cycles (3)"
    )
    parser.add_argument("--payloads", type=Path, default=Path("../shared/data"), help="recorded payloads")
    parser.add_argument("--out", type=Path, help="the report's folder; without it nothing is written")
    return parser.parse_args()


if __name__ == "__main__":
    main()
