"""Imports a folder of football-data.co.uk's season files: matches, figures and all odds.

Each file is one transaction, with a mark that it is done: what ends in the middle goes on with that file, and
a second run has nothing to do. A file is read ahead on another thread while the one before it is written.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy.orm import Session

from src.collectors.football_data.bookmakers import is_known
from src.collectors.football_data.mapping import (
    kickoff_utc,
    match_id,
    time_known,
    to_match,
    to_quotes,
    to_stats,
    watched,
)
from src.collectors.football_data.parse import HistoryRow, parse_history
from src.core.errors import BadData, Misconfigured, SourceChanged
from src.core.logging import get_logger
from src.core.memory import uncollected
from src.core.metrics import RECORDS
from src.database import checkpoints
from src.database.match_links import Kickoff, LinkedMatch, linked_matches
from src.database.matches import ToldMatch, store_stats
from src.database.odds import LinkedQuote, store_quotes
from src.database.quarantine import mend, mend_replaced, quarantine
from src.database.raw import load_payload, store_payloads
from src.domain.match import Source, SourceMatch, TeamStat
from src.domain.odds import OddsQuote
from src.domain.payload import WHOLE_PAYLOAD, Payload, Rejected
from src.pipeline.context import Context
from src.pipeline.derived_times import kickoff_for_quotes
from src.pipeline.reading import Reading
from src.pipeline.told_matches import StoredMatches, store_told
from src.quality.quarantine import objection

log = get_logger(__name__)

_SOURCE = Source.FOOTBALL_DATA
_KIND = "history"

#: The import is one run that never ends: files are done under its id and the parser's version.
_RUN = uuid5(NAMESPACE_URL, "matchbeat:import-history")
_STEP = "history-2"
_DATE = re.compile(rb",\d\d/\d\d/(?:\d\d)?(\d\d),")
_CENTURY_TURN = 80


@dataclass(frozen=True, kw_only=True)
class ImportSummary:
    """What an import did: of `files` some were `done_before`, some `failed` as a whole.

    `matches` were read, `linked` of them to matches of other sources; `quotes` and `figures` were told of
    them; `quarantined` records were not readable; `changed` rows were written. `unmapped` are bookmakers and
    divisions that we have no name for.
    """

    files: int = 0
    done_before: int = 0
    failed: int = 0
    matches: int = 0
    linked: int = 0
    figures: int = 0
    quotes: int = 0
    quarantined: int = 0
    changed: int = 0
    unmapped: tuple[str, ...] = ()

    def __add__(self, other: "ImportSummary") -> "ImportSummary":
        """Add up two parts of an import."""
        numbers = {
            f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self) if f.type is int
        }
        return ImportSummary(unmapped=tuple(sorted({*self.unmapped, *other.unmapped})), **numbers)


#: Told of each file when it is done: which of how many, its name, and what it came to.
Report = Callable[[int, int, str, ImportSummary], None]


@dataclass(frozen=True, kw_only=True)
class _Season:
    """What a file tells, before anything is known of what the database has."""

    payload: Payload
    rows: tuple[HistoryRow, ...]
    matches: tuple[SourceMatch, ...]
    stats: tuple[TeamStat, ...]
    quotes: tuple[OddsQuote, ...]
    rejected: tuple[Rejected, ...]
    failure: Exception | None = None


def import_history(
    ctx: Context, folder: Path, *, again: bool = False, report: Report | None = None
) -> ImportSummary:
    """Import all `*.csv` files in `folder`, the newest season first; `again` reads those that are done too.

    A file that is no season is quarantined whole and counted as failed, and the others are kept. Raises
    Misconfigured where there is no file, Transient where Postgres is away.
    """
    paths = _newest_first(folder)
    total = ImportSummary()
    with uncollected(), ThreadPoolExecutor(1, thread_name_prefix="read-history") as reader:
        for number, (path, season) in enumerate(_read_ahead(ctx, reader, paths, again), 1):
            part = ImportSummary(files=1, done_before=1) if season is None else _write(ctx, path, season)
            total += part
            if report is not None:
                report(number, len(paths), path.name, part)
    log.info("history_imported", **{field.name: getattr(total, field.name) for field in fields(total)})
    return total


def _newest_first(folder: Path) -> list[Path]:
    """Return the files so that the clubs' names are learnt from seasons that other sources have too."""
    paths = sorted(folder.glob("*.csv"))
    if not paths:
        raise Misconfigured(f"{folder} holds no CSV file of football-data.co.uk, as E0_2223.csv")
    return sorted(paths, key=_year, reverse=True)


