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


def fbref_page(
    *rows: str, competition: int = 9, season: str = "2025-2026", title: str = "Premier League"
) -> bytes:
    """An FBref schedule."""
    return (
        f"<html><head><title>Scores</title></head><body><table id='sched_{season}_{competition}_1'>"
        f"<caption>Scores &amp; Fixtures {season} {title} Table</caption>"
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
    notes: str = "",
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
        f"<td data-stat='notes'>{notes}</td></tr>"
    )


def fotmob_league(*matches: dict[str, Any], where: str = "fixtures", season: str = "2025/2026") -> bytes:
    """A FotMob league as its page's data tell it; its matches carry no score but in `scoreStr`."""
    told = [
        {
            "id": str(match["id"]),
            "round": "27",
            "home": {"id": str(match["home"]["id"]), "name": "Aldham United", "shortName": "Aldham Utd"},
            "away": {"id": str(match["away"]["id"]), "name": "Brixworth Town", "shortName": "Brixworth"},
            "status": match["status"],
        }
        for match in matches
    ]
    details = {"id": 47, "name": "Premier League", "country": "ENG", "selectedSeason": season}
    return json.dumps({"pageProps": {"details": details, where: {"allMatches": told}}}).encode()


def fotmob_details(*stats: dict[str, Any], **changes: Any) -> bytes:
    """A FotMob match with its header, goals and figures; `changes` replace parts of the header's status."""
    figures = list(stats) or [
        {"key": "BallPossesion", "stats": [61, 39], "type": "graph"},
        {"key": "shots", "stats": [None, None], "type": "title"},
        {"key": "accurate_passes", "stats": ["510 (84%)", "209 (71%)"], "type": "text"},
        {"key": "expected_goals", "stats": ["2.38", "0.75"], "type": "text"},
    ]
    status = fotmob_match(status=changes)["status"]
    teams = [
        {"id": 101, "name": "Aldham United", "score": 2},
        {"id": 102, "name": "Brixworth Town", "score": 1},
    ]
    goals = [
        {"type": "Goal", "time": minute, "newScore": score}
        for minute, score in ((20, [1, 0]), (90, [1, 1]), (101, [2, 1]))
    ]
    return json.dumps(
        {
            "general": {
                "matchId": "900001", "leagueId": 901, "parentLeagueId": 132, "leagueName": "Cup Final",
                "parentLeagueName": "Cup", "parentLeagueSeason": "2025/2026", "countryCode": "ENG",
                "matchRound": "final",
            },
            "header": {"teams": teams, "status": status},
            "content": {
                "matchFacts": {
                    "events": {"events": goals},
                    "infoBox": {"Stadium": {"country": "England", "name": "Ground"}},
                },
                "stats": {"Periods": {"All": {"stats": [{"key": "top_stats", "stats": figures}]}}},
            },
        }
    ).encode()  # fmt: skip


def fbref_match_page(*, hidden: bool = True, advanced: bool = True) -> bytes:
    """A match's page of FBref; `hidden` puts a table into a comment, `advanced` has expected goals."""

    def table(squad: str, topic: str, cells: dict[str, str]) -> str:
        foot = "".join(f"<td data-stat='{name}'>{value}</td>" for name, value in cells.items())
        return (
            f"<table id='stats_{squad}_{topic}'><tbody><tr><td data-stat='shots'>1</td></tr></tbody>"
            f"<tfoot><tr><th data-stat='player'>16 Players</th>{foot}</tr></tfoot></table>"
        )

    xg = {"xg": "2.1"} if advanced else {"xg": ""}
    tables = table("11112222", "summary", {"shots": "19", "cards_yellow": "2"} | xg)
    tables += table("33334444", "summary", {"shots": "10", "cards_yellow": "1"})
    misc = table("11112222", "misc", {"fouls": "1,007", "shots": "19", "aerials_won_pct": "50.0"})
    return (
        "<html><head><title>Aldham vs. Brixworth</title>"
        "<link rel='canonical' href='https://fbref.com/en/matches/0a1b2c3d/Aldham-Brixworth'></head><body>"
        "<div class='scorebox'><div><a href='/en/squads/11112222/2025-2026/Aldham-Stats'>Aldham</a></div>"
        "<div><a href='/en/squads/33334444/2025-2026/Brixworth-Stats'>Brixworth</a></div></div>"
        "<div id='team_stats'><table><tr><th>Aldham</th><th>Brixworth</th></tr>"
        "<tr><th colspan='2'>Possession</th></tr><tr><td>61%</td><td>39%</td></tr>"
        "<tr><th colspan='2'>Passing Accuracy</th></tr>"
        "<tr><td>430 of 524 \u2014 82%</td><td>70% \u2014 209 of 299</td></tr></table></div>"
        f"{tables}{f'<div><!-- {misc} --></div>' if hidden else misc}</body></html>"
    ).encode()


