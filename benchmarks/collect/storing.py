"""Quotes into Latest and History, against COPY of the same rows into plain tables."""

import time
from collections.abc import Sequence
from io import StringIO

import psutil
from sqlalchemy import PoolProxiedConnection, text

from benchmarks.collect.made import make_matches, round_of_quotes
from benchmarks.collect.results import Figure
from src.database.connection import Database
from src.database.copying import copy_lines
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
        backend = psutil.Process(session.scalar(text("select pg_backend_pid()")))
    return _cpu_with(backend)


def _cpu_with(backend: psutil.Process) -> float:
    times = backend.cpu_times()
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
    """Return by what is copied the seconds and the CPU seconds of it.

    COPY of the same rows: into two tables like History and Latest, a row in each, and into two such tables
    with their unique indexes, which is what new lines come to. And of a row a quote: into one plain table,
    with its text at hand, and with the making of the text.
    """
    with database.engine.begin() as link:
        for table, like in _TABLES.items():
            link.exec_driver_sql(f"drop table if exists {table}")
            link.exec_driver_sql(f"create table {table} ({like})")
    making = copying = copying_both = copying_indexed = _NOTHING
    raw = database.engine.raw_connection()
    backend = psutil.Process(raw.driver_connection.get_backend_pid())  # type: ignore[union-attr]
    try:
        for start in range(0, len(quotes), batch):
            some = quotes[start : start + batch]
            began = _now(backend)
            history = "".join(copy_lines(map(_row, some)))
            making = _add(making, began, made := _now(backend))
            _copy_in(raw, {"plain_quotes": history})
            copying = _add(copying, made, _now(backend))
            latest = "".join(copy_lines(_latest_row(item) for item in some))
            began = _now(backend)
            _copy_in(raw, {"plain_quotes": history, "plain_latest": latest})
            copying_both = _add(copying_both, began, both := _now(backend))
            _copy_in(raw, {"indexed_history": history, "indexed_latest": latest})
            copying_indexed = _add(copying_indexed, both, _now(backend))
    finally:
        raw.close()
    return {
        "COPY into both tables": copying_both,
        "COPY into both tables with their indexes": copying_indexed,
        "COPY into one table": copying,
        "COPY into one table and the making of its text": (making[0] + copying[0], making[1] + copying[1]),
    }


_NOTHING = (0.0, 0.0)
_TABLES = {
    "plain_quotes": "like odds_history",
    "plain_latest": "like odds_latest",
    "indexed_history": "like odds_history including indexes",
    "indexed_latest": "like odds_latest including indexes",
}


def _now(backend: psutil.Process) -> tuple[float, float]:
    return time.perf_counter(), _cpu_with(backend)


def _add(
    total: tuple[float, float], began: tuple[float, float], ended: tuple[float, float]
) -> tuple[float, float]:
    return total[0] + ended[0] - began[0], total[1] + ended[1] - began[1]


def _copy_in(raw: PoolProxiedConnection, texts: dict[str, str]) -> None:
    columns = {"plain_latest": _LATEST_COLUMNS, "indexed_latest": _LATEST_COLUMNS}
    with raw.cursor() as cursor:
        for table, rows in texts.items():
            told = columns.get(table, _COLUMNS)
            cursor.copy_expert(f"copy {table} ({told}) from stdin", StringIO(rows), 1 << 16)
    raw.commit()


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


_LATEST_COLUMNS = _COLUMNS.replace("fire_id", "tied, first_observed_at, last_observed_at")


def _latest_row(item: LinkedQuote) -> tuple[object, ...]:
    at = item.quote.observed_at
    return (*_row(item)[:-1], False, at, at)
