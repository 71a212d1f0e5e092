"""Reads FotMob's JSON into rows; pure."""

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from src.collectors.text import storable
from src.core.errors import BadData, SourceChanged
from src.domain.payload import Parsed, Rejected


@dataclass(frozen=True, kw_only=True)
class Side:
    """One side of a match on the day list; `penalties` is the shoot-out alone."""

    id: str
    name: str
    long_name: str
    score: int | None
    penalties: int | None


@dataclass(frozen=True, kw_only=True)
class DayMatch:
    """A match of a day list; `competition_id` is the competition, `stage_id` FotMob's own id of its stage.

    `reason` is FotMob's short word for the state (`FT`, `AET`, `Pen`, `PP`, `Can`, `Ab`, `AW`) or None.
    """

    id: str
    competition_id: str
    competition: str
    country: str
    stage_id: str
    stage: str | None
    kickoff_utc: datetime
    home: Side
    away: Side
    reason: str | None
    finished: bool
    started: bool
    cancelled: bool
    awarded: bool
    extra_time: bool


@dataclass(frozen=True, kw_only=True)
class StatRow:
    """One figure of a match for both sides, as FotMob writes it (`"510 (84%)"`, `"2.38"`, `68`)."""

    period: str
    key: str
    home: str
    away: str


@dataclass(frozen=True, kw_only=True)
class Details:
    """The figures of one match; none where FotMob does not cover it that closely."""

    match_id: str
    stats: tuple[StatRow, ...]


_BROKEN = (KeyError, TypeError, ValueError, AttributeError)


def parse_day(body: bytes) -> Parsed[DayMatch]:
    """Read a day list; raises BadData on broken JSON and SourceChanged where it is no day list."""
    leagues = _object(body).get("leagues")
    if not isinstance(leagues, list):
        raise SourceChanged("the FotMob day list has no list `leagues`")
    rows: dict[str, DayMatch] = {}
    rejected: list[Rejected] = []
    for league, match in _league_matches(leagues, rejected):
        try:
            row = _day_match(league, match)
        except _BROKEN as error:
            rejected.append(_rejected(match, error))
        else:
            rows[row.id] = row
    return Parsed(rows=tuple(rows.values()), rejected=tuple(rejected))


def _league_matches(leagues: list[Any], rejected: list[Rejected]) -> Iterator[tuple[Mapping[str, Any], Any]]:
    for league in leagues:
        matches = league.get("matches") if isinstance(league, dict) else None
        if not isinstance(matches, list):
            rejected.append(_rejected(league, KeyError("matches")))
            continue
        for match in matches:
            yield league, match


def _day_match(league: Mapping[str, Any], match: Mapping[str, Any]) -> DayMatch:
    status = match["status"]
    reason = status.get("reason") or {}
    stage = storable(str(league["name"]))
    return DayMatch(
        id=_id(match["id"]),
        competition_id=_id(league["primaryId"]),
        competition=storable(str(league.get("parentLeagueName") or stage)),
        country=storable(str(league["ccode"])),
        stage_id=_id(league["id"]),
        stage=storable(str(match["tournamentStage"])) if match.get("tournamentStage") else None,
        kickoff_utc=_utc(status["utcTime"]),
        home=_side(match["home"]),
        away=_side(match["away"]),
        reason=None if reason.get("short") is None else str(reason["short"]),
        finished=bool(status.get("finished")),
        started=bool(status.get("started")),
        cancelled=bool(status.get("cancelled")),
        awarded=bool(status.get("awarded")),
        extra_time="firstExtraHalfStarted" in (status.get("halfs") or {}),
    )


def _side(side: Mapping[str, Any]) -> Side:
    name = storable(str(side["name"]).strip())
    if not name:
        raise ValueError("a team without a name")
    return Side(
        id=_id(side["id"]),
        name=name,
        long_name=storable(str(side.get("longName") or name).strip()),
        score=_goals(side.get("score")),
        penalties=_goals(side.get("penScore")),
    )


def parse_details(body: bytes) -> Parsed[Details]:
    """Read match details, bare or inside `l2_json`; raises BadData or SourceChanged as `parse_day` does."""
    document = _object(body)
    document = document.get("l2_json", document)
    if isinstance(document, str):
        document = _object(document.encode())
    general, content = document.get("general"), document.get("content")
    if not isinstance(general, dict) or not isinstance(content, dict) or "matchId" not in general:
        raise SourceChanged("the FotMob details have no `general.matchId` and `content`")
    rows: dict[tuple[str, str], StatRow] = {}
    rejected: list[Rejected] = []
    for period, item in _stat_items(content):
        try:
            row = _stat_row(period, item)
        except _BROKEN as error:
            rejected.append(_rejected(item, error, key=f"{period}/{_key_of(item)}"))
            continue
        if row is not None:
            rows.setdefault((row.period, row.key), row)
    details = Details(match_id=_id(general["matchId"]), stats=tuple(rows.values()))
    return Parsed(rows=(details,), rejected=tuple(rejected))


def _stat_items(content: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    stats = content.get("stats")
    periods = stats.get("Periods") if isinstance(stats, dict) else None
    for period, block in (periods or {}).items():
        for group in (block or {}).get("stats") or []:
            for item in group.get("stats") or []:
                yield str(period), item


def _stat_row(period: str, item: Mapping[str, Any]) -> StatRow | None:
    home, away = item["stats"]
    # Title rows and figures that FotMob has not got carry nulls.
    if item.get("type") == "title" or home is None or away is None:
        return None
    return StatRow(period=storable(period), key=storable(str(item["key"])), home=str(home), away=str(away))


def _object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadData(f"broken JSON: {error}") from error
    if not isinstance(document, dict):
        raise SourceChanged("the FotMob answer is not a JSON object")
    return document


def _rejected(record: object, error: Exception, key: str | None = None) -> Rejected:
    return Rejected(
        key=key or _key_of(record),
        reason=f"{type(error).__name__}: {error}",
        record=json.dumps(record, ensure_ascii=False).encode(errors="backslashreplace"),
    )


def _key_of(record: object) -> str:
    named = record.get("id") or record.get("key") if isinstance(record, dict) else None
    return str(named or f"unnamed-{zlib.crc32(repr(record).encode()):08x}")


def _id(value: object) -> str:
    # One payload may carry the same id as a number and as a text.
    text = str(value).strip()
    if not re.fullmatch(r"\d+", text):
        raise ValueError(f"not an id: {text[:40]!r}")
    return text


def _goals(value: object) -> int | None:
    if value is None:
        return None
    goals = int(str(value))
    if not 0 <= goals <= 99:
        raise ValueError(f"not a number of goals: {goals}")
    return goals


def _utc(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None or moment.utcoffset():
        raise ValueError(f"not a UTC time: {value!r}")
    return moment
