"""FotMob's JSON: the list of a day's matches, and the state of one match as both payloads tell it."""

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from src.sandbox.world.competitions import Competition
from src.sandbox.world.draws import drawn
from src.sandbox.world.fixture import FIRST_HALF, FULL_TIME, HALF_TIME_ENDS, Fixture, Moment, Phase

#: FotMob prints `time` and `halfs` on Central European clocks, and `utcTime` in UTC.
CENTRAL_EUROPE = ZoneInfo("Europe/Oslo")

_STATUS_ID = {
    Phase.SCHEDULED: 1,
    Phase.FIRST_HALF: 2,
    Phase.SECOND_HALF: 3,
    Phase.POSTPONED: 5,
    Phase.FINISHED: 6,
    Phase.HALF_TIME: 10,
}
_REASON = {
    Phase.FINISHED: ("FT", "fulltime_short", "Full-Time", "finished"),
    Phase.POSTPONED: ("PP", "postponed_short", "Postponed", "postponed"),
}
_RANK = {"E0": 30, "D1": 20, "SP1": 10, "F1": 10, "I1": 9}

Json = dict[str, Any]


def day_list(day: date, seen: Iterable[tuple[Fixture, Moment]]) -> bytes:
    """Return the payload of `/api/data/matches?date=`, leagues and matches in order of kick-off."""
    leagues: dict[int, Json] = {}
    for fixture, at in seen:
        competition = fixture.competition
        league = leagues.setdefault(competition.fotmob_id, _league(competition))
        league["matches"].append(_match(fixture, at))
    return encode({"leagues": list(leagues.values()), "date": f"{day:%Y%m%d}"})


def league(label: str, seen: Iterable[tuple[Fixture, Moment]]) -> bytes:
    """Return the payload of `/api/data/leagues?id=` for the season `label` (as `2025-2026`) of one league."""
    told: list[Json] = []
    details: Json = {}
    for fixture, at in seen:
        competition = fixture.competition
        details = {
            "id": competition.fotmob_id,
            "type": "league",
            "name": competition.fotmob_name,
            "selectedSeason": label.replace("-", "/"),
            "latestSeason": label.replace("-", "/"),
            "country": competition.country,
        }
        told.append(_league_match(fixture, at))
    return encode({"details": details, "fixtures": {"allMatches": told}})


def front_page(build: str) -> bytes:
    """Return a page that names the build whose data can be had."""
    told = encode({"props": {}, "page": "/", "query": {}, "buildId": build})
    return (
        b"<!DOCTYPE html><html><head><title>FotMob</title></head><body>"
        b'<script id="__NEXT_DATA__" type="application/json">%b</script></body></html>' % told
    )


def encode(payload: Json) -> bytes:
    """Return JSON in UTF-8 without needless blanks."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def utc_time(at: datetime) -> str:
    """Return an instant as FotMob writes `utcTime`."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.000Z"


def status(fixture: Fixture, at: Moment) -> Json:
    """Return the `status` object that both payloads carry."""
    phase = at.phase
    told: Json = {"utcTime": utc_time(at.kickoff)}
    for side, figures in zip(("Home", "Away"), fixture.figures, strict=True):
        if phase is Phase.FINISHED and figures.red:
            told[f"numberOf{side}RedCards"] = figures.red
    told |= {
        "halfs": halfs(fixture, at),
        "periodLength": 45,
        "finished": phase is Phase.FINISHED,
        "started": phase.started,
        "cancelled": phase is Phase.POSTPONED,
    }
    if phase.started:
        told |= {"awarded": False, "scoreStr": f"{at.score[0]} - {at.score[1]}"}
    if phase.live:
        clock = "HT" if phase is Phase.HALF_TIME else f"{at.minute}’"  # noqa: RUF001 - as the site prints it
        told |= {"ongoing": True, "liveTime": {"short": clock, "maxTime": 45 if at.minute <= 45 else 90}}
    if phase in _REASON:
        told["reason"] = dict(zip(("short", "shortKey", "long", "longKey"), _REASON[phase], strict=True))
    return told


def halfs(fixture: Fixture, at: Moment) -> dict[str, str]:
    """Return when the halves began, on Central European clocks; a postponed match shows a first half too."""
    if at.phase is Phase.SCHEDULED:
        return {}
    if at.phase is Phase.POSTPONED:
        return {"firstHalfStarted": _local(at.kickoff, seconds=True)}
    late = timedelta(seconds=int(90 * drawn(fixture.number, "late")))
    began = {"firstHalfStarted": _local(at.kickoff + late, seconds=True)}
    if at.phase in {Phase.SECOND_HALF, Phase.FINISHED}:
        began["secondHalfStarted"] = _local(at.kickoff + HALF_TIME_ENDS + late, seconds=True)
    return began


def ended_halfs(fixture: Fixture, at: Moment) -> dict[str, str]:
    """Return `halfs` as match details carry it: with ends, and empty strings for what was not played."""
    began = halfs(fixture, at)
    ends = {}
    if at.phase is Phase.FINISHED:
        over = _local(at.kickoff + FULL_TIME, seconds=True)
        ends = {"gameEnded": over, "firstHalfEnded": _local(at.kickoff + FIRST_HALF, seconds=True)}
        ends["secondHalfEnded"] = over
    return ends | began | {"firstExtraHalfStarted": "", "secondExtraHalfStarted": ""}


def _league(competition: Competition) -> Json:
    league: Json = {
        "ccode": competition.country,
        "id": competition.stage_id,
        "primaryId": competition.fotmob_id,
        "name": competition.fotmob_name,
        "matches": [],
    }
    if competition.stage_id != competition.fotmob_id:
        league["parentLeagueId"] = competition.fotmob_id
    return league | {"internalRank": _RANK[competition.code], "liveRank": 100, "simpleLeague": False}


def _match(fixture: Fixture, at: Moment) -> Json:
    return {
        "id": fixture.fotmob_id,
        "leagueId": fixture.competition.stage_id,
        "time": _local(at.kickoff),
        "home": _side(fixture, at, 0),
        "away": _side(fixture, at, 1),
        "eliminatedTeamId": None,
        "statusId": _STATUS_ID[at.phase],
        "tournamentStage": str(fixture.round),
        "status": status(fixture, at),
        "timeTS": int(at.kickoff.timestamp() * 1000),
    }


def _league_match(fixture: Fixture, at: Moment) -> Json:
    sides = ({"name": club.fotmob_long_name, "shortName": club.fotmob_name, "id": str(club.fotmob_id)}
             for club in (fixture.home, fixture.away))  # fmt: skip
    home, away = sides
    number = str(fixture.fotmob_id)
    return {
        "round": str(fixture.round),
        "roundName": fixture.round,
        "pageUrl": f"/matches/{number}#{number}",
        "id": number,
        "home": home,
        "away": away,
        "status": status(fixture, at),
    }


def _side(fixture: Fixture, at: Moment, side: int) -> Json:
    club = (fixture.home, fixture.away)[side]
    told: Json = {"id": club.fotmob_id, "score": at.score[side], "name": club.fotmob_name}
    if at.phase is Phase.FINISHED and fixture.figures[side].red:
        told["redCards"] = fixture.figures[side].red
    return told | {"longName": club.fotmob_long_name}


def _local(at: datetime, *, seconds: bool = False) -> str:
    return at.astimezone(CENTRAL_EUROPE).strftime("%d.%m.%Y %H:%M:%S" if seconds else "%d.%m.%Y %H:%M")
