"""Which function reads what payload of which source into domain records: one line for each kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from src.collectors.fbref import mapping as fbref
from src.collectors.fbref.parse_schedule import parse_schedule
from src.collectors.fbref.parse_stats import parse_stats
from src.collectors.football_data import mapping as football_data
from src.collectors.football_data.mapping import match_id
from src.collectors.football_data.parse import parse_history
from src.collectors.fotmob import mapping as fotmob
from src.collectors.fotmob.parse_day import parse_day
from src.collectors.fotmob.parse_details import parse_details
from src.collectors.fotmob.parse_league import parse_league
from src.collectors.titan007 import mapping_matches as titan
from src.collectors.titan007.mapping_changes import change_quotes, euro_changes, live_quotes
from src.collectors.titan007.parse_changes import parse_changes
from src.collectors.titan007.parse_day import parse_day as parse_titan_day
from src.collectors.titan007.parse_euro import is_script, parse_euro
from src.collectors.titan007.parse_live_odds import parse_live_odds
from src.collectors.titan007.parse_match import parse_match
from src.collectors.titan007.parse_schedule import parse_schedule as parse_titan_schedule
from src.collectors.titan007.quotes import read_quotes
from src.collectors.titan007.sight import Sight
from src.core.errors import Misconfigured
from src.domain.match import SourceMatch, TeamStat
from src.domain.odds import Market, OddsQuote
from src.domain.payload import Parsed

Record = SourceMatch | TeamStat | OddsQuote


class Untold(Misconfigured):
    """A payload leans on something that neither it nor anybody else has told: `name` says what."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(why)
        self.name = name


@dataclass(frozen=True, kw_only=True)
class About:
    """What a payload does not tell of itself.

    `captured_at` and `kickoff` are aware and in UTC, `day` is the Beijing date of a day list, `match_id` and
    `bookmaker` are the source's own ids.
    """

    sha256: str
    captured_at: datetime
    day: date | None = None
    kickoff: datetime | None = None
    match_id: str | None = None
    bookmaker: str | None = None


#: Reads a payload; raises BadData or SourceChanged where it cannot be read at all, and Untold.
Reader = Callable[[bytes, About], Parsed[Record]]


def _fotmob_details(body: bytes, about: About) -> Parsed[Record]:
    details = parse_details(body)
    match = fotmob.matches(Parsed(rows=tuple(row.match for row in details.rows if row.match)), about.sha256)
    figures = fotmob.stats(details)
    return Parsed(rows=match.rows + figures.rows, rejected=match.rejected + figures.rejected)


def _fbref_schedule(body: bytes, about: About) -> Parsed[Record]:
    rows = parse_schedule(body)
    matches = fbref.matches(rows, about.sha256)
    figures = tuple(stat for row in rows.rows for stat in fbref.to_stats(row))
    return Parsed(rows=matches.rows + figures, rejected=matches.rejected)


def _football_data(body: bytes, about: About) -> Parsed[Record]:
    rows = parse_history(body)
    return rows.into(lambda row: football_data.to_records(row, about.sha256, about.captured_at), match_id)


def _sight(about: About) -> Sight:
    return Sight(match_id=about.match_id or "unknown", kickoff=about.kickoff, captured_at=about.captured_at)


def _titan_market(market: Market) -> Reader:
    return lambda body, about: read_quotes(body, market, _sight(about))


def _titan_day(body: bytes, about: About) -> Parsed[Record]:
    if about.day is None:
        raise Untold("day", "a day list tells days of the month alone: which Beijing date is it of?")
    return titan.matches(parse_titan_day(body, about.day), about.sha256)


def _titan_changes(body: bytes, about: About) -> Parsed[Record]:
    sight = _sight(about)
    if is_script(body):
        scripts = parse_euro(body)
        told = [euro_changes(script, sight.of(script)) for script in scripts.rows]
        return Parsed(
            rows=tuple(quote for part in told for quote in part.rows),
            rejected=scripts.rejected + tuple(item for part in told for item in part.rejected),
        )
    return change_quotes(
        parse_changes(body, about.kickoff or about.captured_at), about.bookmaker or "unknown", sight
    )


READERS: Mapping[tuple[str, str], Reader] = {
    ("fotmob", "day"): lambda body, about: fotmob.matches(parse_day(body), about.sha256),
    ("fotmob", "league"): lambda body, about: fotmob.matches(parse_league(body), about.sha256),
    ("fotmob", "details"): _fotmob_details,
    ("fbref", "schedule"): _fbref_schedule,
    ("fbref", "stats"): lambda body, about: fbref.stats(parse_stats(body)),
    ("football-data", "history"): _football_data,
    ("titan007", "day"): _titan_day,
    ("titan007", "schedule"): lambda body, about: titan.matches(parse_titan_schedule(body), about.sha256),
    ("titan007", "details"): lambda body, about: titan.matches(parse_match(body), about.sha256),
    ("titan007", "1x2"): _titan_market(Market.ONE_X_TWO),
    ("titan007", "ah"): _titan_market(Market.ASIAN_HANDICAP),
    ("titan007", "ou"): _titan_market(Market.OVER_UNDER),
    ("titan007", "changes"): _titan_changes,
    ("titan007", "history"): _titan_changes,
    ("titan007", "live"): lambda body, about: live_quotes(parse_live_odds(body), _sight(about)),
}


def reader(source: str, kind: str) -> Reader:
    """Return what reads a kind of payload of a source; raises Misconfigured naming the kinds there are."""
    found = READERS.get((source, kind))
    if found is not None:
        return found
    kinds = sorted(known for of, known in READERS if of == source)
    if kinds:
        raise Misconfigured(f"{source} has no payloads of kind {kind!r}; its kinds are {', '.join(kinds)}")
    sources = ", ".join(sorted({of for of, _ in READERS}))
    raise Misconfigured(f"no source {source!r}; there are {sources}")
