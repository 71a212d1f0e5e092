"""Pauses and resumptions of entries, by operators and by Beat, on a real Postgres."""

from dataclasses import replace

import pytest

from src.core.clock import FixedClock
from src.core.errors import Misconfigured
from src.database.leadership import Leadership
from src.database.schedule import UNDECLARED, views
from src.database.schedule_edits import pause_by_beat
from src.pipeline.context import Context
from src.pipeline.schedule_checks import Wanted
from src.pipeline.schedule_edits import edit, pause, reset, resume
from src.pipeline.schedule_show import details
from src.scheduling.engine import Engine
from tests.conftest import NOW
from tests.entries import NIGHTLY
from tests.integration.scheduling.conftest import LENA, MINUTE, OMAR, audit, beat, fires, scheduled

pytestmark = pytest.mark.integration


def test_a_pause_survives_a_deploy_and_an_absence_from_the_catalog(
    context: Context, engine: Engine, leadership: Leadership
) -> None:
    pause(context, "minutely", LENA)
    beat(context, leadership)
    assert scheduled(context, "minutely") is None
    beat(context, leadership, (NIGHTLY,))
    with pytest.raises(Misconfigured, match=UNDECLARED):
        resume(context, "minutely", LENA)
    beat(context, leadership)
    assert scheduled(context, "minutely") is None
    with context.database.session() as session:
        (view,) = [view for view in views(session) if view.entry.name == "minutely"]
    assert view.disabled_reason == "paused by lena: upstream is down"
    resume(context, "minutely", LENA)
    assert scheduled(context, "minutely") is not None
    assert [change.action for change in audit(context)] == ["resume", "declared", "undeclared", "pause"]


def test_in_a_pause_each_due_time_gets_a_row_with_the_reason(
    context: Context, clock: FixedClock, engine: Engine
) -> None:
    assert engine.run(clock.advance(MINUTE)) == 1
    paused = pause(context, "minutely", LENA)
    engine.load(clock.now())
    assert paused.next_due == NOW + 2 * MINUTE
    assert engine.run(clock.advance(3 * MINUTE)) == 3
    skipped = [fire for fire in fires(context) if fire[1] == "skipped"]
    assert [due for due, _, _ in skipped] == [NOW + n * MINUTE for n in (4, 3, 2)]
    assert {reason for _, _, reason in skipped} == {"paused by lena: upstream is down"}


def test_a_resume_writes_down_what_passed_while_nobody_led_and_does_not_burst(
    context: Context, clock: FixedClock, engine: Engine
) -> None:
    assert engine.run(clock.advance(MINUTE)) == 1
    pause(context, "minutely", LENA)
    clock.advance(30 * MINUTE)
    resumed = resume(context, "minutely", OMAR)
    engine.load(clock.now())
    assert resumed.next_due == NOW + 32 * MINUTE
    assert engine.run(clock.now()) == 0
    assert engine.run(clock.advance(MINUTE)) == 1
    newest, *skipped = fires(context)[:-1]
    assert newest[:2] == (NOW + 32 * MINUTE, "claimed")
    assert [due for due, _, _ in skipped] == [NOW + n * MINUTE for n in range(31, 1, -1)]
    assert {fire[1:] for fire in skipped} == {("skipped", "paused by lena: upstream is down")}
    change = audit(context)[0]
    assert (change.action, change.who, change.after["passed_while_disabled"]) == ("resume", "omar", 30)


def test_beat_pauses_in_its_own_name_and_an_operator_resumes(
    context: Context, clock: FixedClock, engine: Engine
) -> None:
    for _ in range(2):
        with context.database.session() as session:
            pause_by_beat(session, "minutely", "it failed 3 times in a row", NOW)
    assert details(context, "minutely").disabled_reason == "paused by beat: it failed 3 times in a row"
    (change,) = audit(context)
    assert (change.who, change.action, change.why) == ("beat", "pause", "it failed 3 times in a row")
    clock.advance(MINUTE / 2)
    assert resume(context, "minutely", LENA).enabled
    assert details(context, "minutely").counted_from == clock.now()
    with context.database.session() as session:
        pause_by_beat(session, "no-such-entry", "x", NOW)


def test_pausing_and_resuming_twice_changes_nothing_more(context: Context, engine: Engine) -> None:
    first = pause(context, "minutely", LENA)
    assert pause(context, "minutely", OMAR) == replace(first, changed=False)
    resume(context, "minutely", LENA)
    assert not resume(context, "minutely", LENA).changed
    assert not edit(context, "minutely", Wanted(parameters={}), LENA).changed
    assert not reset(context, "minutely", LENA).changed
    assert len(audit(context)) == 2
