"""Which measurements are taken of which scheduler, and how many of each."""

from collections.abc import Callable

from benchmarks.scheduler import faults, measures
from benchmarks.scheduler.edits import followed
from benchmarks.scheduler.results import SCHEDULERS, Figure
from benchmarks.scheduler.servers import Servers

_KILLS = 20
_HOUR_S = 3600.0


def at_rest(servers: Servers, runs: int) -> list[Figure]:
    figures = []
    for entries in (10_000, 100_000):
        for name in SCHEDULERS:
            # Stock Beat takes half a minute a run at 100,000 entries, and tells the same each time.
            times = 1 if (name, entries) == ("stock", 100_000) else runs
            taken = [measures.rest(servers, name, entries, 5) for _ in range(times)]
            title = f"{entries:,} entries"
            figures += [
                _figure(f"start to first fire, {title}", name, "s", taken, "start_s"),
                _figure(f"memory (RSS), {title}", name, "MB", taken, "rss_mb"),
                _figure(f"CPU of an idle tick, {title}", name, "µs", taken, "tick_cpu_us"),
                _figure(
                    f"CPU of an idle wake after a second's sleep, {title}", name, "µs", taken, "wake_cpu_us"
                ),
            ]
            if name == "ours":
                # The others' wakes are minutes apart when nothing is due; ours come every second.
                shares = [item["cpu_share"] * 100 for item in taken]
                figures.append(_count(f"CPU at rest, {title}", name, "% of a core", shares))
    return figures


def sustained(servers: Servers, runs: int) -> list[Figure]:
    figures = []
    for entries in (1_000, 10_000):
        title = f"sustained fires, {entries:,} entries always due"
        for name in ("stock", "redbeat"):
            taken = [measures.always(servers, name, entries, 8) for _ in range(runs)]
            figures.append(_figure(title, name, "1/s", taken, "fires_per_s", better="more"))
        # The others' figure is their capacity; ours is a rate that was offered and kept up with.
        best = measures.sustained(servers, "ours", entries, 10_000, 6)
        figures.append(_figure(title, "ours", "1/s", [best], "fires_per_s", better="more"))
    return figures


def drain(servers: Servers, runs: int) -> list[Figure]:
    entries, title = 10_000, "drain of 10,000 entries due at once"
    figures = []
    for name in SCHEDULERS:
        is_slow = name == "stock"
        taken = [
            measures.drain(servers, name, entries, 12 if is_slow else 60)
            for _ in range(1 if is_slow else runs)
        ]
        bound = "~" if any(item["arrived"] < entries for item in taken) else ""
        seconds = [item["took_s"] * entries / max(item["arrived"], 1) for item in taken]
        doubled = [item["doubled"] for item in taken]
        figures += [
            Figure(measure=title, scheduler=name, unit="s", values=seconds, bound=bound),
            _count("of these doubled", name, "", doubled),
        ]
    return figures


def lag(servers: Servers, runs: int) -> list[Figure]:
    figures = []
    for name in SCHEDULERS:
        taken = [measures.lag(servers, name, 1_000, 5) for _ in range(runs if name == "ours" else 1)]
        for mark in ("p50", "p95", "p99", "p999"):
            title = f"lag at 1,000 fires a second, {mark}"
            figures.append(_figure(title, name, "ms", taken, f"{mark}_ms"))
        figures.append(_count("of 5,000 not sent within 5 s after", name, "", [t["unsent"] for t in taken]))
    return figures


def takeover(servers: Servers, runs: int) -> list[Figure]:
    from benchmarks.scheduler import ours

    del runs
    taken = faults.takeovers(servers, "ours", _KILLS, ours.leader)
    gaps = sorted(gap * 1000 for gap in taken["gaps_s"])
    title = f"{_KILLS} kills -9 of the leader at 1,000 fires a second"
    return [
        _count(f"{title}: to the next message, median", "ours", "ms", gaps),
        _count(f"{title}: longest", "ours", "ms", gaps[-1:]),
        _count(f"{title}: fires lost", "ours", f"of {taken['due']:,.0f}", [float(taken["lost"])]),
        _count("messages sent again under the same id", "ours", "", [float(taken["sent_again"])]),
    ]


def live_edits(servers: Servers, runs: int) -> list[Figure]:
    del runs
    taken = sorted(seconds * 1000 for seconds in followed(servers, 200))
    title = "a fire asked for while Beat runs, to its message"
    return [
        _count(f"{title}: median of 200", "ours", "ms", taken),
        _count(f"{title}: longest", "ours", "ms", taken[-1:]),
    ]


def broker_outage(servers: Servers, runs: int) -> list[Figure]:
    del runs
    figures = []
    for name in SCHEDULERS:
        taken = faults.broker_outage(servers, name, 15)
        figures += [
            _count("broker away 15 s, 150 fires due meanwhile: lost", name, "", [taken["lost"]]),
            _count("broker away 15 s: messages doubled", name, "", [taken["doubled"]]),
        ]
    return figures


def clock_jump(servers: Servers, runs: int) -> list[Figure]:
    del runs
    figures = []
    for jump_s, words in ((-_HOUR_S, "back"), (_HOUR_S, "forward")):
        for name in ("stock", "ours"):
            taken = faults.clock_jump(servers, name, jump_s)
            title = f"host's clock set {words} 1 h: fires within 1 s of their time"
            figures.append(_count(title, name, f"of {taken['due']:.0f}", [taken["on_time"]]))
    return figures


PARTS: dict[str, Callable[[Servers, int], list[Figure]]] = {
    "at-rest": at_rest,
    "sustained": sustained,
    "drain": drain,
    "lag": lag,
    "takeover": takeover,
    "live-edits": live_edits,
    "broker-outage": broker_outage,
    "clock-jump": clock_jump,
}


def _figure(
    measure: str, scheduler: str, unit: str, taken: list[dict[str, float]], key: str, better: str = "less"
) -> Figure:
    values = [item[key] for item in taken]
    return Figure(measure=measure, scheduler=scheduler, unit=unit, values=values, better=better)


def _count(measure: str, scheduler: str, unit: str, values: list[float]) -> Figure:
    return Figure(measure=measure, scheduler=scheduler, unit=unit, values=values, better="")
