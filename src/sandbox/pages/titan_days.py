"""Titan007's day lists in GB18030: `Next_` for matches to come, `Over_` for those that are over."""

from collections.abc import Iterable

from src.sandbox.pages.titan_shared import beijing, handicap_name, kickoff, total_name
from src.sandbox.world.fixture import Fixture, Moment, Phase
from src.sandbox.world.index import Index

_ENCODING = "gb18030"
_LINKS = (
    "<a href=javascript: onclick='AsianOdds({id})'>亚</a> "
    "<a href=javascript: onclick='EuropeOdds({id})'>欧</a>"
)


def next_list(seen: Iterable[tuple[Fixture, Moment]], index: Index) -> bytes:
    """Return the rows of matches that have not begun; times are Beijing's, as `month-day hour:minute`."""
    rows = [
        _next_row(place, fixture, at, index)
        for place, (fixture, at) in enumerate(seen, 1)
        if at.phase is Phase.SCHEDULED
    ]
    return _page("table_live", rows)


def over_list(seen: Iterable[tuple[Fixture, Moment]], index: Index) -> bytes:
    """Return the rows of matches that are finished or postponed; Beijing's times, as `day hour:minute`."""
    rows = [
        _over_row(place, fixture, at, index)
        for place, (fixture, at) in enumerate(seen, 1)
        if at.phase in {Phase.FINISHED, Phase.POSTPONED}
    ]
    return _page("table_live", rows)


def _page(table: str, rows: list[str]) -> bytes:
    return (
        "<html><head><meta charset='gb2312'></head><body>"
        f"<table id='{table}'>{''.join(rows)}</table></body></html>"
    ).encode(_ENCODING)


def _row_head(place: int, fixture: Fixture) -> str:
    competition = fixture.competition
    colour = "#FFFDF3" if place % 2 else "#F0F0F0"
    return (
        f"<tr height=18 align=center bgColor={colour} id='tr1_{place}' name='{competition.titan_id},1'"
        f" infoid='{competition.titan_country}' sId='{fixture.titan_id}'>"
        f"<td bgcolor={competition.colour} style='color:white' id='ls_{place}'>"
        f"<span>{competition.titan_name}</span><span></span></td>"
    )


def _order(fixture: Fixture, side: int, index: Index) -> str:
    club = (fixture.home, fixture.away)[side]
    seat = index.seats[fixture.season, fixture.competition.number, club.key]
    return f"<span name='order'><font color=#888888>[{seat}]</font></span>"


def _next_row(place: int, fixture: Fixture, at: Moment, index: Index) -> str:
    local = beijing(kickoff(fixture, at))
    return (
        f"{_row_head(place, fixture)}<td>{local.month}-{local.day} {local:%H:%M}</td><td></td>"
        f"<td align=right>{_order(fixture, 0, index)}{fixture.home.titan_name}</td><td><b>-</b></td>"
        f"<td align=left>{fixture.away.titan_name}{_order(fixture, 1, index)}</td><td></td><td></td><td></td>"
        f"<td align=left>&nbsp;{_LINKS.format(id=fixture.titan_id)}</td></tr>"
    )


def _over_row(place: int, fixture: Fixture, at: Moment, index: Index) -> str:
    local = beijing(kickoff(fixture, at))
    played = at.phase is Phase.FINISHED
    cards = [
        f" <span name='red'><img src='/bf_img/redcard{side.red}.gif'></span>" if played and side.red else ""
        for side in fixture.figures
    ]
    score = _score(at.score) if played else "-"
    half = _score(fixture.half_time) if played else "-"
    lines = _lines(place, fixture, index) if played else "<td></td><td></td>"
    links = _LINKS.format(id=fixture.titan_id)
    return (
        f"{_row_head(place, fixture)}<td>{local.day}日{local:%H:%M}</td>"
        f"<td class=style1>{'完' if played else '推迟'}</td>"
        f"<td align=right>{cards[0]}{_order(fixture, 0, index)}{fixture.home.titan_name}</td>"
        f"<td class=style1 style='cursor:pointer;' onclick='showgoallist({fixture.titan_id})'>{score}</td>"
        f"<td align=left>{fixture.away.titan_name}{_order(fixture, 1, index)}{cards[1]}</td>"
        f"<td>{half}</td>{lines}"
        f"<td style='word-spacing:-3px' align=left class=\"icons2\"> {links}</td></tr>"
    )


def _lines(place: int, fixture: Fixture, index: Index) -> str:
    """Return the cells of the closing lines; a positive handicap here means that the home side gives."""
    handicap, total = index.world.closing_lines(fixture)
    cells = "<td></td>"
    if handicap is not None:
        handicap = -handicap + 0.0  # plus 0.0, or a level line would print as -0
        star = "*" if handicap < 0 else ""
        cells = f"<td id='hdp_{place}' val='{handicap:g}'>{star}{handicap_name(handicap)}</td>"
    if total is None:
        return f"{cells}<td></td>"
    return f"{cells}<td id='ou_{place}' val='{total:g}'>{total_name(total)}</td>"


def _score(score: tuple[int, int]) -> str:
    most = max(score)
    home, away = (f"<font color={'red' if goals == most else 'blue'}>{goals}</font>" for goals in score)
    return f"{home}-{away}"
