"""Due times of the past, claimed after all."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from src.core.clock import FixedClock
from src.database import outcomes
from src.database.leadership import Leadership
from src.database.schedule_audit import changes
from src.database.tables.schedule import FireRow
from src.domain.edit import Author, Refused, StaleRevision, UnknownEntry
from src.domain.entry import ByHand, Density, DensityStep, Entry
from src.domain.fire import FireState, fire_id
from src.domain.policy import Overlap, Policy
from src.pipeline.backfill import Backfill, backfill
from src.pipeline.context import Context
from src.pipeline.run_now import ask_for
from src.pipeline.schedule_checks import Wanted
from src.pipeline.schedule_edits import edit
from src.scheduling.engine import Engine
from tests.conftest import NOW
from tests.entries import MINUTELY, NIGHTLY
from tests.integration.scheduling.conftest import beat

pytestmark = pytest.mark.integration

LENA = Author(who="lena", why="the disk was full")
MINUTE = timedelta(minutes=1)
LINED = replace(MINUTELY, name="lined", policy=Policy(overlap=Overlap.BUFFER_ALL))
DENSE = replace(
    MINUTELY, name="dense", cadence=Density(steps=(DensityStep(matches=1, within_s=60, every_s=60),))
)
OTHERS: tuple[Entry, ...] = (NIGHTLY, LINED, DENSE, replace(MINUTELY, name="by-hand", cadence=ByHand()))


@pytest.fixture
def engine(context: Context, clock: FixedClock, leadership: Leadership) -> Engine:
    """A Beat that has led since NOW; it is five minutes later."""
    engine = beat(context, leadership, (MINUTELY, *OTHERS))
    clock.advance(5 * MINUTE)
    return engine


def states(context: Context, name: str = "minutely") -> dict[datetime, str]:
    with context.database.session() as session:
        return {fire.due_at: fire.state for fire in outcomes.history(session, name, 50)}


def last_minutes(context: Context, name: str = "minutely", **options: object) -> Backfill:
    return backfill(context, name, NOW - 2 * MINUTE, NOW + 2 * MINUTE, LENA, **options)  # type: ignore[arg-type]


def test_what_has_no_row_is_claimed_once(context: Context, engine: Engine, leadership: Leadership) -> None:
    leadership.wait(0)
    done = last_minutes(context)
    assert done.claimed == [NOW + n * MINUTE for n in range(-2, 3)]
    assert (done.due, done.left, done.state) == (5, 0, "claimed")
    assert "minutely" in leadership.wait(5)
    again = last_minutes(context)
    assert (again.claimed, again.left) == ([], 5)
    with context.database.session() as session:
        (change,) = changes(session, "minutely")
        row = session.get_one(FireRow, fire_id("minutely", NOW))
        assert (row.by_hand, row.claimed_at, row.parameters) == (True, NOW + 5 * MINUTE, {})
    assert (change.action, change.who, change.after["backfilled"]) == ("backfill", "lena", 5)


def test_what_beat_claims_afterwards_leaves_a_backfill_alone(context: Context, engine: Engine) -> None:
    last_minutes(context)
    lined = 5
    assert engine.run(NOW + 5 * MINUTE) == 3 + lined
    assert set(states(context).values()) == {"claimed"}


def test_what_did_not_run_is_claimed_and_what_ran_is_left_alone(context: Context, engine: Engine) -> None:
    engine.run(NOW + 5 * MINUTE)
    ended = [
        (1, FireState.SUCCEEDED), (2, FireState.SKIPPED), (3, FireState.MISSED), (4, FireState.EXPIRED),
        (5, FireState.FAILED),
    ]  # fmt: skip
    with context.database.session() as session:
        for minutes, state in ended:
            row = session.get_one(FireRow, fire_id("minutely", NOW + minutes * MINUTE))
            row.state, row.finished_at, row.reason = state, NOW + 5 * MINUTE, "so it was"
    done = backfill(context, "minutely", NOW + MINUTE, NOW + 5 * MINUTE, LENA)
    assert done.claimed == [NOW + n * MINUTE for n in (2, 3, 4)]
    assert list(states(context).values()) == ["failed", "claimed", "claimed", "claimed", "succeeded"]
    with context.database.session() as session:
        row = session.get_one(FireRow, fire_id("minutely", NOW + 2 * MINUTE))
        assert (row.reason, row.finished_at, row.sent_at) == (None, None, None)


def test_a_due_time_that_prefect_has_a_run_for_is_left_alone(context: Context, engine: Engine) -> None:
    engine.run(NOW + 5 * MINUTE)
    with context.database.session() as session:
        row = session.get_one(FireRow, fire_id("minutely", NOW + MINUTE))
        row.state, row.finished_at, row.flow_run_id = FireState.MISSED, NOW + 5 * MINUTE, "run-1"
    assert backfill(context, "minutely", NOW + MINUTE, NOW + 5 * MINUTE, LENA).claimed == []


def test_where_fires_may_not_overlap_they_run_one_after_another(
    context: Context, engine: Engine, leadership: Leadership
) -> None:
    leadership.wait(0)
    done = last_minutes(context, "lined")
    assert (done.state, set(states(context, "lined").values())) == ("buffered", {"buffered"})
    assert "@released" in leadership.wait(5)
    assert engine.release(NOW + 5 * MINUTE) == 1
    assert engine.release(NOW + 5 * MINUTE) == 0
    assert states(context, "lined")[NOW - 2 * MINUTE] == "claimed"


def test_a_dry_run_writes_nothing(context: Context, engine: Engine) -> None:
    assert len(last_minutes(context, dry_run=True).claimed) == 5
    assert states(context) == {}
    with context.database.session() as session:
        assert changes(session, "minutely") == []


def test_the_policy_bounds_the_range(context: Context, engine: Engine) -> None:
    start = NOW + MINUTE
    edit(context, "minutely", Wanted(policy={"start": start.isoformat()}), LENA)
    assert last_minutes(context, dry_run=True).claimed == [start, start + MINUTE]


@pytest.mark.parametrize(
    ("entry", "first", "until", "options", "fault"),
    [
        ("minutely", NOW, NOW + timedelta(hours=1), {}, "to: .*still to come.*for example"),
        ("minutely", NOW, NOW - MINUTE, {}, "to: .*before from.*for example"),
        ("minutely", NOW.replace(tzinfo=None), NOW, {}, "from: .*time zone, for example"),
        ("minutely", NOW - timedelta(hours=1), NOW, {"limit": 60}, "limit: 61 due times.*for example"),
        ("minutely", NOW - timedelta(days=90), NOW, {}, "to: more than 20000.*for example"),
        ("minutely", NOW, NOW, {"limit": 0}, "limit: 0 is outside.*for example"),
        ("by-hand", NOW, NOW, {}, "entry: .*runs by hand.*for example"),
        ("dense", NOW, NOW, {}, "entry: .*kick-offs.*for example"),
    ],
)
def test_what_cannot_be_is_refused_with_field_and_example(
    context: Context,
    engine: Engine,
    entry: str,
    first: datetime,
    until: datetime,
    options: dict[str, int],
    fault: str,
) -> None:
    with pytest.raises(Refused, match=fault):
        backfill(context, entry, first, until, LENA, **options)  # type: ignore[arg-type]
    assert states(context, entry) == {}


def test_an_unknown_entry_and_an_old_revision_are_refused(context: Context, engine: Engine) -> None:
    with pytest.raises(UnknownEntry, match="did you mean minutely"):
        last_minutes(context, "minutly")
    with pytest.raises(StaleRevision, match="revision: 7"):
        last_minutes(context, revision=7)


def test_a_run_by_hand_takes_stored_entries_and_their_parameters(context: Context, engine: Engine) -> None:
    edit(context, "minutely", Wanted(parameters={"days_back": 3}), LENA)
    fire = ask_for(context, "minutely", {"days_ahead": 2}, by=LENA)
    assert fire.parameters == {"days_back": 3, "days_ahead": 2}
    with context.database.session() as session:
        assert changes(session, "minutely")[0].after["fire"] == str(fire.id)
    with pytest.raises(UnknownEntry, match="did you mean minutely"):
        ask_for(context, "minutly")
    with pytest.raises(Refused, match=r"parameters: .*for example"):
        ask_for(context, "minutely", {"fire_id": "mine"})


def test_before_any_beat_has_declared_a_run_by_hand_takes_the_catalogs_entry(context: Context) -> None:
    assert ask_for(context, "titan-hybrid", {"cleanup_days": 1}).parameters["enable_live"] is True
    with pytest.raises(UnknownEntry, match="did you mean titan-hybrid"):
        ask_for(context, "titan-hybird")
