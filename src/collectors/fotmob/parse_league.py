"""Reads the matches of a FotMob league's season, as its API or its page's data tell them; pure.

The list is `fixtures.allMatches` or, before 2025, `matches.allMatches`; an overview that is cut to a few
matches has them under `overview`.
"""

import re
from collections.abc import Mapping
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
    within,
)
from src.collectors.outcome import UNREADABLE, parsed
from src.core.errors import SourceChanged
from src.domain.payload import Parsed, Rejected

_PLACES = (
    ("fixtures", "allMatches"),
    ("matches", "allMatches"),
    ("overview", "matches", "allMatches"),
    ("overview", "leagueOverviewMatches"),
)
_SEASON = re.compile(r"(\d{4})(?:\s*[/-]\s*(\d{4}))?")


def parse_league(body: bytes) -> Parsed[MatchRow]:
    """Read a league's matches; raises BadData on broken JSON and SourceChanged where it is no league."""
    document = read_object(body)
    league, matches = document.get("details"), _matches(document)
    if not isinstance(league, dict) or matches is None:
        raise SourceChanged("the FotMob league has no `details` or no list of matches")
    rows: dict[str, MatchRow] = {}
    refused: list[Rejected] = []
    for match in matches:
        try:
            row = _league_match(league, match)
        except UNREADABLE as error:
            refused.append(rejected(match, error))
        else:
            rows[row.id] = row
    return parsed(rows.values(), refused, "the FotMob league")


def _matches(document: Mapping[str, Any]) -> list[Any] | None:
    found = (within(document, *place) for place in _PLACES)
    return next((matches for matches in found if isinstance(matches, list)), None)


def _league_match(league: Mapping[str, Any], match: Mapping[str, Any]) -> MatchRow:
    status = match["status"]
    (home, away), (home_pens, away_pens) = told_scores(status), told_penalties(status)
    return MatchRow(
        id=identity(match["id"]),
        competition_id=identity(league["id"]),
        competition=named(league["name"]),
        country=some(league.get("country")),
        stage_id=identity(match.get("leagueId") or league["id"]),
        stage=some(match.get("roundName")) or some(match.get("round")),
        season=season(league.get("selectedSeason")),
        kickoff_utc=kickoff(status, match.get("timeTS")),
        home=side(match["home"], home, home_pens),
        away=side(match["away"], away, away_pens),
        state=state(status),
        women=league.get("gender") == "female",
    )


def season(label: object) -> str | None:
    """Return `2025-2026` for FotMob's `2025/2026`, `2025` for a calendar year's; None for none told."""
    found = _SEASON.search(str(label or ""))
    return None if found is None else "-".join(filter(None, found.groups()))
