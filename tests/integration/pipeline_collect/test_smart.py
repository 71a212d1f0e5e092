"""Smart mode: when it runs, when it does not, and what it says of that."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from src.core.clock import FixedClock
from src.core.errors import BadData
from src.database import checkpoints, outcomes, schedule
from src.database import schedule_edits as edits
from src.domain.edit import Author
from src.domain.entry import ByHand
from src.domain.fire import Fire, FireState, fire_id
from src.domain.ports import Scheduled
from src.pipeline.context import Context
from src.pipeline.schedule_edits import pause
from src.pipeline.smart import ENTRY, collect_smart, verdict
from src.scheduling.catalog import find
from tests.integration.pipeline_collect.evening import KICKOFF, TEAMS, know_evening, serve_evening
from tests.integration.pipeline_collect.upstream import Upstream

pytestmark = pytest.mark.integration

#: Five matches within the hour: a run is due every five minutes.
FIVE = timedelta(minutes=5)
START = KICKOFF - timedelta(minutes=57)
DUE = KICKOFF - timedelta(minutes=60)


@pytest.fixture
def evening(collecting: Context, upstream: Upstream, clock: FixedClock) -> Context:
    """Five matches that start in 57 minutes, of which Beat knows nothing."""
    clock.at = START
    serve_evening(upstream)
    know_evening(collecting)
    upstream.asked.clear()
    return collecting


def declare(ctx: Context) -> None:
    with ctx.database.session() as session:
        planned = Scheduled(entry=find(ENTRY), next_due=DUE)
        schedule.declare(session, [planned], ctx.clock.now())


def fire(ctx: Context, at: datetime, state: FireState, claimed_at: datetime | None = None) -> None:
    declare(ctx)
    with ctx.database.session() as session:
        asked = Fire(id=fire_id(ENTRY, at), entry=ENTRY, due_at=at, parameters={})
        outcomes.request(session, asked, claimed_at or at)
        if state is not FireState.CLAIMED:
            outcomes.finish(session, asked.id, state, ctx.clock.now())


def test_a_due_time_that_nobody_has_served_is_served_once(evening: Context, clock: FixedClock) -> None:
    first = collect_smart(evening, {})
    assert (first.verdict.due_at, first.verdict.next_due) == (DUE, DUE + FIVE)
    assert first.run is not None
    assert first.run.summary.changed > 0
    again = collect_smart(evening, {})
    assert again.run is None
    assert "begun by an earlier call" in again.verdict.reason
    assert again.verdict.next_due == DUE + FIVE
    clock.at = DUE + FIVE
    assert collect_smart(evening, {}).verdict.due_at == DUE + FIVE


def test_of_calls_at_one_instant_one_runs(evening: Context) -> None:
    together = Barrier(4)

    def call(_: int) -> bool:
        together.wait(10)
        return collect_smart(evening, {}).run is not None

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(call, range(4))) == [False, False, False, True]


def test_called_every_minute_it_runs_as_often_as_beat_would(evening: Context, clock: FixedClock) -> None:
    served: list[datetime | None] = []
    while clock.now() < KICKOFF:
        told = verdict(evening)
        if told.due_at is not None:
            served.append(told.due_at)
            with evening.database.session() as session:
                checkpoints.begin(session, fire_id(ENTRY, told.due_at), clock.now())
                checkpoints.mark(session, fire_id(ENTRY, told.due_at), "smart", [""], clock.now())
        clock.advance(timedelta(minutes=1))
    assert served == [DUE + n * FIVE for n in range(12)]


def test_without_kickoffs_it_runs_never_and_says_so(collecting: Context, upstream: Upstream) -> None:
    done = collect_smart(collecting, {})
    assert (done.run, done.verdict.due_at, done.verdict.next_due) == (None, None, None)
    assert "no watched match" in done.verdict.kickoffs
    assert upstream.asked == []


def test_long_before_the_kickoffs_it_tells_when_it_will_be_due(evening: Context, clock: FixedClock) -> None:
    clock.at = KICKOFF - timedelta(hours=5)
    told = verdict(evening)
    assert (told.due_at, told.next_due) == (None, KICKOFF - timedelta(hours=2))
    assert (
        told.kickoffs == "watched kick-offs: 0 within 60 min, 0 within 120 min; the next at 2026-03-07 15:00"
    )
    assert "no run was due in the last 9 min" in told.reason


def test_a_due_time_before_a_kickoff_still_waits_just_after_it(evening: Context, clock: FixedClock) -> None:
    clock.at = KICKOFF + timedelta(minutes=3)
    told = verdict(evening)
    assert (told.due_at, told.next_due) == (KICKOFF - FIVE, None)
    clock.at = KICKOFF + timedelta(minutes=4)
    assert verdict(evening).due_at is None


@pytest.mark.parametrize(
    ("at", "state", "told"),
    [
        (DUE, FireState.SUCCEEDED, "which is succeeded"),
        (DUE, FireState.CLAIMED, "which is claimed"),
        (DUE + timedelta(minutes=1), FireState.SUCCEEDED, "which is succeeded"),
        (DUE - FIVE, FireState.CLAIMED, "is still claimed"),
    ],
)
def test_what_beat_has_begun_is_not_begun_again(
    evening: Context, at: datetime, state: FireState, told: str
) -> None:
    fire(evening, at, state)
    found = verdict(evening)
    assert found.due_at is None
    assert told in found.reason


@pytest.mark.parametrize(
    ("at", "state"),
    [(DUE, FireState.MISSED), (DUE, FireState.SKIPPED), (DUE - FIVE, FireState.SUCCEEDED)],
)
def test_what_never_ran_or_ran_before_keeps_nothing_back(
    evening: Context, at: datetime, state: FireState
) -> None:
    fire(evening, at, state)
    assert verdict(evening).due_at == DUE


def test_a_fire_open_for_longer_than_its_limit_keeps_nothing_back(evening: Context) -> None:
    fire(evening, DUE - timedelta(hours=1), FireState.CLAIMED)
    assert verdict(evening).due_at == DUE


def test_a_run_under_way_is_waited_for_as_long_as_its_limit(evening: Context, clock: FixedClock) -> None:
    with evening.database.session() as session:
        checkpoints.begin(session, fire_id(ENTRY, DUE), START)
    clock.at = DUE + FIVE
    found = verdict(evening)
    assert (found.due_at, "under way" in found.reason) == (None, True)
    clock.at = DUE + 2 * FIVE
    # A call that was killed has left no end.
    assert verdict(evening).due_at == DUE + 2 * FIVE


def test_a_pause_of_the_entry_holds_here_too(evening: Context) -> None:
    declare(evening)
    pause(evening, ENTRY, Author(who="lena", why="the source is down"))
    found = collect_smart(evening, {})
    assert (found.run, found.verdict.next_due) == (None, None)
    assert found.verdict.reason == "titan-live is disabled: paused by lena: the source is down"


def test_cadence_and_parameters_are_those_in_force(evening: Context, upstream: Upstream) -> None:
    entry = replace(find(ENTRY), parameters={"hours_ahead": 1, "pause_after": 3})
    with evening.database.session() as session:
        schedule.declare(session, [Scheduled(entry=entry, next_due=DUE)], START)
    run = collect_smart(evening, {"max_concurrency": 2}).run
    assert run is not None
    (window,) = run.windows
    assert (window.until - START, window.batch_size, window.max_concurrency) == (timedelta(hours=1), 10, 2)
    assert len({path for path in upstream.asked if "/euro/" in path}) == len(TEAMS)


def test_an_entry_that_an_operator_runs_by_hand_is_never_due(evening: Context) -> None:
    with evening.database.session() as session:
        entry = replace(find(ENTRY), cadence=ByHand())
        schedule.declare(session, [Scheduled(entry=entry, next_due=None)], START)
        assert edits.find(session, ENTRY) is not None
    found = verdict(evening)
    assert (found.due_at, found.next_due, found.cadence) == (None, None, "by hand")


def test_a_number_that_cannot_be_is_refused_before_anything_is_asked(
    evening: Context, upstream: Upstream
) -> None:
    given: dict[str, Any] = {"hours_ahead": 0}
    with pytest.raises(BadData, match="hours_ahead is 0"):
        collect_smart(evening, given)
    assert upstream.asked == []
    assert verdict(evening).due_at == DUE
