"""Quotes into Latest and History, against COPY of the same rows into one plain table."""

import time
from collections.abc import Sequence
from io import StringIO

import psutil
from sqlalchemy import text

from benchmarks.collect.made import make_matches, round_of_quotes
from benchmarks.collect.results import Figure
from src.database.connection import Database
from src.database.copying import copy_text
from src.database.odds import LinkedQuote, store_quotes
from src.domain.odds import Phase

#: Some matches' worth of quotes, in transactions of the size that a collection writes, and of a large one.
_MATCHES = 4_000
_BATCHES = (900, 18_000)


def storing(database: Database, runs: int) -> list[Figure]:
    figures: list[Figure] = []
    for _ in range(runs):
        for batch in _BATCHES:
            figures += _one_run(database, batch)
    return figures


def _one_run(database: Database, batch: int) -> list[Figure]:
    make_matches(database, _MATCHES)
    opening = round_of_quotes(_MATCHES, 0, Phase.OPENING)
    first, moved = round_of_quotes(_MATCHES, 10), round_of_quotes(_MATCHES, 30)
    same, late = round_of_quotes(_MATCHES, 40, seed=30), round_of_quotes(_MATCHES, 20)
    rounds = {
        "quotes of lines never seen": opening,
        "the first prices after the opening ones": first,
        "changed prices, in order": moved,
        "the same payloads once more": moved,
        "prices seen again unchanged": same,
        "late prices, between two stored ones": late,
    }
    figures = []
    copied = _copy(database, opening, batch)
    for name, quotes in rounds.items():
        seconds, cpu_s = _store(database, quotes, batch)
        rate = len(quotes) / seconds
        cpu_us = 1e6 * cpu_s / len(quotes)
        figures.append(Figure(measure=f"{name}: CPU of both", batch=batch, unit="µs/quote", value=cpu_us))
        figures.append(Figure(measure=name, batch=batch, unit="quotes/s", value=rate))
        for what, (copy_s, _) in copied.items():
            share = 100 * rate * copy_s / len(quotes)
            figures.append(Figure(measure=f"{name}: of {what}", batch=batch, unit="%", value=share))
    for what, (copy_s, cpu_s) in copied.items():
        figures.append(Figure(measure=what, batch=batch, unit="rows/s", value=len(opening) / copy_s))
        cpu_us = 1e6 * cpu_s / len(opening)
        figures.append(Figure(measure=f"{what}: CPU of both", batch=batch, unit="µs/row", value=cpu_us))
    return figures


def _cpu_s(database: Database) -> float:
    """Return the CPU that this process and its one Postgres connection have had."""
    with database.session() as session:
        times = psutil.Process(session.scalar(text("select pg_backend_pid()"))).cpu_times()
    return time.process_time() + times.user + times.system


def _store(database: Database, quotes: Sequence[LinkedQuote], batch: int) -> tuple[float, float]:
    cpu_s = _cpu_s(database)
    began = time.perf_counter()
    for start in range(0, len(quotes), batch):
        with database.session() as session:
            store_quotes(session, quotes[start : start + batch])
    seconds = time.perf_counter() - began
    return seconds, _cpu_s(database) - cpu_s


def _copy(database: Database, quotes: Sequence[LinkedQuote], batch: int) -> dict[str, tuple[float, float]]:
    """Return seconds and CPU seconds of COPY alone, the text being there, and of making the text and COPY."""
    made_s = copied_s = made_cpu_s = 0.0
    cpu_s = _cpu_s(database)
    with database.engine.begin() as link:
        link.exec_driver_sql("drop table if exists plain_quotes")
        link.exec_driver_sql("create table plain_quotes (like odds_history)")
    raw = database.engine.raw_connection()
    try:
        for start in range(0, len(quotes), batch):
            began = time.perf_counter()
            made_cpu_s -= time.process_time()
            rows = copy_text(_row(item) for item in quotes[start : start + batch])
            made_cpu_s += time.process_time()
            made = time.perf_counter()
            with raw.cursor() as cursor:
                cursor.copy_expert(f"copy plain_quotes ({_COLUMNS}) from stdin", StringIO(rows), 1 << 16)
            raw.commit()
            copied_s += time.perf_counter() - made
            made_s += made - began
    finally:
        raw.close()
    cpu_s = _cpu_s(database) - cpu_s
    return {
        "COPY": (copied_s, cpu_s - made_cpu_s),
        "COPY and the making of its text": (copied_s + made_s, cpu_s),
    }


_COLUMNS = (
    "match_id, bookmaker_id, market, period, line_rank, phase, line, prices, suspended, observed_at,"
    " captured_at, source, fire_id"
)


def _row(item: LinkedQuote) -> tuple[object, ...]:
    quote = item.quote
    return (
        item.match_id, int(quote.bookmaker_id), quote.market.value, quote.period.value, quote.line_rank,
        quote.phase.value, quote.line, quote.prices, quote.suspended, quote.observed_at, quote.captured_at,
        quote.source.value, None,
    )  # fmt: skip
