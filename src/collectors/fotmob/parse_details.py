"""Reads FotMob's match details in the schemas from 2021 on; pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from src.collectors.fotmob.document import (
    MatchRow,
    goals,
    identity,
    key_of,
    named,
    read_object,
    rejected,
    side,
    some,
    state,
    told_penalties,
    told_scores,
    utc,
    within,
)
from src.collectors.fotmob.parse_league import season
from src.collectors.outcome import UNREADABLE
from src.collectors.text import storable
from src.core.errors import SourceChanged
from src.domain.payload import Parsed, Rejected

_WORD = re.compile(r"\w+")
_IN_BRACKETS = re.compile(r"\([^()]*\)")
#: In place of a figure that one side has not got.
_NOT_TOLD = (None, "-")


@dataclass(frozen=True, kw_only=True)
class StatRow:
    """One figure of a match for both sides, as FotMob writes it (`"510 (84%)"`, `"2.38"`, `68`)."""

    period: str
    key: str
    home: str
    away: str


@dataclass(frozen=True, kw_only=True)
class Details:
    """One match with its figures; none where FotMob does not cover it that closely.

    `match` is None where the page has no header, which is all that figures can do without.
    """

    match_id: str
    match: MatchRow | None
    stats: tuple[StatRow, ...]


def parse_details(body: bytes) -> Parsed[Details]:
    """Read match details, bare or wrapped; raises BadData on broken JSON, SourceChanged where it is none."""
    document = read_object(body)
    general, content = document.get("general"), document.get("content")
    if not isinstance(general, dict) or not isinstance(content, dict) or "matchId" not in general:
        raise SourceChanged("the FotMob details have no `general.matchId` and `content`")
    refused: list[Rejected] = []
    try:
        match_id = identity(general["matchId"])
    except ValueError as error:
        raise SourceChanged(f"the FotMob details' `general.matchId` is {error}") from error
    details = Details(
        match_id=match_id,
        match=_match(general, document.get("header"), content, refused),
        stats=_stats(content, refused),
    )
    return Parsed(rows=(details,), rejected=tuple(refused))


def _stats(content: Mapping[str, Any], refused: list[Rejected]) -> tuple[StatRow, ...]:
    rows: dict[tuple[str, str], StatRow] = {}
    for period, item in _stat_items(content, refused):
        try:
            row = _stat_row(period, item)
        except UNREADABLE as error:
            refused.append(rejected(item, error, key=f"{period}/{key_of(item)}"))
            continue
        if row is not None:
            # A figure of the top stats stands in its own group again.
            rows.setdefault((row.period, row.key), row)
    return tuple(rows.values())


def _stat_items(content: Mapping[str, Any], refused: list[Rejected]) -> Iterator[tuple[str, Any]]:
    try:
        told = content.get("stats") or {}
        # Before July 2023 there were the figures of the whole match alone.
        periods = told.get("Periods") or ({"All": told} if told.get("stats") else {})
        blocks = [
            (str(period), group)
            for period, block in periods.items()
            for group in (block or {}).get("stats") or []
        ]
    except UNREADABLE as error:
        refused.append(rejected(content.get("stats"), error, key="stats"))
        return
    for period, group in blocks:
        items = group.get("stats") if isinstance(group, dict) else None
        if not isinstance(items, list):
            refused.append(rejected(group, KeyError("stats"), key=f"{period}/{key_of(group)}"))
            continue
        for item in items:
            yield period, item


def _stat_row(period: str, item: Mapping[str, Any]) -> StatRow | None:
    home, away = item["stats"]
    # Title rows and figures that FotMob has not got carry nulls.
    if item.get("type") == "title" or (home is None and away is None):
        return None
    return StatRow(
        period=storable(period),
        key=some(item.get("key")) or _key(named(item["title"])),
        home="" if home in _NOT_TOLD else str(home),
        away="" if away in _NOT_TOLD else str(away),
    )


def _key(title: str) -> str:
    """Return a key made of a figure's title, which is all that they had before 2023."""
    return "_".join(_WORD.findall(_IN_BRACKETS.sub("", title).lower()))


def _match(
    general: Mapping[str, Any], header: Any, content: Mapping[str, Any], refused: list[Rejected]
) -> MatchRow | None:
    if header is None:
        return None
    try:
        return _match_row(general, header, content)
    except UNREADABLE as error:
        refused.append(rejected({"general": general, "header": header}, error, key="match"))
        return None


def _match_row(general: Mapping[str, Any], header: Mapping[str, Any], content: Mapping[str, Any]) -> MatchRow:
    status = header["status"]
    (home, away), (home_pens, away_pens) = told_scores(status), told_penalties(status)
    teams, facts = header["teams"], content.get("matchFacts")
    sides = side(teams[0], home, home_pens), side(teams[1], away, away_pens)
    told = [some(within(general, name, "id")) for name in ("homeTeam", "awayTeam")]
    if told == [sides[1].id, sides[0].id]:
        raise ValueError("the header has the sides the other way round than `general`")
    return MatchRow(
        id=identity(general["matchId"]),
        competition_id=identity(general.get("parentLeagueId") or general["leagueId"]),
        competition=some(general.get("parentLeagueName")) or named(general["leagueName"]),
        country=some(general.get("countryCode")),
        stage_id=identity(general["leagueId"]),
        stage=some(general.get("matchRound")) or some(general.get("leagueRoundName")),
        season=season(general.get("parentLeagueSeason")),
        kickoff_utc=utc(status.get("utcTime") or general["matchTimeUTCDate"]),
        home=sides[0],
        away=sides[1],
        state=state(status),
        after_90=_after_90(facts),
        women=general.get("gender") == "female",
        venue_country=some(within(facts, "infoBox", "Stadium", "country")),
    )


def _after_90(facts: object) -> tuple[int, int] | None:
    """Return the score after 90 minutes: what the last goal of them made it, where all are told."""
    events = within(facts, "events", "events")
    if not isinstance(events, list):
        return None
    home, away = 0, 0
    try:
        for event in events:
            of_shootout = event.get("isPenaltyShootoutEvent")
            if event.get("type") == "Goal" and not of_shootout and int(event["time"]) <= 90:
                new_home, new_away = event["newScore"]
                home, away = max(home, goals(new_home) or 0), max(away, goals(new_away) or 0)
    except UNREADABLE:
        # One goal of another shape leaves that score untold, and all else of the match as it is.
        return None
    return home, away
