"""FotMob's match details in the shape of its 2025 schema, as far as a collector reads them."""

import re
from typing import Any

from src.sandbox.pages.fotmob import Json, encode, ended_halfs, status, utc_time
from src.sandbox.world.draws import drawn
from src.sandbox.world.fixture import Fixture, Moment, Phase, goal_minutes

_COLOURS = {"home": "#911712", "away": "#ffffff"}


def match_details(fixture: Fixture, at: Moment) -> bytes:
    """Return the payload of `/api/data/matchDetails?matchId=`; `stats` is null before kick-off."""
    return encode(
        {
            "general": _general(fixture, at),
            "header": {"teams": _teams(fixture, at), "status": _status(fixture, at), "events": None},
            "nav": ["matchfacts", "ticker", "lineup", "stats", "table", "head-to-head"],
            "ongoing": at.phase.live,
            "hasPendingVAR": False,
            "content": {
                "matchFacts": _facts(fixture, at),
                "stats": _stats(fixture) if at.phase is Phase.FINISHED else None,
                "lineup": None,
                "shotmap": {"shots": [], "Periods": {"All": []}},
                "hasPlayoff": False,
            },
            "seo": {"path": f"{_slug(fixture.home.fotmob_name)}-vs-{_slug(fixture.away.fotmob_name)}"},
        }
    )


def _general(fixture: Fixture, at: Moment) -> Json:
    competition = fixture.competition
    shown = f"{at.kickoff:%a, %b} {at.kickoff.day}, {at.kickoff:%Y, %H:%M} UTC"
    home, away = fixture.home, fixture.away
    return {
        "matchId": str(fixture.fotmob_id),
        "matchName": f"{home.fotmob_long_name}-vs-{away.fotmob_long_name}_{shown}",
        "matchRound": str(fixture.round),
        "teamColors": {"darkMode": _COLOURS, "lightMode": _COLOURS},
        "leagueId": competition.stage_id,
        "leagueName": competition.fotmob_name,
        "leagueRoundName": str(fixture.round),
        "parentLeagueId": competition.fotmob_id,
        "countryCode": competition.country,
        "homeTeam": {"id": home.fotmob_id, "name": home.fotmob_long_name},
        "awayTeam": {"id": away.fotmob_id, "name": away.fotmob_long_name},
        "coverageLevel": "xG",
        "matchTimeUTC": shown,
        "matchTimeUTCDate": utc_time(at.kickoff),
        "started": at.phase.started,
        "finished": at.phase is Phase.FINISHED,
    }


def _teams(fixture: Fixture, at: Moment) -> list[Json]:
    return [
        {
            "id": club.fotmob_id,
            "name": club.fotmob_long_name,
            "score": score,
            "pageUrl": f"/teams/{club.fotmob_id}/overview/{_slug(club.fotmob_name)}",
        }
        for club, score in zip((fixture.home, fixture.away), at.score, strict=True)
    ]


def _status(fixture: Fixture, at: Moment) -> Json:
    told = status(fixture, at)
    del told["periodLength"]  # the one field that the day list has and the details lack
    reds = [side.red if at.phase is Phase.FINISHED else 0 for side in fixture.figures]
    return told | {
        "halfs": ended_halfs(fixture, at),
        "whoLostOnPenalties": None,
        "whoLostOnAggregated": "",
        "numberOfHomeRedCards": reds[0],
        "numberOfAwayRedCards": reds[1],
    }


def _facts(fixture: Fixture, at: Moment) -> Json:
    goals = [
        {"time": minute, "type": "Goal", "isHome": home, "timeStr": minute}
        for minute, home in goal_minutes(fixture)
        if at.phase.started and minute <= at.minute
    ]
    return {
        # A number here and a string in `general`, as in the real payload.
        "matchId": fixture.fotmob_id,
        "events": {"events": goals},
        "infoBox": {
            "Match Date": {"utcTime": utc_time(at.kickoff), "isDateCorrect": True},
            "Tournament": {
                "id": fixture.competition.stage_id,
                "round": str(fixture.round),
                "leagueName": fixture.competition.fotmob_name,
                "parentLeagueId": fixture.competition.fotmob_id,
            },
        },
        "countryCode": fixture.competition.country,
    }


