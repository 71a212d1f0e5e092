"""Small hand-written payloads in the shape of the real ones."""

import json
from typing import Any


def fotmob_match(match_id: int = 900001, **changes: Any) -> dict[str, Any]:
    """A finished match of a FotMob day list; `changes` replace top-level keys, `status` is merged."""
    status = {
        "utcTime": "2026-02-28T15:00:00.000Z",
        "halfs": {"firstHalfStarted": "28.02.2026 16:00:31", "secondHalfStarted": "28.02.2026 17:03:02"},
        "finished": True,
        "started": True,
        "cancelled": False,
        "awarded": False,
        "scoreStr": "2 - 1",
        "reason": {"short": "FT", "shortKey": "fulltime_short", "long": "Full-Time", "longKey": "finished"},
    } | changes.pop("status", {})
    return {
        "id": match_id,
        "leagueId": 47,
        "time": "28.02.2026 16:00",
        "home": {"id": 101, "score": 2, "name": "Aldham Utd", "longName": "Aldham United"},
        "away": {"id": 102, "score": 1, "name": "Brixworth", "longName": "Brixworth Town"},
        "statusId": 6,
        "tournamentStage": "27",
        "status": status,
    } | changes


def fotmob_day(*matches: dict[str, Any], primary_id: Any = 47, stage_id: Any = 47) -> bytes:
    """A FotMob day list of one league."""
    league = {
        "ccode": "ENG",
        "id": stage_id,
        "primaryId": primary_id,
        "name": "Premier League",
        "matches": list(matches),
    }
    return json.dumps({"leagues": [league], "date": "20260228"}).encode()


def euro_script(
    *items: str,
    details: tuple[str, ...] = (),
    month: str = "3-1",
    home: str = "Aldham Utd",
    away: str = "Brixworth",
) -> bytes:
    """A Titan007 1x2 script of a match at 2026-03-07 15:00 UTC, marked as UTF-8."""
    games = ",".join(f'"{item}"' for item in items)
    changes = ",".join(f'"{item}"' for item in details)
    text = (
        f'var matchname_cn="英超";var MatchTime="2026,{month},07,15,00,00";'
        f'var hometeam="{home}";var guestteam="{away}";var hometeam_cn="甲队";var guestteam_cn="乙队";\n'
        f"var game=Array({games});\nvar gameDetail=Array({changes});"
    )
    return b"\xef\xbb\xbf" + text.encode()


def euro_item(
    opening: str = "2.5|3.2|2.9",
    current: str = "2.4|3.3|3.0",
    at: str = "2026,3-1,07,10,30,00",
    bookmaker: int = 281,
    odds_id: int = 77,
) -> str:
    """One bookmaker's entry of `game`."""
    return (
        f"{bookmaker}|{odds_id}|Some Bookmaker|{opening}|38|30|32|94|{current}|39|29|32|95|0.9|0.9|0.9|{at}|"
        "36*(英国)|1|0"
    )


def line_row(
    opening: tuple[str, str, str] | None = ("0.95", "0.5", "0.85"),
    last: tuple[str, str, str] | None = ("1.20", "0.25", "0.60"),
    whole: tuple[str, str, str] | None = ("0.90", "0.75", "0.94"),
    company: int = 8,
    opened_at: str = "2026-03-01 20:00",
    hidden: bool = False,
) -> str:
    """One bookmaker's row of an AsianOdds or OverDown page; None is a sealed line."""

    def cells(line: tuple[str, str, str] | None, attribute: str) -> str:
        if line is None:
            return f"<td colspan=3 {attribute}>封</td>"
        first, goals, second = line
        cell = f"<td {attribute}"
        return f"{cell}>{first}</td>{cell} goals='{goals}'>盘</td>{cell}>{second}</td>"

    tag = f"<tr style='display: none;' companyID={company}>" if hidden else "<tr bgcolor=#FFFFFF>"
    return (
        f"{tag}<td><input type='checkbox' name='oddsShow' data-id='{company}' value='0'></td>"
        "<td>36*</td><td></td>"
        + cells(opening, f'title="{opened_at}"')
        + cells(last, 'oddstype="wholeLastOdds"')
        + cells(whole, 'oddstype="wholeOdds"')
        + "</tr>"
    )


def lines_page(*rows: str) -> bytes:
    """An AsianOdds or OverDown page."""
    return f'<html><body><table id="odds">{"".join(rows)}</table></body></html>'.encode()


def titan_day(*matches: tuple[int, str], league: int = 36, name: str = "英超") -> bytes:
    """A Titan007 day list (GB18030) of (id, time as the list writes it) pairs, finished matches."""
    rows = "".join(
        f"<tr height=18 id='tr1_{n}' name='{league},1' infoid='1' sId='{match_id}'>"
        f"<td><span>{name}</span><span></span></td><td>{at}</td><td class=style1>完</td>"
        "<td align=right><span name='order'><font color=#888888>[3]</font></span>甲队</td>"
        "<td><font color=blue>1</font>-<font color=red>0</font></td>"
        "<td align=left>乙队<span name='order'><font color=#888888>[9]</font></span></td><td>0-0</td></tr>"
        for n, (match_id, at) in enumerate(matches)
    )
    head = "<html><head><meta charset='gb2312'></head>"
    return f"{head}<body><table>{rows}</table></body></html>".encode("gb18030")


def fbref_page(*rows: str, competition: int = 9, season: str = "2025-2026") -> bytes:
    """An FBref schedule."""
    return (
        f"<html><head><title>Scores</title></head><body><table id='sched_{season}_{competition}_1'>"
        f"<thead><tr><th data-stat='home_team'>Home</th></tr></thead><tbody>{''.join(rows)}</tbody>"
        "</table></body></html>"
    ).encode()


def fbref_row(
    match_id: str = "0a1b2c3d",
    epoch: int = 1772290800,
    score: str = "2\u20131",
    home: str = "Aldham Utd",
    away: str = "Brixworth",
    xg: tuple[str, str] | None = ("1.8", "0.7"),
) -> str:
    """A played match of an FBref schedule; `xg` None is a layout without those columns."""
    expected = ("", "") if xg is None else tuple(
        f"<td data-stat='{side}_xg'>{value}</td>" for side, value in zip(("home", "away"), xg, strict=True)
    )  # fmt: skip
    return (
        "<tr><th data-stat='gameweek'>27</th><td data-stat='date'>2026-02-28</td>"
        f"<td data-stat='start_time'><span class='venuetime' data-venue-epoch='{epoch}'>15:00</span></td>"
        f"<td data-stat='home_team'><a href='/en/squads/11112222/x'>{home}</a></td>{expected[0]}"
        f"<td data-stat='score'><a href='/en/matches/{match_id}/x'>{score}</a></td>{expected[1]}"
        f"<td data-stat='away_team'><a href='/en/squads/33334444/x'>{away}</a></td>"
        "<td data-stat='notes'></td></tr>"
    )
