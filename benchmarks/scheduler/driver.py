"""A measured scheduler in a process of its own: `python -m benchmarks.scheduler.driver CONTENDER MODE …`.

Each mode prints one line of JSON at its end.
"""

import gc
import importlib
import json
import resource
import statistics
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import cast

from benchmarks.scheduler.app import HOST_CLOCK
from benchmarks.scheduler.broker import Broker
from benchmarks.scheduler.contender import Contender, Place
from benchmarks.scheduler.workload import Workload


def main(contender: str, mode: str, work: str, place: str, seconds: str = "0", *jump: str) -> None:
    chosen = cast(Contender, importlib.import_module(f"benchmarks.scheduler.{contender}"))
    where, load = Place.loads(place), Workload.loads(work)
    if mode == "prepare":
        chosen.prepare(load, where)
        result: dict[str, float] = {}
    elif mode == "rest":
        result = _rest(chosen, load, where, float(seconds))
    elif mode == "always":
        result = _always(chosen, load, where, float(seconds))
    else:
        if jump:
            _set_clock_later(*map(float, jump))
        result = _run(chosen, load, where, float(seconds))
    print(json.dumps(result), flush=True)


def _rest(chosen: Contender, work: Workload, place: Place, seconds: float) -> dict[str, float]:
    """Start and send the one fire that is due; then wake with nothing due for at least `seconds`."""
    set_up = chosen.begin(work, place)
    began = time.perf_counter()
    with ThreadPoolExecutor(1) as watcher:
        # Not after the tick: a tick may wait when its work is done.
        seen = watcher.submit(_first_message, place)
        beat = set_up()
        while not seen.done():
            beat.tick()
    start_s = seen.result() - began
    gc.collect()
    wakes: list[float] = []
    cpu, began = time.process_time(), time.perf_counter()
    while len(wakes) < 3 or time.perf_counter() - began < seconds:
        before = time.thread_time()
        beat.tick()
        wakes.append(time.thread_time() - before)
    share = (time.process_time() - cpu) / (time.perf_counter() - began)
    beat.do_not_wait()
    ticks: list[float] = []
    began = time.perf_counter()
    while len(ticks) < 3 or time.perf_counter() - began < 1:
        before = time.thread_time()
        beat.tick()
        ticks.append(time.thread_time() - before)
    result = {
        "start_s": start_s,
        "rss_mb": _resident_bytes() / 1e6,
        "wake_cpu_us": statistics.median(wakes) * 1e6,
        "tick_cpu_us": statistics.median(ticks) * 1e6,
        "cpu_share": share,
    }
    beat.close()
    return result


def _first_message(place: Place) -> float:
    """Return when the first message was there, by the performance counter."""
    broker = Broker(place.broker_url)
    while broker.depth() == 0:
        time.sleep(0.002)
    return time.perf_counter()


def _always(chosen: Contender, work: Workload, place: Place, seconds: float) -> dict[str, float]:
    """Fire as fast as it goes for at least `seconds`, whole ticks."""
    broker = Broker(place.broker_url)
    beat = chosen.begin(work, place)()
    while broker.depth() == 0:
        beat.tick()
    before, cpu, began = broker.depth(), time.process_time(), time.perf_counter()
    while time.perf_counter() - began < seconds:
        beat.tick()
    took, fired = time.perf_counter() - began, broker.depth() - before
    cpu = time.process_time() - cpu
    beat.close()
    return {"fires_per_s": fired / took, "cpu_s_per_fire": cpu / fired if fired else 0.0}


def _run(chosen: Contender, work: Workload, place: Place, until: float) -> dict[str, float]:
    """Run Beat's loop until `until` (Unix seconds); a first line says when it was ready."""
    beat = chosen.begin(work, place)()
    beat.tick()
    ready_at = time.time()
    print(json.dumps({"ready_at": ready_at}), flush=True)
    while time.time() < until:
        seconds = beat.tick()
        if seconds and seconds > 0:
            time.sleep(max(min(seconds, until - time.time()), 0))
    beat.close()
    return {"ready_at": ready_at, "cpu_s": time.process_time()}


def _resident_bytes() -> int:
    """The resident set of this process (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _set_clock_later(jump_s: float, moment: float) -> None:
    """Set the clock of Beat's host wrong by `jump_s` at `moment` (Unix seconds)."""

    def jump() -> None:
        HOST_CLOCK.shift = timedelta(seconds=jump_s)

    timer = threading.Timer(max(moment - time.time(), 0), jump)
    timer.daemon = True
    timer.start()


if __name__ == "__main__":
    main(*sys.argv[1:])
