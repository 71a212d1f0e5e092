"""Links the matches of a football-data.co.uk file to those that other sources have brought."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from src.collectors.alignment.align import Fixture
from src.collectors.football_data.mapping import time_known, to_fixture, watched
from src.collectors.football_data.parse import HistoryRow
from src.database.matches import alignment_candidates
from src.domain.match import Source
from src.pipeline.context import Context
from src.pipeline.linking import link_fixtures

_UNITED_KINGDOM = ZoneInfo("Europe/London")
_DAY = timedelta(days=1)

Offered = list[tuple[str, Fixture]]


def link_history(ctx: Context, rows: Sequence[HistoryRow], at: datetime) -> int:
    """Align rows to the matches that have no link to this source yet; return how many links are new."""
    timed: Offered = []
    by_day: dict[date, Offered] = defaultdict(list)
    for row in rows:
        competition = watched(row.division)
        if competition is None:
            continue
        offered = (competition.fotmob_id, to_fixture(row))
        if time_known(row):
            timed.append(offered)
        else:
            by_day[row.date].append(offered)
    kickoffs = _open_kickoffs(ctx, [*timed, *(item for items in by_day.values() for item in items)])
    if not kickoffs:
        return 0
    linked = link_fixtures(ctx, Source.FOOTBALL_DATA, timed, at)
    # A match without a time is offered at each kick-off of its day: the names decide.
    for kickoff in kickoffs:
        offered_then = [
            (competition, replace(fixture, kickoff_utc=kickoff))
            for competition, fixture in by_day.get(kickoff.astimezone(_UNITED_KINGDOM).date(), ())
        ]
        linked += link_fixtures(ctx, Source.FOOTBALL_DATA, offered_then, at)
    return linked


def _open_kickoffs(ctx: Context, offered: Offered) -> list[datetime]:
    if not offered:
        return []
    told = [fixture.kickoff_utc for _, fixture in offered]
    with ctx.database.session() as session:
        candidates = alignment_candidates(
            session,
            Source.FOOTBALL_DATA,
            sorted({competition for competition, _ in offered}),
            min(told) - _DAY,
            max(told) + _DAY,
        )
    return sorted({candidate.kickoff_utc for candidate in candidates if candidate.linked is None})
