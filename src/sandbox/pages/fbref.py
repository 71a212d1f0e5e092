"""FBref's Scores & Fixtures page of one season."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape

from src.sandbox.world.clubs import Club
from src.sandbox.world.draws import drawn
from src.sandbox.world.fixture import Fixture, Moment, Phase, moment

#: In one fixture of this many FBref's kick-off is a quarter of an hour after FotMob's.
_LATER_ONE_IN = 60
#: One team cell of this many ends in a no-break space.
_NO_BREAK_ONE_IN = 50
#: The head of the table comes again inside its body after so many rows.
_HEAD_EVERY = 100

#: (data-stat, label, class of its cells); the two xG columns are gone from pages since 2026.
_COLUMNS = (
    ("gameweek", "Wk", "right"),
    ("dayofweek", "Day", "left"),
    ("date", "Date", "left"),
    ("start_time", "Time", "right"),
    ("home_team", "Home", "right"),
    ("home_xg", "xG", "right"),
    ("score", "Score", "center"),
    ("away_xg", "xG", "right"),
    ("away_team", "Away", "left"),
    ("attendance", "Attendance", "right"),
    ("venue", "Venue", "left"),
    ("referee", "Referee", "left"),
    ("match_report", "Match Report", "left"),
    ("notes", "Notes", "left"),
)


def schedule(season: str, fixtures: Sequence[Fixture], now: datetime, *, with_xg: bool) -> bytes:
    """Return the page in UTF-8: rows in order of kick-off, a spacer row between weeks.

    `season` is the label as in "2025-2026". Only played matches link to a report and so carry a match id.
    """
    columns = [column for column in _COLUMNS if with_xg or not column[0].endswith("_xg")]
    competition = fixtures[0].competition
    table_id = f"sched_{season}_{competition.fbref_id}_1"
    title = f"Scores &amp; Fixtures <span>{season} {competition.fbref_name}</span>"
    rows = sorted(
        ((fixture, moment(fixture, now)) for fixture in fixtures),
        key=lambda row: (row[1].kickoff, row[0].number),
    )
    body: list[str] = []
    week = None
    for place, (fixture, at) in enumerate(rows):
        if week is not None and fixture.round != week:
            body.append(_spacer(columns))
        if place and place % _HEAD_EVERY == 0:
            body.append(f'<tr class="thead">{_heads(columns)}</tr>')
        week = fixture.round
        body.append(_row(fixture, at, columns))
    head = "".join("<col>" for _ in columns)
    return (
        '<!DOCTYPE html>\n<html lang="en" class="no-js">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{competition.fbref_name} Scores &amp; Fixtures | FBref.com</title>\n</head>\n<body>\n"
        f'<div id="all_sched" class="table_wrapper tabbed">\n<h2>{title}</h2>\n'
        f'<div class="table_container tabbed current" id="div_{table_id}">\n'
        f'<table class="stats_table sortable min_width" id="{table_id}" data-cols-to-freeze="5,9">'
        f" <caption>{title} Table</caption> <colgroup>{head}</colgroup>"
        f" <thead> <tr> {_heads(columns)} </tr> </thead> <tbody> {' '.join(body)} </tbody> </table>\n"
        "</div>\n</div>\n</body>\n</html>\n"
    ).encode()


def _heads(columns: Sequence[tuple[str, str, str]]) -> str:
    return " ".join(
        f'<th aria-label="{label}" data-stat="{stat}" scope="col" class=" poptip center" >{label}</th>'
        for stat, label, _ in columns
    )


def _spacer(columns: Sequence[tuple[str, str, str]]) -> str:
    cells = "".join(
        f'<td class="{side} iz" data-stat="{stat}" ></td>' for stat, _, side in columns if stat != "gameweek"
    )
    return (
        '<tr class="spacer partial_table result_all" style="background-color:#ddd" >'
        f'<th scope="row" class="right iz" data-stat="gameweek" ></th>{cells}</tr>'
    )


def _row(fixture: Fixture, at: Moment, columns: Sequence[tuple[str, str, str]]) -> str:
    cells = _cells(fixture, at)
    told = "".join(
        f'<td class="{side} {"" if cells.get(stat, ("", ""))[0] else "iz"}" data-stat="{stat}"'
        f"{cells.get(stat, ('', ''))[1]} >{cells.get(stat, ('', ''))[0]}</td>"
        for stat, _, side in columns
        if stat != "gameweek"
    )
    return f'<tr ><th scope="row" class="right " data-stat="gameweek" >{fixture.round}</th>{told}</tr>'


def _cells(fixture: Fixture, at: Moment) -> dict[str, tuple[str, str]]:
    """Return (content, further attributes) by data-stat; what is left out is an empty cell."""
    kickoff = at.kickoff
    if drawn(fixture.number, "fbref kick-off") < 1 / _LATER_ONE_IN:
        kickoff += timedelta(minutes=15)
    local = kickoff.astimezone(fixture.competition.zone)
    day = f"{local:%Y-%m-%d}"
    clock = (
        f'<span class="venuetime" data-venue-time-only="1" data-venue-epoch="{int(kickoff.timestamp())}"'
        f' data-venue-time="{local:%H:%M}">{local:%H:%M}</span>'
        ' <span class="localtime" data-label="your time"></span>'
    )
    cells = {
        "dayofweek": (f"{local:%a}", f' csk="{local.isoweekday() % 7 + 1}"'),
        "date": (f'<a href="/en/matches/{day}">{day}</a>', f' csk="{local:%Y%m%d}"'),
        "start_time": (clock, f' csk="{local:%H:%M:%S}"'),
        "home_team": (_team(fixture.home, fixture.number), ""),
        "away_team": (_team(fixture.away, fixture.number + 1), ""),
        "venue": (f"{escape(fixture.home.fbref_name)} Ground", ""),
        "match_report": (_head_to_head(fixture), ""),
    }
    if at.phase is Phase.FINISHED:
        cells |= _played(fixture, at, local)
    elif at.phase is Phase.POSTPONED:
        cells["notes"] = ("Match Postponed", "")
    return cells


def _played(fixture: Fixture, at: Moment, local: datetime) -> dict[str, tuple[str, str]]:
    home, away = slug(fixture.home.fotmob_long_name), slug(fixture.away.fotmob_long_name)
    name = f"{home}-{away}-{local:%B}-{local.day}-{local.year}-{slug(fixture.competition.fbref_name)}"
    link = f'<a href="/en/matches/{fixture.fbref_id}/{name}">'
    crowd = 9_000 + int(46_000 * drawn(fixture.number, "attendance"))
    return {
        "score": (f"{link}{at.score[0]}&ndash;{at.score[1]}</a>", ""),
        "home_xg": (f"{fixture.figures[0].xg:.1f}", ""),
        "away_xg": (f"{fixture.figures[1].xg:.1f}", ""),
        "attendance": (f"{crowd:,}", f' csk="{crowd}"'),
        "match_report": (f"{link}Match Report</a>", ""),
    }


def _team(club: Club, number: int) -> str:
    tail = "&nbsp;" if drawn(number, "no-break") < 1 / _NO_BREAK_ONE_IN else ""
    name = escape(club.fbref_name)
    return f'<a href="/en/squads/{club.fbref_id}/{slug(club.fotmob_long_name)}-Stats">{name}</a>{tail}'


def _head_to_head(fixture: Fixture) -> str:
    home, away = fixture.home, fixture.away
    names = f"{slug(home.fotmob_long_name)}-vs-{slug(away.fotmob_long_name)}-History"
    return f'<a href="/en/stathead/matchup/teams/{home.fbref_id}/{away.fbref_id}/{names}">Head-to-Head</a>'


def slug(name: str) -> str:
    """Return a name as it stands in FBref's addresses."""
    return re.sub(r"[^\w]+", "-", name).strip("-")
