"""Turns football-data.co.uk's rows into domain records.

Times. The files tell a kick-off's time, the United Kingdom's, from 2019/20 only. Before, a match is put at
noon UTC of its day, which is the same day there: `time_known` tells one from the other, and nothing may be
made of the time of day of such a match. Nor do the files tell when a price was taken, but their author says
how he works: on Friday afternoon for the weekend, on Tuesday afternoon for the matches in midweek. These
first prices are the opening quotes, as of 15:00 UK of that day and before the kick-off in any case. Closing
prices are those at the kick-off, as of a second before it.

Lines. A handicap is negative where the home side gives, as ours are.
"""

import re
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache

from src.collectors.football_data.bookmakers import bookmaker
from src.collectors.football_data.divisions import DIVISIONS, UNITED_KINGDOM, match_name
from src.collectors.football_data.parse import EXPECTED_GOALS, HistoryRow
from src.collectors.registry import BY_DIVISION, WatchedCompetition, season_of
from src.domain.match import SIDES, MatchStatus, Source, SourceCompetition, SourceMatch, StatPeriod, TeamStat
from src.domain.odds import OddsQuote, Phase
from src.domain.team import SourceTeam

_NOON, _AFTERNOON = time(12), time(15)
_JUST_BEFORE = timedelta(seconds=1)
_AT_LEAST_BEFORE = timedelta(hours=1)
_TUESDAY, _FRIDAY = 1, 4

#: `E0` to `E3` and `EC` are England's divisions, `SP1` and `SP2` Spain's; `ARG …` is Argentina's cup.
_COUNTRY = re.compile(r"E(?=C$)|[A-Z]+(?=\d|\s|$)")


def watched(division: str) -> WatchedCompetition | None:
    """Return the watched competition that a division is, as `E0`; None for another."""
    return BY_DIVISION.get(division)


def match_id(row: HistoryRow) -> str:
    """Return the name under which a match goes; the file gives it no id."""
    return match_name(row.division, kickoff_utc(row), row.home, row.away, row.season)


def time_known(row: HistoryRow) -> bool:
    """Tell whether the file has the kick-off's time; else only its UK day is meant."""
    return row.time is not None


def kickoff_utc(row: HistoryRow) -> datetime:
    """Return the kick-off in UTC; noon of the day where the file has no time."""
    if row.time is None:
        return datetime.combine(row.date, _NOON, UTC)
    return datetime.combine(row.date, row.time, UNITED_KINGDOM).astimezone(UTC)


def to_match(row: HistoryRow, raw_sha256: str) -> SourceMatch:
    """Return the match: a league's, so its score is that of 90 minutes."""
    return SourceMatch(
        source=Source.FOOTBALL_DATA,
        source_match_id=match_id(row),
        competition=_competition(row.division, row.league),
        season=row.season or season_of(kickoff_utc(row)),
        kickoff_utc=kickoff_utc(row),
        time_known=time_known(row),
        home=_team(row, row.home),
        away=_team(row, row.away),
        status=MatchStatus.FINISHED,
        score_90=row.score,
        score_final=row.score,
        raw_sha256=raw_sha256,
    )


def _team(row: HistoryRow, name: str) -> SourceTeam:
    return SourceTeam(name=name, source_id=team_id(row.division, name))


def team_id(division: str, name: str) -> str:
    """Return a club's id: its name, which is one of a country, whatever division it plays in."""
    country = _COUNTRY.match(division)
    return f"{country[0] if country else division}/{name}"


@lru_cache(maxsize=64)
def _competition(division: str, league: str | None) -> SourceCompetition:
    followed = watched(division)
    _, country = DIVISIONS.get(division.partition(" ")[0], (None, None))
    name, country = DIVISIONS.get(division, (league or division, country))
    if followed is None:
        return SourceCompetition(source=Source.FOOTBALL_DATA, source_id=division, name=name, country=country)
    # Competitions that we follow are known by FotMob's numbers, so that a season is one whoever tells it.
    return SourceCompetition(
        source=Source.FOTMOB, source_id=followed.fotmob_id, name=followed.name, country=country
    )


def to_records(
    row: HistoryRow, raw_sha256: str, captured_at: datetime
) -> list[SourceMatch | TeamStat | OddsQuote]:
    """Return all that a row tells: the match, its figures, its quotes."""
    return [to_match(row, raw_sha256), *to_stats(row), *to_quotes(row, captured_at)]


def to_stats(row: HistoryRow) -> list[TeamStat]:
    """Return both sides' figures, and their goals at half-time (`h1`)."""
    key = match_id(row)
    told: list[tuple[str, StatPeriod, tuple[float, float]]] = [
        (name, "ft", figures) for name, figures in row.figures.items()
    ]
    if row.half_time:
        told.append(("goals", "h1", (row.half_time.home, row.half_time.away)))
    return [
        TeamStat(
            source=Source.FOOTBALL_DATA, source_match_id=key, side=side, period=period, key=name,
            value=float(value), unit="xg" if name == EXPECTED_GOALS else "count",
        )
        for name, period, figures in told
        for side, value in zip(SIDES, figures, strict=True)
    ]  # fmt: skip


def to_quotes(row: HistoryRow, captured_at: datetime, kickoff: datetime | None = None) -> list[OddsQuote]:
    """Return the opening and closing quotes of every bookmaker, the market's aggregates among them.

    `kickoff` is that of the match where another source tells it better.
    """
    key, kickoff = match_id(row), kickoff or kickoff_utc(row)
    opened_at, closed_at = quote_times(kickoff)
    quotes = []
    for told in row.markets:
        namespace, name = bookmaker(told.code)
        quotes.append(
            OddsQuote(
                source=Source.FOOTBALL_DATA,
                source_match_id=key,
                bookmaker_namespace=namespace,
                bookmaker_id=told.code,
                bookmaker_name=name,
                market=told.market,
                phase=Phase.CLOSING if told.closing else Phase.OPENING,
                line=told.line,
                prices=told.prices,
                source_time_utc=closed_at if told.closing else opened_at,
                captured_at=captured_at,
            )
        )
    return quotes


def quote_times(kickoff: datetime) -> tuple[datetime, datetime]:
    """Return as of when opening and closing prices are: both follow from the kick-off, none is told."""
    return _taken_before(kickoff), kickoff - _JUST_BEFORE


@lru_cache(maxsize=4096)
def _taken_before(kickoff: datetime) -> datetime:
    """Return when the first prices were taken: the Friday or Tuesday of the kick-off, or the last before."""
    day = kickoff.astimezone(UNITED_KINGDOM).date()
    since = min((day.weekday() - taken) % 7 for taken in (_TUESDAY, _FRIDAY))
    taken = datetime.combine(day - timedelta(days=since), _AFTERNOON, UNITED_KINGDOM)
    return min(taken.astimezone(UTC), kickoff - _AT_LEAST_BEFORE)
