"""Collection that pauses between two items: what is done stays done, and nothing is asked for twice."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from src.database import checkpoints
from src.database.matches import ToldMatch, store_matches
from src.domain.team import SourceTeam
from src.pipeline.collect import collect_details, collect_fixtures, collect_odds, collect_schedules
from src.pipeline.context import Context
from src.pipeline.progress import PauseRequested, PauseSwitch, Progress
from tests.integration.database.matches import KICKOFF, coming_match
from tests.integration.pipeline_collect.upstream import Upstream
from tests.unit.collectors import payloads

pytestmark = pytest.mark.integration

RUN = UUID(int=7)
FIRST = date(2026, 2, 1)


def progress(ctx: Context, step: str, after: int | None = None, run: UUID = RUN) -> Progress:
    return Progress(ctx.database, run, step, PauseSwitch(after=after))


def days(upstream: Upstream, count: int) -> dict[str, date]:
    """Serve `count` day lists; the pages were not asked for yet."""
    upstream.asked.clear()
    upstream.bodies |= {
        path(FIRST + timedelta(days=n)): payloads.fotmob_day(payloads.fotmob_match(900 + n))
        for n in range(count)
    }
    return {"since": FIRST, "until": FIRST + timedelta(days=count - 1)}


def path(day: date) -> str:
    return f"/fotmob/api/data/matches?date={day:%Y%m%d}"


def count(ctx: Context, table: str) -> int:
    with ctx.database.session() as session:
        return int(session.execute(text(f"select count(*) from {table}")).scalar_one())


def test_the_next_attempt_goes_on_with_the_next_item(collecting: Context, upstream: Upstream) -> None:
    window = days(upstream, 7)
    with pytest.raises(PauseRequested) as paused:
        collect_fixtures(collecting, **window, progress=progress(collecting, "days", after=3))
    assert paused.value.summary is not None
    assert (paused.value.summary.fetched, count(collecting, "matches")) == (3, 3)
    assert sorted(upstream.asked) == [path(FIRST + timedelta(days=n)) for n in range(3)]
    summary = collect_fixtures(collecting, **window, progress=progress(collecting, "days"))
    # The numbers are of the whole run.
    assert (summary.requested, summary.fetched, summary.parsed, summary.changed) == (7, 7, 7, 7)
    assert (summary.success_rate, summary.error) == (1.0, None)
    assert sorted(upstream.asked) == [path(FIRST + timedelta(days=n)) for n in range(7)]
    assert count(collecting, "matches") == 7


def test_a_run_that_is_done_when_it_should_pause_ends(collecting: Context, upstream: Upstream) -> None:
    window = days(upstream, 3)
    assert collect_fixtures(collecting, **window, progress=progress(collecting, "days", after=3)).fetched == 3
    upstream.asked.clear()
    again = collect_fixtures(collecting, **window, progress=progress(collecting, "days", after=3))
    assert (again.requested, upstream.asked) == (3, [])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(items=st.integers(0, 12), pauses=st.lists(st.integers(1, 12), max_size=6), seed=st.uuids(version=4))
def test_whatever_the_pauses_each_item_is_asked_for_once(
    collecting: Context, upstream: Upstream, items: int, pauses: list[int], seed: UUID
) -> None:
    run = uuid5(seed, str(count(collecting, "flow_checkpoints")))
    window = days(upstream, items)
    for after in pauses:
        try:
            collect_fixtures(collecting, **window, progress=progress(collecting, "days", after, run))
        except PauseRequested:
            continue
        break
    collect_fixtures(collecting, **window, progress=progress(collecting, "days", run=run))
    assert Counter(upstream.asked) == Counter(path(FIRST + timedelta(days=n)) for n in range(items))
    with collecting.database.session() as session:
        assert len(checkpoints.done(session, run, "days")) == items


def test_what_failed_is_asked_for_again(collecting: Context, upstream: Upstream) -> None:
    window = days(upstream, 4)
    body = upstream.bodies.pop(path(FIRST))
    with pytest.raises(PauseRequested):
        collect_fixtures(collecting, **window, progress=progress(collecting, "days", after=2))
    upstream.bodies[path(FIRST)] = body
    summary = collect_fixtures(collecting, **window, progress=progress(collecting, "days"))
    assert count(collecting, "matches") == 4
    # What failed and came at the second try is one payload that came.
    assert (summary.requested, summary.fetched, summary.failed) == (4, 4, 0)
    assert upstream.asked.count(path(FIRST + timedelta(days=1))) == 1


class _Breaks(Progress):
    """A progress whose every mark of done items fails: the process dies before data is stored."""

    def mark(self, session: Session, items: Iterable[str], at: datetime) -> None:
        raise KeyboardInterrupt


def test_what_arrived_before_a_crash_is_read_from_what_was_kept(
    collecting: Context, upstream: Upstream
) -> None:
    window = days(upstream, 3)
    with pytest.raises(KeyboardInterrupt):
        collect_fixtures(collecting, **window, progress=_Breaks(collecting.database, RUN, "days"))
    assert (count(collecting, "matches"), len(upstream.asked)) == (0, 3)
    summary = collect_fixtures(collecting, **window, progress=progress(collecting, "days"))
    assert (summary.requested, summary.fetched, summary.parsed, summary.changed) == (3, 3, 3, 3)
    assert len(upstream.asked) == 3


def test_a_fire_keeps_its_progress_and_no_fire_keeps_none(collecting: Context, upstream: Upstream) -> None:
    window = days(upstream, 2)
    fired = collecting.for_fire(RUN)  # type: ignore[arg-type]
    for ctx, asked in ((collecting, 4), (fired, 2)):
        upstream.asked.clear()
        assert [collect_fixtures(ctx, **window).requested for _ in range(2)] == [2, 2]
        assert len(upstream.asked) == asked


def test_schedules_go_on_with_the_next_page(collecting: Context, upstream: Upstream) -> None:
    first = "/fbref/en/comps/9/2025-2026/schedule/2025-2026-Premier-League-Scores-and-Fixtures"
    upstream.bodies[first] = payloads.fbref_page(payloads.fbref_row())
    with pytest.raises(PauseRequested):
        collect_schedules(collecting, progress=progress(collecting, "fbref", after=1))
    assert upstream.asked == [first]
    summary = collect_schedules(collecting, progress=progress(collecting, "fbref"))
    assert (summary.requested, summary.fetched, summary.failed) == (5, 1, 4)
    assert upstream.asked.count(first) == 1


def test_details_go_on_with_the_next_match(collecting: Context, upstream: Upstream) -> None:
    window = days(upstream, 4)
    collect_fixtures(collecting, **window)
    since, until = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
    pages = [f"/fotmob/api/data/matchDetails?matchId={900 + n}" for n in range(4)]
    upstream.bodies |= {
        page: f'{{"general": {{"matchId": "{900 + n}"}}, "content": {{}}}}'.encode()
        for n, page in enumerate(pages)
    }
    with pytest.raises(PauseRequested):
        collect_details(
            collecting, since=since, until=until, progress=progress(collecting, "details", after=1)
        )
    collect_details(collecting, since=since, until=until, progress=progress(collecting, "details"))
    assert sorted(upstream.asked)[:4] == pages
    assert Counter(upstream.asked).most_common(1)[0][1] == 1


@pytest.fixture
def three_matches(collecting: Context, upstream: Upstream) -> Context:
    """Three coming matches, five hours apart, that Titan007 has as 11 to 13 and nobody has linked."""
    told, lines = [], payloads.lines_page(payloads.line_row())
    for n in range(3):
        home, away = f"Aldham {'ABC'[n]}", f"Brixworth {'ABC'[n]}"
        match = replace(
            coming_match(str(n)),
            home=SourceTeam(name=home, source_id=f"h{n}"),
            away=SourceTeam(name=away, source_id=f"a{n}"),
        )
        told.append(ToldMatch(match=match, seen_at=collecting.clock.now(), watched=True))
        upstream.bodies |= {
            f"/titan/euro/{11 + n}.js": payloads.euro_script(payloads.euro_item(), home=home, away=away),
            f"/titan/pages/AsianOdds_n.aspx?id={11 + n}": lines,
            f"/titan/pages/OverDown_n.aspx?id={11 + n}": lines,
        }
    for day in ("Next_20260306", "Next_20260307"):
        upstream.bodies[f"/titan/days/football/{day}.htm"] = payloads.titan_day(
            *((11 + n, "7日23:00") for n in range(3))
        )
    with collecting.database.session() as session:
        store_matches(session, told)
    return collecting


@pytest.mark.parametrize("after", [1, 2, 3, 4, 5, 7])
def test_odds_paused_again_and_again_are_those_of_one_go(
    three_matches: Context, upstream: Upstream, after: int
) -> None:
    """Two day lists, three scripts, six pages: pauses fall into the linking as well as into the fetching."""
    window = {"since": KICKOFF - timedelta(days=1), "until": KICKOFF + timedelta(days=1)}
    attempts = 1
    while True:
        try:
            collect_odds(
                three_matches, **window, batch_size=2, progress=progress(three_matches, "odds", after=after)
            )
        except PauseRequested:
            attempts += 1
            continue
        break
    assert attempts == -(-11 // after)
    asked = Counter(asked for asked in upstream.asked if asked.startswith("/titan"))
    assert (len(asked), set(asked.values())) == (11, {1})
    assert count(three_matches, "match_links where source = 'titan007'") == 3
    assert count(three_matches, "odds_history") == 18
