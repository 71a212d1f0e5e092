"""How fast each source's payloads are read: bytes to checked records, no database."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from benchmarks.collect.results import Figure
from src.cli.payload_file import about_file, read_payload
from src.collectors.readers import About, Reader, reader
from src.domain.odds import Market
from src.sandbox.made.crowded_world import CrowdedWorld
from src.sandbox.pages import fotmob, titan_days, titan_euro, titan_lines
from src.sandbox.world.fixture import moment
from src.sandbox.world.index import Index

#: By source and kind: the files in the folder of recorded payloads.
_RECORDED = {
    ("fotmob", "day"): "fotmob/matches_*.json",
    ("fotmob", "league"): "fotmob/league_*.json",
    ("fotmob", "details"): "fotmob/match_details_*.json",
    ("fbref", "schedule"): "fbref/schedule_*.html.gz",
    ("fbref", "stats"): "fbref/match_*.html.gz",
    ("titan007", "day"): "titan007/[no][ev][xe][tr]_2*.html",
    ("titan007", "schedule"): "titan007/bf_jc.txt",
    ("titan007", "details"): "titan007/detail_*.html",
    ("titan007", "1x2"): "titan007/1x2d_*.js",
    ("titan007", "ah"): "titan007/asianodds_*.html",
    ("titan007", "ou"): "titan007/overdown_*.html",
    ("titan007", "changes"): "titan007/changedetail_*.html",
    ("titan007", "live"): "titan007/livestatic_*.js",
    ("football-data", "history"): "history/*.csv",
}
_CAPTURED = datetime(2026, 3, 7, 12, tzinfo=UTC)
_KICKOFF = _CAPTURED + timedelta(hours=3)
_ABOUT = About(sha256="0" * 64, captured_at=_CAPTURED, day=date(2026, 3, 7), kickoff=_KICKOFF, match_id="1")
_AT_LEAST_S = 1.0


@dataclass(frozen=True)
class _Told:
    body: bytes
    about: About


def parsing(payloads: Path) -> list[Figure]:
    figures = []
    for (source, kind), pattern in _RECORDED.items():
        found = [_recorded(path) for path in sorted(payloads.glob(pattern))]
        if found:
            figures += _rates(f"{source} {kind}", found, reader(source, kind))
        else:
            print(f"  {source} {kind}: no file {pattern} in {payloads}")
    # Of Titan007 there are excerpts of some lines only.
    for (source, kind), bodies in _made().items():
        told = [_Told(body, _ABOUT) for body in bodies]
        figures += _rates(
            f"{source} {kind}, whole pages as the sandbox makes them", told, reader(source, kind)
        )
    return figures


def _recorded(path: Path) -> _Told:
    body = read_payload(path)
    return _Told(body, replace(about_file(path, body, captured_at=_CAPTURED), kickoff=_KICKOFF))


def _made() -> dict[tuple[str, str], list[bytes]]:
    """Return pages of matches with fifteen bookmakers, and days of three hundred matches."""
    world = CrowdedWorld(_KICKOFF)
    seen = [(fixture, moment(fixture, _CAPTURED)) for fixture in world.fixtures]
    some = seen[::10]
    lines = {
        ("titan007", market.value): [
            titan_lines.market_page(fixture, at, world.quotes(fixture, market), _CAPTURED)
            for fixture, at in some
        ]
        for market in (Market.ASIAN_HANDICAP, Market.OVER_UNDER)
    }
    scripts = [
        titan_euro.euro_js(fixture, at, world.quotes(fixture, Market.ONE_X_TWO), _CAPTURED)
        for fixture, at in some
    ]
    return {
        ("fotmob", "day"): [fotmob.day_list(_KICKOFF.date(), seen)],
        ("titan007", "day"): [titan_days.next_list(seen, Index(world))],
        ("titan007", "1x2"): scripts,
        **lines,
    }


def _rates(what: str, payloads: Sequence[_Told], read: Reader) -> list[Figure]:
    rounds = rows = 0
    began = time.process_time()
    while (took := time.process_time() - began) < _AT_LEAST_S:
        rounds += 1
        rows += sum(len(read(told.body, told.about).rows) for told in payloads)
    if not rows:
        raise RuntimeError(f"nothing was read of {what}")
    size = sum(len(told.body) for told in payloads) * rounds
    return [
        Figure(measure=f"parse {what}", unit="MB/s", value=size / took / 1e6),
        Figure(measure=f"parse {what}: payloads", unit="payloads/s", value=rounds * len(payloads) / took),
        Figure(measure=f"parse {what}: records", unit="records/s", value=rows / took),
    ]