def titan_schedule(*matches: str) -> bytes:
    """Titan007's lottery schedule of one league."""
    told = "!".join(matches or (titan_scheduled(),))
    return f"36^#660000^^英超,英超^,^SubLeague.aspx?SclassID=36${told}".encode()


def titan_scheduled(match_id: str = "11", at: str = "2026,2,7,23,00,00", state: str = "0") -> str:
    """A match of the lottery schedule."""
    teams = "7^甲队,甲隊,甲队^8^乙队,乙隊,乙队"
    return f"{match_id}^{at}^{at}^{state}^周六001^36^^{teams}^0^0^^^0^0^0^0^1^2^{at}^0.5^0"


def titan_match_page(state: str = "0", at: str = "2026-03-07 23:00") -> bytes:
    """Titan007's page of one match."""
    return (
        "<html><head><title>甲队 VS 乙队(2025-2026赛季英超)-分析</title></head><body><script>"
        f"var scheduleID = 11;\nvar state = {state};\nvar strTime = '{at}';</script>"
        "<a href='//zq.example/cn/SubLeague.aspx?sclassid=36' class=\"LName\">英超</a></body></html>"
    ).encode()


def changes_page(*rows: tuple[str, str, str, str, str], total: bool = False, home: str = "甲队") -> bytes:
    """A history of a line: rows of (first, line, second, time, state), newest first as on the page."""
    heads = ("大球", "盘口", "小球") if total else (home, "盘", "乙队")
    told = rows or (
        ("0.70", "平手", "1.20", "3-07 23:20", "滚"),
        ("0.99", "平手/半球", "0.85", "3-07 22:50", "即"),
        ("0.80", "受让半球", "1.04", "3-01 21:24", "早"),
    )
    body = "".join(
        f"<tr><td></td><td></td><td><b>{first}</b></td><td>{line}</td><td>{second}</td><td>{at}</td>"
        f"<td>{state}</td></tr>"
        for first, line, second, at, state in told
    )
    return (
        f"<table><tr><td>时间</td><td>比分</td><td>{heads[0]}</td><td>{heads[1]}</td><td>{heads[2]}</td>"
        f"<td>变化时间</td><td>状态</td></tr>{body}</table>"
    ).encode()


def live_odds(*rows: list[Any]) -> bytes:
    """The odds beside a match in play."""
    triples = [0.84, 0, 1.04] * 4 + [0.7, 0.75, 1.19] * 4 + [2.48, 3.45, 2.82] * 3 + [0, 0, 0]
    told = list(rows) or [["早餐", 0, 0, *triples, 0, 0], ["09", 0, 0, *triples, 0, 0]]
    return f"var sOdds={json.dumps(told, ensure_ascii=False)};".replace('"', "'").encode()


def gateway(*quotes: dict[str, Any], wrapped: bool = True) -> bytes:
    """An answer of the JSON gateway, Bet365's quotes."""
    told = [{"cid": 8, "cname": "36*", "utime": 1772877600} | quote for quote in quotes]
    return json.dumps({"code": 0, "data": told} if wrapped else told).encode()