def _year(path: Path) -> int:
    with path.open("rb") as file:
        found = _DATE.search(file.read(8192))
    year = int(found[1]) if found else 0
    return year + (1900 if year > _CENTURY_TURN else 2000)


def _read_ahead(
    ctx: Context, reader: ThreadPoolExecutor, paths: Sequence[Path], again: bool
) -> Iterator[tuple[Path, _Season | None]]:
    with ctx.database.session() as session:
        done = set() if again else checkpoints.done(session, _RUN, _STEP)
    ahead = reader.submit(_read, ctx, paths[0], done)
    for path, after in zip(paths, [*paths[1:], None], strict=True):
        season = ahead.result()
        if after is not None:
            ahead = reader.submit(_read, ctx, after, done)
        yield path, season


def _read(ctx: Context, path: Path, done: set[str]) -> _Season | None:
    body = path.read_bytes()
    payload = Payload(
        source=_SOURCE, kind=_KIND, url=f"history/{path.name}", status=200, headers={}, body=body,
        sha256=sha256(body).hexdigest(), fetched_at=ctx.clock.now(),
    )  # fmt: skip
    if _item(payload) in done:
        return None
    return _season(_kept(ctx, payload))


def _season(payload: Payload) -> _Season:
    try:
        parsed = parse_history(payload.body, _file(payload))
    except (BadData, SourceChanged) as error:
        whole = Rejected(key=WHOLE_PAYLOAD, reason=str(error), record=payload.body)
        return _Season(
            payload=payload, rows=(), matches=(), stats=(), quotes=(), rejected=(whole,), failure=error
        )
    return _mapped(payload, parsed.rows, parsed.rejected)


def _file(payload: Payload) -> str:
    return payload.url.rpartition("/")[2]


def _item(payload: Payload) -> str:
    return f"{payload.url} {payload.sha256}"


def _kept(ctx: Context, payload: Payload) -> Payload:
    """Keep the file raw, and tell of it as of when it was first seen: the same bytes say the same again."""
    with ctx.database.session() as session:
        store_payloads(session, [payload], ctx.fire)
        kept = load_payload(session, _SOURCE, payload.sha256)
    return payload if kept is None else replace(payload, fetched_at=kept.fetched_at)


def _mapped(payload: Payload, rows: Sequence[HistoryRow], slips: Sequence[Rejected]) -> _Season:
    kept: list[HistoryRow] = []
    matches: list[SourceMatch] = []
    stats: list[TeamStat] = []
    quotes: list[OddsQuote] = []
    rejected = list(slips)
    for row in rows:
        try:
            told = to_match(row, payload.sha256), to_stats(row), to_quotes(row, payload.fetched_at)
        except ValueError as error:
            rejected.append(_refused(payload, row, "", str(error)))
            continue
        kept.append(row)
        matches.append(told[0])
        stats += told[1]
        for quote in told[2]:
            reason = objection(quote)
            if reason is None:
                quotes.append(quote)
            else:
                rejected.append(_refused(payload, row, _name(quote), f"{_name(quote)}: {reason}"))
    return _Season(
        payload=payload, rows=tuple(kept), matches=tuple(matches), stats=tuple(stats), quotes=tuple(quotes),
        rejected=tuple(rejected),
    )  # fmt: skip


