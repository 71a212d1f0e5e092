"""Quotes into Latest and History, against COPY of the same rows into one plain table."""

import time
from collections.abc import Sequence
from io import StringIO

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
        rate = len(quotes) / _store(database, quotes, batch)
        figures.append(Figure(measure=name, batch=batch, unit="quotes/s", value=rate))
        for what, seconds in copied.items():
            share = 100 * rate * seconds / len(quotes)
            figures.append(Figure(measure=f"{name}: of {what}", batch=batch, unit="%", value=share))
    for what, seconds in copied.items():
        figures.append(Figure(measure=what, batch=batch, unit="rows/s", value=len(opening) / seconds))
    return figures


def _store(database: Database, quotes: Sequence[LinkedQuote], batch: int) -> float:
    began = time.perf_counter()
    for start in range(0, len(quotes), batch):
        with database.session() as session:
            store_quotes(session, quotes[start : start + batch])
    return time.perf_counter() - began


def _copy(database: Database, quotes: Sequence[LinkedQuote], batch: int) -> dict[str, float]:
    """Return seconds of COPY alone, the text being there, and of making the text and COPY."""
    taken = {"COPY": 0.0, "COPY and the making of its text": 0.0}
    with database.engine.begin() as link:
        link.exec_driver_sql("drop table if exists plain_quotes")
        link.exec_driver_sql("create table plain_quotes (like odds_history)")
    raw = database.engine.raw_connection()
    try:
        for start in range(0, len(quotes), batch):
            began = time.perf_counter()
            text = copy_text(_row(item) for item in quotes[start : start + batch])
            made = time.perf_counter()
            with raw.cursor() as cursor:
                cursor.copy_expert(f"copy plain_quotes ({_COLUMNS}) from stdin", StringIO(text), 1 << 16)
            raw.commit()
            ended = time.perf_counter()
            taken["COPY"] += ended - made
            taken["COPY and the making of its text"] += ended - began
    finally:
        raw.close()
    return taken


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
