"""Five matches at one kick-off, of which three have something wrong with them."""

from datetime import UTC, datetime

from src.pipeline.collect import collect_fixtures
from src.pipeline.context import Context
from tests.integration.pipeline_collect.upstream import Upstream
from tests.unit.collectors.payloads import (
    euro_item,
    euro_script,
    fotmob_day,
    fotmob_match,
    line_row,
    lines_page,
    titan_day,
)

KICKOFF = datetime(2026, 3, 7, 15, tzinfo=UTC)

TEAMS = {
    11: ("Aldham United", "Brixworth Town"),
    12: ("Carrowby", "Dunmere Athletic"),
    13: ("Eastholm Rangers", "Farleigh"),
    14: ("Gristwood", "Harlow Wanderers"),
    15: ("Ixworth City", "Jarrowdale"),
}

#: What can be stored of such an evening, by Titan007's ids: 12 has no page of lines, of 13 one is cut short,
#: of 14 the rules refuse one.
SOUND = {
    *((titan, market) for titan in ("11", "15") for market in ("1x2", "ah", "ou")),
    *(("12", market) for market in ("1x2",)),
    *(("13", market) for market in ("1x2", "ou")),
    *(("14", market) for market in ("1x2", "ah")),
}

LINES = lines_page(line_row())
TOTALS = lines_page(line_row(("0.9", "2.5", "0.9"), ("0.9", "2.5", "0.9"), ("0.8", "2.75", "1.0")))


def page(name: str, titan: int) -> str:
    """The address of a page of lines."""
    return f"/titan/pages/{name}_n.aspx?id={titan}"


def serve_evening(upstream: Upstream) -> None:
    """Serve the evening with its faults."""
    to_come = {"utcTime": "2026-03-07T15:00:00.000Z", "reason": None, "finished": False, "started": False}
    matches = [
        fotmob_match(900_000 + titan, status=to_come, home=_team(titan, 1, home), away=_team(titan, 2, away))
        for titan, (home, away) in TEAMS.items()
    ]
    upstream.bodies["/fotmob/api/data/matches?date=20260307"] = fotmob_day(*matches)
    for day in ("Next_20260306", "Next_20260307", "Over_20260306", "Over_20260307"):
        upstream.bodies[f"/titan/days/football/{day}.htm"] = titan_day(*((n, "7日23:00") for n in TEAMS))
    for titan, (home, away) in TEAMS.items():
        upstream.bodies[f"/titan/euro/{titan}.js"] = euro_script(euro_item(), home=home, away=away)
        upstream.bodies[page("AsianOdds", titan)] = LINES
        upstream.bodies[page("OverDown", titan)] = TOTALS
    upstream.bodies[page("AsianOdds", 12)] = b"<html><title>404</title></html>"
    del upstream.bodies[page("OverDown", 12)]
    upstream.bodies[page("AsianOdds", 13)] = LINES[: len(LINES) // 2]
    upstream.bodies[page("OverDown", 14)] = lines_page(line_row(*[("0.9", "2.6", "0.9")] * 3))


def know_evening(ctx: Context) -> None:
    """Collect the evening's matches."""
    collect_fixtures(ctx, since=KICKOFF.date(), until=KICKOFF.date())


def _team(titan: int, side: int, name: str) -> dict[str, object]:
    return {"id": titan * 10 + side, "score": 0, "name": name, "longName": name}
