"""How fast each source's payloads are read: bytes to rows, no database."""

import gzip
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.collect.results import Figure
from src.collectors.fbref.parse_schedule import parse_schedule
from src.collectors.football_data.parse import parse_history
from src.collectors.fotmob.parse_day import parse_day
from src.collectors.fotmob.parse_details import parse_details
from src.collectors.titan007.parse_euro import parse_euro
from src.collectors.titan007.parse_lines import parse_lines
from src.domain.payload import Parsed

#: By source and kind: the files in the folder of recorded payloads, and what reads them.
_KINDS: dict[str, tuple[str, Callable[[bytes], Parsed[Any]]]] = {
    "fotmob day": ("fotmob/matches_*.json", parse_day),
    "fotmob details": ("fotmob/match_details_*.json", parse_details),
    "fbref schedule": ("fbref/schedule_*.html.gz", parse_schedule),
    "titan007 1x2": ("titan007/1x2*.js", parse_euro),
    "titan007 ah": ("titan007/asianodds_*.html", parse_lines),
    "titan007 ou": ("titan007/overdown_*.html", parse_lines),
    "football-data history": ("history/*.csv", partial(parse_history, file="season.csv")),
}
_AT_LEAST_S = 1.0


def parsing(payloads: Path) -> list[Figure]:
    figures = []
    for kind, (pattern, parse) in _KINDS.items():
        bodies = [_body(path) for path in sorted(payloads.glob(pattern))]
        if not bodies:
            print(f"  {kind}: no file {pattern} in {payloads}")
            continue
        figures += _rates(kind, bodies, parse)
    return figures


def _body(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def _rates(kind: str, bodies: list[bytes], parse: Callable[[bytes], Parsed[Any]]) -> list[Figure]:
    rounds = rows = 0
    began = time.process_time()
    while (took := time.process_time() - began) < _AT_LEAST_S:
        rounds += 1
        rows += sum(len(parse(body).rows) for body in bodies)
    size = sum(map(len, bodies)) * rounds
    return [
        Figure(measure=f"parse {kind}", unit="MB/s", value=size / took / 1e6),
        Figure(measure=f"parse {kind}: payloads", unit="payloads/s", value=rounds * len(bodies) / took),
        Figure(measure=f"parse {kind}: rows", unit="rows/s", value=rows / took),
    ]