def _name(quote: OddsQuote) -> str:
    return f"{quote.bookmaker_id} {quote.market.value} {quote.phase.value}"


def _refused(payload: Payload, row: HistoryRow, what: str, reason: str) -> Rejected:
    file = _file(payload)
    key = f"{file}:{row.line}" + (f":{what}" if what else "")
    record = payload.body.splitlines()[row.line - 1 : row.line]
    return Rejected(key=key, reason=f"{file}, line {row.line}, {reason}", record=b"".join(record))


def take_in(reading: Reading, payload: Payload) -> None:
    """Write what a kept file tells, as it is read now."""
    with reading.ctx.database.session() as session:
        kept = load_payload(session, _SOURCE, payload.sha256)
    season = _season(payload if kept is None else kept)
    if season.failure is None:
        reading.was_read(payload)
    reading.reject(payload, season.rejected)
    reading.count(parsed=len(season.matches), unreadable=int(season.failure is not None))
    with reading.ctx.database.session() as session:
        reading.count(changed=_store(session, season, season.payload.fetched_at).changed)


def _write(ctx: Context, path: Path, season: _Season) -> ImportSummary:
    at = ctx.clock.now()
    with ctx.database.session() as session:
        stored = _store(session, season, at)
        quarantine(session, season.payload, season.rejected, at, ctx.fire)
        if season.failure is None:
            still = {item.key for item in season.rejected}
            mend(session, _SOURCE, _KIND, season.payload.sha256, still, at)
            mend_replaced(session, _SOURCE, at)
            checkpoints.mark(session, _RUN, _STEP, [_item(season.payload)], at)
    unmapped = _unmapped(season.rows)
    if season.failure is not None or unmapped:
        log.warning("history_file", file=path.name, failure=str(season.failure or ""), unmapped=unmapped)
    for outcome, number in (("parsed", len(season.rows)), ("quarantined", len(season.rejected)),
                            ("changed", stored.changed)):  # fmt: skip
        RECORDS.labels(_SOURCE, outcome).inc(number)
    return ImportSummary(
        files=1,
        failed=int(season.failure is not None),
        matches=len(season.matches),
        linked=stored.linked,
        figures=len(season.stats),
        quotes=len(season.quotes),
        quarantined=len(season.rejected),
        changed=stored.changed,
        unmapped=unmapped,
    )


def _store(session: Session, season: _Season, at: datetime) -> StoredMatches:
    seen_at = season.payload.fetched_at
    told = [
        ToldMatch(match=match, seen_at=seen_at, watched=match.competition.source is not _SOURCE)
        for match in season.matches
    ]
    stored = store_told(session, told, at)
    ids = [match.source_match_id for match in season.matches]
    figures = store_stats(session, season.stats, seen_at)
    quotes = store_quotes(session, _linked(season, linked_matches(session, _SOURCE, ids)))
    return replace(stored, changed=stored.changed + figures + quotes)


def _linked(season: _Season, matches: Mapping[str, LinkedMatch]) -> Iterator[LinkedQuote]:
    for quote in season.quotes:
        found = matches[quote.source_match_id]
        if not found.aligned:
            yield LinkedQuote(match_id=found.match_id, quote=quote)
    for row in season.rows:
        found = matches[match_id(row)]
        if found.aligned:
            told = Kickoff(at=kickoff_utc(row), time_known=time_known(row))
            kickoff = kickoff_for_quotes(told, found.kickoff_utc)
            for quote in to_quotes(row, season.payload.fetched_at, kickoff):
                if objection(quote) is None:
                    yield LinkedQuote(match_id=found.match_id, quote=quote)


def _unmapped(rows: Sequence[HistoryRow]) -> tuple[str, ...]:
    codes = {f"bookmaker {m.code}" for row in rows for m in row.markets if not is_known(m.code)}
    divisions = {f"division {row.division}" for row in rows if watched(row.division) is None}
    return tuple(sorted(codes | divisions))