def _stats(fixture: Fixture) -> Json:
    """Return the statistics; figures are numbers, decimal strings, "count (share%)" and null title rows."""
    row = _rows(fixture)
    top = [row[key] for key in ("ball", "xg", "shots", "on_target", "accurate", "fouls", "corners")]
    groups = [
        _group("top_stats", "Top stats", top),
        _titled("shots", "Shots", row["shots"], row["off_target"], row["on_target"]),
        _titled("expected_goals", "Expected goals (xG)", row["xg"]),
        _titled("passes", "Passes", row["passes"], row["accurate"]),
        _titled("discipline", "Discipline", row["yellow"], row["red"]),
    ]
    return {
        "Periods": {"All": {"stats": groups, "teamColors": {"darkMode": _COLOURS, "lightMode": _COLOURS}}}
    }


def _rows(fixture: Fixture) -> dict[str, Json]:
    home, away = fixture.figures
    ball = _possession(fixture)
    passes = [round(7.6 * share + 40 * drawn(fixture.number, "passes")) for share in ball]
    accurate = [_with_share(count, 0.68 + count / 3200) for count in passes]
    off_target = [max(0, (side.shots - side.on_target) * 2 // 3) for side in (home, away)]
    return {
        "ball": _row("BallPossesion", "Ball possession", "integer", *ball) | {"type": "graph"},
        "xg": _row("expected_goals", "Expected goals (xG)", "double", f"{home.xg:.2f}", f"{away.xg:.2f}"),
        "shots": _row("total_shots", "Total shots", "integer", home.shots, away.shots),
        "on_target": _row("ShotsOnTarget", "Shots on target", "integer", home.on_target, away.on_target),
        "off_target": _row("ShotsOffTarget", "Shots off target", "integer", *off_target),
        "passes": _row("passes", "Passes", "integer", *passes),
        "accurate": _row("accurate_passes", "Accurate passes", "integerWithPercentage", *accurate),
        "fouls": _row("fouls", "Fouls committed", "integer", home.fouls, away.fouls),
        "corners": _row("corners", "Corners", "integer", home.corners, away.corners),
        "yellow": _row("yellow_cards", "Yellow cards", "integer", home.yellow, away.yellow),
        "red": _row("red_cards", "Red cards", "integer", home.red, away.red),
    }


def _possession(fixture: Fixture) -> tuple[int, int]:
    """Return both sides' share of the ball in per cent; it follows expected goals and shots."""
    home, away = fixture.figures
    pressure = (home.xg + home.shots / 10) / (home.xg + away.xg + (home.shots + away.shots) / 10 + 0.01)
    share = round(100 * (0.32 + 0.3 * pressure + 0.06 * drawn(fixture.number, "possession")))
    return share, 100 - share


def _titled(key: str, title: str, *rows: Json) -> Json:
    return _group(key, title, [_title(key, title), *rows])


def _with_share(count: int, share: float) -> str:
    return f"{round(count * share)} ({round(100 * share)}%)"


def _row(key: str, title: str, form: str, home: Any, away: Any) -> Json:
    first, second = (float(str(value).split()[0]) for value in (home, away))
    better = "equal" if first == second else "home" if first > second else "away"
    return {
        "key": key,
        "type": "text",
        "stats": [home, away],
        "title": title,
        "format": form,
        "highlighted": better,
    }


def _title(key: str, title: str) -> Json:
    return {"key": key, "type": "title", "stats": [None, None], "title": title, "highlighted": "equal"}


def _group(key: str, title: str, rows: list[Json]) -> Json:
    return {"key": key, "stats": rows, "title": title}


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
