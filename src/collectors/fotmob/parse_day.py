"""Reads FotMob's day lists (`/api/data/matches?date=YYYYMMDD`); pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from src.collectors.fotmob.document import (
    MatchRow,
    identity,
    kickoff,
    named,
    read_object,
    rejected,
    side,
    some,
    state,
    told_penalties,
    told_scores,
)
from src.collectors.outcome import UNREADABLE, parsed
from src.core.errors import SourceChanged
from src.domain.payload import Parsed, Rejected


def parse_day(body: bytes) -> Parsed[MatchRow]:
    """Read a day list; raises BadData on broken JSON and SourceChanged where it is no day list.

    A match that stands in two leagues of the list is one row, its last telling.
    """
    leagues = read_object(body).get("leagues")
    if not isinstance(leagues, list):
        raise SourceChanged("the FotMob day list has no list `leagues`")
    rows: dict[str, MatchRow] = {}
    refused: list[Rejected] = []
    for league, match in _league_matches(leagues, refused):
        try:
            row = _day_match(league, match)
        except UNREADABLE as error:
            refused.append(rejected(match, error))
        else:
            rows[row.id] = row
    return parsed(rows.values(), refused, "the FotMob day list")


def _league_matches(leagues: list[Any], refused: list[Rejected]) -> Iterator[tuple[Mapping[str, Any], Any]]:
    for league in leagues:
        matches = league.get("matches") if isinstance(league, dict) else None
        if not isinstance(matches, list):
            refused.append(rejected(league, KeyError("matches")))
            continue
        for match in matches:
            yield league, match


def _day_match(league: Mapping[str, Any], match: Mapping[str, Any]) -> MatchRow:
    status = match["status"]
    (home, away), (home_pens, away_pens) = told_scores(status), told_penalties(status)
    return MatchRow(
        id=identity(match["id"]),
        # The list's `id` is of a stage; its `primaryId` is the competition's.
        competition_id=identity(league["primaryId"]),
        competition=some(league.get("parentLeagueName")) or named(league["name"]),
        country=some(league["ccode"]),
        stage_id=identity(league["id"]),
        stage=some(match.get("tournamentStage")),
        season=None,
        kickoff_utc=kickoff(status, match.get("timeTS")),
        home=side(match["home"], home, home_pens),
        away=side(match["away"], away, away_pens),
        state=state(status),
    )
