"""Operators' edits of the schedule, on a real Postgres."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from src.core.clock import FixedClock
from src.core.errors import Misconfigured
from src.database.leadership import Leadership
from src.domain.edit import Refused, StaleRevision, UnknownEntry
from src.domain.entry import Cron, Density, DensityStep, Interval, OneOff
from src.domain.fire import fire_id
from src.domain.policy import Overlap, Policy
from src.domain.ports import Scheduled
from src.pipeline.context import Context
from src.pipeline.schedule_checks import Wanted
from src.pipeline.schedule_edits import edit, pause, reset
from src.pipeline.schedule_show import coming, details, differences
from src.scheduling.engine import Engine
from tests.conftest import NOW
from tests.entries import MINUTELY, NIGHTLY
from tests.integration.database.matches import one_match
from tests.integration.scheduling.conftest import LENA, MINUTE, OMAR, audit, beat, fires, scheduled

pytestmark = pytest.mark.integration


def test_an_override_survives_two_declarations(
    context: Context, clock: FixedClock, engine: Engine, leadership: Leadership
) -> None:
    wanted = Wanted(cadence=Interval(every_s=300), priority=9, parameters={"days_back": 1})
    edit(context, "minutely", wanted, OMAR)
    clock.advance(MINUTE)
    for _ in range(2):
        beat(context, leadership)
    expected = replace(MINUTELY, cadence=Interval(every_s=300), priority=9, parameters={"days_back": 1})
    assert scheduled(context, "minutely") == Scheduled(entry=expected, next_due=NOW + 5 * MINUTE, revision=2)
    assert [change.action for change in audit(context)] == ["edit"]


def test_a_deploy_moves_what_no_operator_changed(
    context: Context, engine: Engine, leadership: Leadership
) -> None:
    edit(context, "minutely", Wanted(priority=9, parameters={"days_back": 1}), OMAR)
    deployed = replace(MINUTELY, priority=2, queue="other", parameters={"days_back": 7, "deep": True})
    beat(context, leadership, (deployed, NIGHTLY))
    found = scheduled(context, "minutely")
    assert found is not None
    assert found.entry == replace(deployed, priority=9, parameters={"days_back": 1, "deep": True})
    newest = audit(context)[0]
    assert (newest.action, newest.who) == ("declared", "declaration")
    back = reset(context, "minutely", LENA)
    found = scheduled(context, "minutely")
    assert back.changed
    assert found is not None
    assert found.entry == deployed


def test_a_new_cadence_is_due_from_now(context: Context, clock: FixedClock, engine: Engine) -> None:
    clock.advance(timedelta(minutes=7))
    edited = edit(context, "nightly", Wanted(cadence=Interval(every_s=300)), OMAR)
    engine.load(clock.now())
    assert edited.next_due == NOW + 10 * MINUTE
    assert engine.run(clock.now()) == 7
    assert fires(context, "nightly") == []
    assert [entry.name for _, entry in coming(context, count=3)] == ["minutely", "minutely", "minutely"]


def test_due_times_of_the_old_cadence_that_nobody_claimed_get_rows(
    context: Context, clock: FixedClock, engine: Engine
) -> None:
    clock.advance(3 * MINUTE)
    edited = edit(context, "minutely", Wanted(cadence=Interval(every_s=3600)), OMAR)
    assert edited.next_due == NOW + 60 * MINUTE
    reason = "skipped: the cadence was edited before it was claimed"
    assert fires(context) == [(NOW + n * MINUTE, "skipped", reason) for n in (3, 2, 1)]
    assert audit(context)[0].after["passed_unclaimed"] == 3


def test_a_cadence_edited_in_a_pause_leaves_it_paused(
    context: Context, clock: FixedClock, engine: Engine
) -> None:
    pause(context, "minutely", LENA)
    clock.advance(MINUTE)
    edited = edit(context, "minutely", Wanted(cadence=Interval(every_s=3600)), OMAR)
    assert (edited.enabled, edited.next_due) == (False, NOW + 60 * MINUTE)
    assert fires(context) == [(NOW + MINUTE, "skipped", "paused by lena: upstream is down")]


def test_a_policy_goes_over_the_declared_one_field_by_field(
    context: Context, engine: Engine, leadership: Leadership
) -> None:
    edit(context, "minutely", Wanted(policy={"overlap": "skip", "pause_after": 3}), OMAR)
    edit(context, "minutely", Wanted(policy={"pause_after": None, "jitter": 5}), OMAR)
    edit(context, "minutely", Wanted(policy={"catch_up_window": 3600}), OMAR)
    beat(context, leadership)
    found = scheduled(context, "minutely")
    assert found is not None
    assert found.entry.policy == Policy(
        overlap=Overlap.SKIP, jitter=timedelta(seconds=5), catch_up_window=timedelta(hours=1)
    )
    shown = details(context, "minutely")
    assert shown.declared["policy"] == {"catch_up_window": 600}
    assert shown.effective["policy"] == shown.policy == {"overlap": "skip", "jitter": 5}
    assert shown.override is not None
    assert shown.override["policy"] == {"overlap": "skip", "jitter": 5, "catch_up_window": 3600}
    assert not edit(context, "minutely", Wanted(policy={"jitter": 5}), OMAR).changed
    edit(context, "minutely", Wanted(policy={"overlap": None, "jitter": None, "catch_up_window": None}), OMAR)
    assert details(context, "minutely").override is None
    assert audit(context)[-1].after["policy"] == {
        "overlap": "skip", "pause_after": 3, "catch_up_window": 600,
    }  # fmt: skip


def test_a_start_moves_the_next_due_time_and_a_reset_moves_it_back(context: Context, engine: Engine) -> None:
    start = NOW + timedelta(hours=3)
    assert edit(context, "minutely", Wanted(policy={"start": start.isoformat()}), OMAR).next_due == start
    assert reset(context, "minutely", LENA).next_due == NOW + MINUTE


def test_limited_fires_count_from_the_edit(context: Context, clock: FixedClock, engine: Engine) -> None:
    assert engine.run(clock.advance(2 * MINUTE)) == 2
    edit(context, "minutely", Wanted(policy={"max_fires": 2}), OMAR)
    assert details(context, "minutely").fired == 0
    engine.load(clock.now())
    assert engine.run(clock.advance(5 * MINUTE)) == 2
    assert coming(context, "minutely") == []
    assert edit(context, "minutely", Wanted(priority=1), OMAR).next_due == NOW + 8 * MINUTE
    assert len(coming(context, "minutely")) == 2


def test_a_restart_leaves_an_exhausted_entry_and_a_changed_declaration_counts_anew(
    context: Context, clock: FixedClock, engine: Engine, leadership: Leadership
) -> None:
    limited = replace(MINUTELY, policy=Policy(max_fires=1))
    assert beat(context, leadership, (limited, NIGHTLY)).run(clock.advance(MINUTE)) == 1
    for _ in range(2):
        beat(context, leadership, (limited, NIGHTLY))
    found = details(context, "minutely")
    assert (found.next_due, found.fired, found.counted_from) == (None, 1, NOW)
    clock.advance(MINUTE / 2)
    beat(context, leadership, (replace(limited, priority=1), NIGHTLY))
    found = details(context, "minutely")
    assert (found.next_due, found.fired, found.counted_from) == (NOW + 2 * MINUTE, 0, clock.now())


def test_a_declared_start_moves_the_next_due_time(
    context: Context, engine: Engine, leadership: Leadership
) -> None:
    start = NOW + timedelta(days=1)
    beat(context, leadership, (replace(MINUTELY, policy=Policy(start=start)), NIGHTLY))
    assert details(context, "minutely").next_due == start
    beat(context, leadership)
    assert details(context, "minutely").next_due == NOW + MINUTE


def test_a_density_cadence_is_due_by_the_kickoffs(context: Context, engine: Engine) -> None:
    one_match(context.database, NOW + timedelta(hours=3))
    steps = (DensityStep(matches=1, within_s=7200, every_s=600),)
    edited = edit(context, "minutely", Wanted(cadence=Density(steps=steps)), OMAR)
    assert edited.next_due == NOW + timedelta(hours=1)
    assert [at for at, _ in coming(context, "minutely", count=2)] == [NOW + n * MINUTE for n in (60, 70)]


def test_every_edit_is_in_the_audit_with_before_and_after(context: Context, engine: Engine) -> None:
    edited = edit(context, "minutely", Wanted(priority=1), OMAR)
    (change,) = audit(context)
    assert (change.who, change.why, change.action, change.at) == ("omar", "cup final", "edit", NOW)
    assert (change.before["priority"], change.after["priority"]) == (6, 1)
    assert (change.before["revision"], change.after["revision"]) == (edited.revision - 1, edited.revision)


def test_an_edit_against_an_old_revision_is_refused_with_the_newer_one(
    context: Context, engine: Engine
) -> None:
    seen = details(context, "minutely").revision
    newer = edit(context, "minutely", Wanted(priority=1), OMAR, revision=seen)
    with pytest.raises(
        StaleRevision, match=rf"revision: {seen} .* at {newer.revision}, last changed by omar"
    ):
        pause(context, "minutely", LENA, revision=seen)
    assert scheduled(context, "minutely") is not None
    assert len(audit(context)) == 1


def test_a_running_beat_is_told(context: Context, engine: Engine, leadership: Leadership) -> None:
    assert not leadership.wait(0)
    pause(context, "minutely", LENA)
    assert "minutely" in leadership.wait(5)


@pytest.mark.parametrize(
    ("wanted", "fault"),
    [
        (Wanted(), "nothing to change.*for example"),
        (Wanted(priority=10), "priority: 10.*for example"),
        (Wanted(cadence=Cron(expression="61 * * * *")), "cadence: cron.*for example"),
        (Wanted(cadence=Cron(expression="* * * *")), "cadence: cron.*for example"),
        (
            Wanted(cadence=Cron(expression="0 2 * * *", timezone="Mars/Base")),
            "cadence: timezone.*for example",
        ),
        (Wanted(cadence=Cron(expression="0 0 30 2 *")), "cadence: .*for example"),
        (Wanted(cadence=Interval(every_s=float("nan"))), "cadence: interval.*for example"),
        (Wanted(cadence=OneOff(at=NOW)), "cadence: .*for example"),
        (Wanted(parameters={"fire_id": "x"}), "parameters: 'fire_id'.*for example"),
        (Wanted(parameters={"day": 1}), "parameters: .*'day'.*for example"),
        (Wanted(parameters={"days_back": float("nan")}), "parameters: .*NaN.*for example"),
        (Wanted(parameters={"days_back": ["\0"]}), "parameters: .*NUL.*for example"),
        (Wanted(parameters={"days_back": "\ud800"}), "parameters: .*surrogate.*for example"),
        (Wanted(policy={"overlaps": "skip"}), "policy: .*'overlaps'; did you mean overlap.*for example"),
        (Wanted(policy={"overlap": "never"}), "policy: .*overlap.*for example"),
        (Wanted(policy={"jitter": 60}), "policy: jitter.*for example"),
        (Wanted(policy={"jitter": "soon"}), "policy: .*jitter.*for example"),
        (Wanted(policy={"max_fires": 0}), "policy: max_fires.*for example"),
        (Wanted(policy={"end": "2020-01-01T00:00:00+00:00"}), "policy: .*no due time to come.*for example"),
        (Wanted(cadence=Density(steps=())), "cadence: density.*for example"),
    ],
)
def test_what_cannot_be_is_refused_with_field_and_example(
    context: Context, engine: Engine, wanted: Wanted, fault: str
) -> None:
    with pytest.raises(Refused, match=fault):
        edit(context, "minutely", wanted, OMAR)
    assert audit(context) == []


def test_an_unknown_entry_and_an_unnamed_author_are_refused(context: Context, engine: Engine) -> None:
    with pytest.raises(UnknownEntry, match="did you mean minutely"):
        pause(context, "minutly", LENA)
    with pytest.raises(Misconfigured, match=r"why: .*for example"):
        pause(context, "minutely", replace(LENA, why=" "))


def test_the_difference_to_a_catalog_names_fields_and_what_an_override_hides(
    context: Context, engine: Engine
) -> None:
    assert differences(context, (MINUTELY, NIGHTLY)) == []
    edit(context, "minutely", Wanted(priority=9), OMAR)
    assert differences(context, (MINUTELY, NIGHTLY)) == []
    found = differences(context, (replace(MINUTELY, priority=3, queue="other"), replace(NIGHTLY, name="new")))
    told: list[Any] = [(item.entry, item.action, item.field, item.hidden) for item in found]
    assert told == [
        ("minutely", "change", "queue", False),
        ("minutely", "change", "priority", True),
        ("new", "add", "", False),
        ("nightly", "disable", "", False),
    ]


def test_an_entry_is_shown_whole(context: Context, clock: FixedClock, engine: Engine) -> None:
    engine.run(clock.advance(MINUTE))
    edit(context, "minutely", Wanted(parameters={"days_back": 2}), OMAR)
    found = details(context, "minutely")
    assert found.declared["parameters"] == {}
    assert found.override is not None
    assert found.override["parameters"] == found.effective["parameters"] == {"days_back": 2}
    assert found.override["cadence"] is None
    assert [fire.fire for fire in found.fires] == [str(fire_id("minutely", NOW + MINUTE))]


def test_of_many_edits_on_one_revision_one_wins(context: Context, engine: Engine) -> None:
    seen = details(context, "minutely").revision

    def attempt(priority: int) -> bool:
        try:
            return edit(context, "minutely", Wanted(priority=priority), OMAR, revision=seen).changed
        except Misconfigured:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, [0, 1, 2, 3])) == 1
    assert details(context, "minutely").revision == seen + 1


def test_an_override_that_cannot_be_read_disables_the_entry_until_it_is_reset(
    context: Context, engine: Engine, leadership: Leadership
) -> None:
    edit(context, "minutely", Wanted(cadence=Interval(every_s=300)), OMAR)
    with context.database.session() as session:
        session.execute(text("""update schedule_overrides set cadence = '{"every_s": "soon"}'"""))
    beat(context, leadership)
    assert scheduled(context, "minutely") is None
    assert scheduled(context, "nightly") is not None
    with pytest.raises(Misconfigured, match=r"cannot be read .* reset it"):
        pause(context, "minutely", LENA)
    reset(context, "minutely", LENA)
    found = scheduled(context, "minutely")
    assert found is not None
    assert (found.entry, found.next_due) == (MINUTELY, NOW + MINUTE)
    assert [change.action for change in audit(context)].count("disabled") == 1
