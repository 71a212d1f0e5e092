"""What is wanted of the bridge, and whether it was measured so."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.bridge.samples import FLOWS, WAYS, Series, of, percentile

_AD_HOC_S = 0.5
_TIMES_STOCK = 20
_SCHEDULED_S = 0.1
_EARLY_S = 0.02
_LEDGER_S = 0.1


@dataclass(frozen=True)
class Goal:
    words: str
    measured: str
    met: bool


def goals(series: list[Series]) -> list[Goal]:
    """The goals of which this run says something."""
    return [*_ad_hoc(series), *_scheduled(series), *_at_once(series), *_ledger(series)]


def _ad_hoc(series: list[Series]) -> Iterator[Goal]:
    for flow, name in FLOWS.items():
        one, stock = (of(series, way, flow, "ad hoc") for way in ("celery", "stock"))
        if one is None:
            continue
        words = f"{name}, asked for now: RUNNING within {_AD_HOC_S:g} s at p95"
        yield _at_most(words, percentile(one.to_running(), 95), _AD_HOC_S, "s")
        if stock is None:
            continue
        for what, mark in (("p50", 50), ("p95", 95)):
            times = percentile(stock.to_running(), mark) / percentile(one.to_running(), mark)
            words = f"{name}, asked for now: {_TIMES_STOCK} times as soon as the stock worker, {what}"
            yield Goal(words, f"{times:.1f} times", times >= _TIMES_STOCK)


def _scheduled(series: list[Series]) -> Iterator[Goal]:
    for flow, name in FLOWS.items():
        if (one := of(series, "celery", flow, "scheduled")) is None:
            continue
        words = f"{name}, scheduled: RUNNING within {_SCHEDULED_S * 1000:g} ms of due at p95"
        yield _at_most(words, percentile(one.to_running(), 95), _SCHEDULED_S, "s")
        earliest = min(one.to_running() + one.to_first_line())
        words = f"{name}, scheduled: never more than {_EARLY_S * 1000:g} ms early"
        yield Goal(words, f"earliest {earliest * 1000:+.0f} ms", earliest >= -_EARLY_S)


def _at_once(series: list[Series]) -> Iterator[Goal]:
    for one in series:
        if one.kind == "at once":
            counts = one.counts
            astray = counts["with other than one flow run"] + counts["run other than once"]
            words = f"{counts['fires']:.0f} due at once: all succeed, each in one flow run, run once"
            measured = f"{counts['succeeded']:.0f} succeeded, {astray:.0f} astray"
            yield Goal(words, measured, counts["succeeded"] == counts["fires"] and not astray)


def _ledger(series: list[Series]) -> Iterator[Goal]:
    for one in series:
        if seen := one.to_seen():
            words = (
                f"{WAYS[one.way]}, {FLOWS[one.flow]}: end in the ledger within {_LEDGER_S * 1000:g} ms at p95"
            )
            yield _at_most(words, percentile(seen, 95), _LEDGER_S, "s")


def _at_most(words: str, found: float, most: float, unit: str) -> Goal:
    return Goal(words, f"{found:.3f} {unit}", found <= most)
