"""What became of a due time, told from the ledger."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from src.core.clock import FixedClock
from src.core.errors import Misconfigured
from src.database import outcomes
from src.database.leadership import Leadership
from src.database.ledger import PostgresLedger
from src.domain.edit import Author
from src.domain.fire import FireState, fire_id
from src.pipeline.context import Context
from src.pipeline.schedule_edits import pause, resume
from src.pipeline.schedule_why import Explanation, why
from src.scheduling.engine import Engine
from tests.conftest import NOW
from tests.entries import MINUTELY

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
def world(context: Context, clock: FixedClock, database_url: str) -> Iterator[World]:
    leadership = Leadership(database_url, "beat-one")
    assert leadership.campaign(NOW)
    engine = Engine(leadership.epoch or 0, PostgresLedger(context.database), {})
    engine.declare((MINUTELY,), NOW)
    yield World(context, clock, engine, leadership)
    leadership.resign()


def test_a_fire_is_told_from_claim_to_outcome(world: World) -> None:
    at = world.clock.advance(MINUTE)
    world.engine.claim_due(at)
    assert world.why(at).verdict == "claimed"
    with world.context.database.session() as session:
        outcomes.begin(session, fire_id("minutely", at), "worker-7", at, MINUTE)
        outcomes.finish(session, fire_id("minutely", at), FireState.FAILED, at + MINUTE, reason="no odds")
    told = world.why(at)
    assert told.verdict == "failed"
    for part in ("was due at 2026-03-01 12:01:00 UTC", "by worker-7", "failed at", "Reason: no odds"):
        assert part in told.text


def test_a_missed_due_time_has_its_reason(world: World) -> None:
    world.engine.claim_due(world.clock.advance(timedelta(hours=1)))
    told = world.why(NOW + MINUTE)
    assert told.verdict == "missed"
    assert "nobody led" in told.text


def test_a_due_time_in_a_pause_names_who_and_why(world: World) -> None:
    pause(world.context, "minutely", LENA)
    world.clock.advance(5 * MINUTE)
    assert world.why(NOW + 2 * MINUTE).text.endswith("(paused by lena: upstream is down); it still is.")
    resume(world.context, "minutely", LENA)
    told = world.why(NOW + 2 * MINUTE)
    assert told.verdict == "paused"
    assert "resume by lena" in told.text


def test_a_due_time_that_nobody_claimed_before_a_pause_says_so(world: World) -> None:
    world.clock.advance(timedelta(minutes=1, seconds=30))
    pause(world.context, "minutely", LENA)
    told = world.why(NOW + MINUTE)
    assert told.verdict == "skipped"
    assert "nobody had claimed it when the entry changed" in told.text


def test_without_a_leader_a_due_time_waits(world: World) -> None:
    world.clock.advance(2 * MINUTE)
    assert "beat-one leads since" in world.why(NOW + MINUTE).text
    world.leadership.resign()
    told = world.why(NOW + MINUTE)
    assert told.verdict == "waiting"
    assert "no Beat leads" in told.text


def test_what_is_not_due_not_declared_or_to_come_is_told_apart(world: World) -> None:
    world.engine.claim_due(world.clock.advance(MINUTE))
    assert world.why(NOW - MINUTE).verdict == "undeclared"
    assert world.why(NOW + timedelta(seconds=30)).verdict == "not_due"
    assert world.why(NOW + timedelta(hours=1)).verdict == "coming"
    with pytest.raises(Misconfigured, match="time zone, for example"):
        world.why(NOW.replace(tzinfo=None))
