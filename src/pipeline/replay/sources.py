"""How each source's kept payloads are read again: in the order in which one leans on another."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from src.collectors.fbref.client import asked_schedule
from src.collectors.registry import BY_FBREF_ID, BY_TITAN_ID
from src.collectors.titan007.addresses import CHANGES, asked_changes, asked_day, asked_match
from src.collectors.titan007.parse_day import ListedMatch, parse_day
from src.collectors.titan007.parse_gateway import is_gateway
from src.database.match_links import linked_matches
from src.database.matches import store_stats
from src.database.odds import LinkedQuote, store_quotes
from src.database.raw_log import Fetch
from src.domain.match import Source
from src.domain.odds import Market
from src.domain.payload import Parsed, Payload
from src.pipeline.collect_leagues import league_of
from src.pipeline.collect_matches import figures_of, matches_of
from src.pipeline.collect_reports import report_of
from src.pipeline.collect_schedules import schedule_of, store_schedule
from src.pipeline.import_history import take_in
from src.pipeline.odds_intake import (
    QuotedMatch,
    Script,
    line_bookmakers,
    link_scripts,
    quoted,
    read_scripts,
    told_again,
)
from src.pipeline.replay.reader import Reader, Replay, Stretch
from src.pipeline.told_matches import store_told


def _fotmob(going: Replay, stretch: Stretch) -> None:
    reading, database = going.reading, going.ctx.database
    for batch in going.batches(stretch.get("day", ())):
        told = [item for payload in batch for item in matches_of(reading, payload)]
        with database.session() as session:
            reading.count(changed=store_told(session, told, batch[-1].fetched_at).changed)
    for payload in going.payloads(stretch.get("league", ())):
        found = league_of(reading, payload)
        with database.session() as session:
            reading.count(changed=store_told(session, found, payload.fetched_at).changed)
    for payload in going.payloads(stretch.get("details", ())):
        figures = figures_of(reading, payload)
        with database.session() as session:
            reading.count(changed=store_stats(session, figures, payload.fetched_at))


def _fbref(going: Replay, stretch: Stretch) -> None:
    reading = going.reading
    for payload in going.payloads(stretch.get("schedule", ())):
        competition_id, season = asked_schedule(payload.url)
        competition = BY_FBREF_ID.get(competition_id)
        if competition is None:  # one that was watched then
            going.left += 1
            continue
        rows = schedule_of(reading, payload, competition, season)
        with going.ctx.database.session() as session:
            reading.count(changed=store_schedule(session, competition, rows, payload.fetched_at))

    for payload in going.payloads(stretch.get("stats", ())):
        figures = report_of(reading, payload)
        with going.ctx.database.session() as session:
            reading.count(changed=store_stats(session, figures, payload.fetched_at))


@dataclass
class _Titan:
    """Remembers what the day lists so far tell: a script is linked by its list's league."""

    listed: dict[str, ListedMatch] = field(default_factory=dict)

    def __call__(self, going: Replay, stretch: Stretch) -> None:
        for payload in going.payloads(stretch.get("day", ())):
            self.listed |= {row.id: row for row in going.reading.read(payload, _day_reader(payload))}
        self._link(going, stretch.get(Market.ONE_X_TWO, ()))
        # Lines come before their changes: they name their bookmakers.
        for kind in (*Market, CHANGES):
            self._quotes(going, stretch.get(kind, ()))

    def _link(self, going: Replay, scripts: Sequence[Fetch]) -> None:
        known = _linked(going, scripts)
        unlinked = [
            fetch
            for fetch in scripts
            if (titan_id := asked_match(fetch.url)) not in known and titan_id in self.listed
        ]
        found: dict[str, tuple[Script, Payload]] = {}
        for payload in going.payloads(unlinked, counts=False):
            listed = self.listed[asked_match(payload.url)]
            competition = BY_TITAN_ID.get(listed.league_id)
            if competition is None or competition.titan_name != listed.league or is_gateway(payload.body):
                continue
            for script in read_scripts(going.reading, payload, listed.id, counts=False):
                found[listed.id] = Script(listed=listed, script=script), payload
        if found:
            at = max(payload.fetched_at for _, payload in found.values())
            with going.ctx.database.session() as session:
                linked = link_scripts(session, [item for item, _ in found.values()], at)
            going.reading.count(changed=linked)

    def _quotes(self, going: Replay, wanted: Sequence[Fetch]) -> None:
        with going.ctx.database.session() as session:
            linked, names = quoted_matches(session, wanted), named_bookmakers(session, wanted)
        known = [
            fetch
            for fetch in wanted
            if asked_match(fetch.url) in linked and ((number := _bookmaker(fetch)) is None or number in names)
        ]
        going.left += len(wanted) - len(known)
        for batch in going.batches(known):
            quotes: list[LinkedQuote] = []
            for payload in batch:
                quotes += told_again(going.reading, linked[asked_match(payload.url)], payload, names)
            with going.ctx.database.session() as session:
                going.reading.count(changed=store_quotes(session, quotes))


def _day_reader(payload: Payload) -> Callable[[bytes], Parsed[ListedMatch]]:
    return lambda body: parse_day(body, asked_day(payload.url))


def _linked(going: Replay, wanted: Sequence[Fetch]) -> dict[str, QuotedMatch]:
    with going.ctx.database.session() as session:
        return quoted_matches(session, wanted)


def quoted_matches(session: Session, wanted: Sequence[Fetch]) -> dict[str, QuotedMatch]:
    """Return the matches that fetches of odds are about, by Titan007's id; others are left out."""
    ids = sorted({asked_match(fetch.url) for fetch in wanted})
    found = linked_matches(session, Source.TITAN007, ids)
    return {titan_id: quoted(titan_id, match) for titan_id, match in found.items()}


def named_bookmakers(session: Session, wanted: Sequence[Fetch]) -> dict[str, str]:
    """Return the names of those whose changes were fetched, by their numbers on the pages of lines."""
    return line_bookmakers(session, {number for fetch in wanted if (number := _bookmaker(fetch))})


def _bookmaker(fetch: Fetch) -> str | None:
    return asked_changes(fetch.url).bookmaker if fetch.kind == CHANGES else None


def _football_data(going: Replay, stretch: Stretch) -> None:
    # A file says the same whenever it is imported, and is one file however often it was.
    files = {fetch.raw_id: fetch for fetch in reversed(stretch.get("history", ()))}
    for payload in going.payloads(list(files.values())):
        take_in(going.reading, payload)


#: What reads a source's payloads again; made anew for each replay, for some remember what they have read.
READERS: Mapping[Source, Callable[[], Reader]] = {
    Source.FOTMOB: lambda: _fotmob,
    Source.FBREF: lambda: _fbref,
    Source.TITAN007: _Titan,
    Source.FOOTBALL_DATA: lambda: _football_data,
}
