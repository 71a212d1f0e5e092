"""What became of a due time, told from the ledger."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from src.core.clock import FixedClock
from src.core.errors import Misconfigured
from src.database import outcomes
from src.database.leadership import Leadership
from src.database.tables.schedule import FireRow
from src.domain.edit import Author
from src.domain.fire import OPEN, FireState, fire_id
from src.pipeline.backfill import backfill
from src.pipeline.context import Context
from src.pipeline.run_now import ask_for
from src.pipeline.schedule_checks import Wanted
from src.pipeline.schedule_edits import edit, pause, resume
from src.pipeline.schedule_why import Explanation, why
from src.scheduling.engine import Engine
from tests.conftest import NOW
from tests.entries import MINUTELY
from tests.integration.scheduling.conftest import beat

pytestmark = pytest.mark.integration

LENA = Author(who="lena", why="upstream is down")
MINUTE = timedelta(minutes=1)


@dataclass
class World:
    context: Context
    clock: FixedClock
    engine: Engine
    leadership: Leadership

    def why(self, at: datetime) -> Explanation:
        return why(self.context, "minutely", at)


@pytest.fixture
def world(context: Context, clock: FixedClock, leadership: Leadership) -> World:
    """A Beat that has led since NOW, with one entry."""
    return World(context, clock, beat(context, leadership, (MINUTELY,)), leadership)


def test_a_fire_is_told_from_claim_to_outcome(world: World) -> None:
    at = world.clock.advance(MINUTE)
    world.engine.run(at)
    assert world.why(at).verdict == "claimed"
    with world.context.database.session() as session:
        outcomes.begin(session, fire_id("minutely", at), "worker-7", at, MINUTE)
        outcomes.finish(session, fire_id("minutely", at), FireState.FAILED, at + MINUTE, reason="no odds")
    told = world.why(at)
    assert told.verdict == "failed"
    for part in ("was due at 2026-03-01 12:01:00 UTC", "by worker-7", "failed at", "Reason: no odds"):
        assert part in told.text


def test_a_missed_due_time_has_its_reason(world: World) -> None:
    world.engine.run(world.clock.advance(timedelta(hours=1)))
    told = world.why(NOW + MINUTE)
    assert told.verdict == "missed"
    assert "nobody led" in told.text


def test_a_due_time_in_a_pause_names_who_and_why(world: World) -> None:
    pause(world.context, "minutely", LENA)
    assert "while it is paused by lena: upstream is down" in world.why(NOW + 2 * MINUTE).text
    world.clock.advance(5 * MINUTE)
    told = world.why(NOW + 2 * MINUTE)
    assert told.verdict == "waiting"
    assert told.text.endswith("the entry is paused by lena: upstream is down, and it will not run.")
    resume(world.context, "minutely", LENA)
    told = world.why(NOW + 2 * MINUTE)
    assert told.verdict == "skipped"
    assert "did not run: at 2026-03-01 12:05:00 UTC it was passed over" in told.text
    assert told.text.endswith("Reason: paused by lena: upstream is down")


def test_a_due_time_that_beat_passed_over_in_a_pause_has_its_row(world: World) -> None:
    pause(world.context, "minutely", LENA)
    world.engine.load(NOW)
    world.engine.run(world.clock.advance(MINUTE))
    assert world.why(NOW + MINUTE).text.endswith("Reason: paused by lena: upstream is down")


@pytest.mark.parametrize(
    ("state", "part"),
    [
        (FireState.BUFFERED, "waits in line until the fires of its entry before it have ended"),
        (FireState.RETRIED, "that attempt failed, and it waits for the next one"),
        (FireState.REVOKED, "was ended from outside at 2026-03-01 12:02:00 UTC"),
        (FireState.EXPIRED, "no worker had begun it in time, and at 2026-03-01 12:02:00 UTC it was given up"),
        (FireState.SKIPPED, "did not run: at 2026-03-01 12:02:00 UTC it was passed over"),
        (FireState.MISSED, "did not run: at 2026-03-01 12:02:00 UTC it was given up as too late"),
        (FireState.LOST, "was lost at 2026-03-01 12:02:00 UTC"),
    ],
)
def test_every_state_is_told_in_words(world: World, state: FireState, part: str) -> None:
    at = world.clock.advance(MINUTE)
    world.engine.run(at)
    with world.context.database.session() as session:
        row = session.get_one(FireRow, fire_id("minutely", at))
        row.state, row.reason = state, "because"
        row.finished_at = None if state in OPEN else at + MINUTE
    told = world.why(at)
    assert told.verdict == state
    assert part in told.text
    assert told.text.endswith("Reason: because")


def test_a_run_by_hand_and_a_backfill_are_told_apart(world: World) -> None:
    world.clock.advance(MINUTE / 2)
    asked = ask_for(world.context, "minutely")
    assert "was asked for by hand" in world.why(asked.due_at).text
    world.clock.advance(MINUTE)
    backfill(world.context, "minutely", NOW, NOW + MINUTE, LENA)
    assert "a backfill had it claimed at 2026-03-01 12:01:30" in world.why(NOW + MINUTE).text


def test_jitter_and_an_exhausted_policy_are_told(world: World) -> None:
    edit(world.context, "minutely", Wanted(policy={"jitter": 50, "max_fires": 1}), LENA)
    assert "its jitter delays that to" in world.why(NOW + MINUTE).text
    world.engine.load(NOW)
    world.engine.run(world.clock.advance(10 * MINUTE))
    told = world.why(NOW + 5 * MINUTE)
    assert told.verdict == "no_row"
    assert "has had the 1 fires that its policy allows" in told.text


def test_without_a_leader_a_due_time_waits(world: World) -> None:
    world.clock.advance(2 * MINUTE)
    assert "beat-one leads since" in world.why(NOW + MINUTE).text
    world.leadership.resign()
    told = world.why(NOW + MINUTE)
    assert told.verdict == "waiting"
    assert "no Beat leads" in told.text


def test_what_is_not_due_not_declared_or_to_come_is_told_apart(world: World) -> None:
    world.engine.run(world.clock.advance(MINUTE))
    assert world.why(NOW - MINUTE).verdict == "undeclared"
    assert world.why(NOW + timedelta(seconds=30)).verdict == "not_due"
    assert world.why(NOW + timedelta(hours=1)).verdict == "coming"
    with pytest.raises(Misconfigured, match="time zone, for example"):
        world.why(NOW.replace(tzinfo=None))
