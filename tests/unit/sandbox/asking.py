"""Asks an ASGI application without a socket."""

import asyncio
from datetime import timedelta
from typing import Any

from src.sandbox.world.index import BEIJING
from tests.unit.sandbox.worlds import NOW, made_world

MATCH = next(f for f in made_world().fixtures if f.kickoff > NOW + timedelta(days=1))
DAY = f"/fotmob/api/data/matches?date={MATCH.kickoff:%Y%m%d}"
EURO = f"/titan/euro/{MATCH.titan_id}.js"
LINES = f"/titan/pages/AsianOdds_n.aspx?id={MATCH.titan_id}"
CHANGES = f"/titan/pages/changeDetail/handicap.aspx?id={MATCH.titan_id}&companyID=8"
TITAN_DAY = f"/titan/days/football/Next_{MATCH.kickoff.astimezone(BEIJING):%Y%m%d}.htm"
SCHEDULE = "/fbref/en/comps/9/2025-2026/schedule/2025-2026-Premier-League-Scores-and-Fixtures"


class Got:
    """What an application answered: status, headers in lower case, body, and whether it came to its end."""

    def __init__(self, app: Any, address: str, **headers: str) -> None:
        self.status, self.body, self.ended = 0, b"", False
        self.headers: dict[str, str] = {}
        path, _, query = address.partition("?")
        sent = [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()]
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": query.encode(),
            "headers": sent,
        }
        asyncio.run(app(scope, None, self._take))

    async def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.body += message["body"]
            self.ended = not message.get("more_body", False)
