"""Operators' edits of the schedule, on a real Postgres."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from src.core.clock import FixedClock
from src.core.errors import Misconfigured
from src.database.leadership import Leadership
from src.database.ledger import PostgresLedger
from src.database.schedule import UNDECLARED, views
from src.database.schedule_audit import changes
from src.domain.edit import Author, Change
from src.domain.entry import Cron, Entry, Interval, OneOff
from src.domain.fire import fire_id
from src.domain.ports import Scheduled
from src.pipeline.context import Context
from src.pipeline.schedule_edits import UnknownEntry, Wanted, edit, pause, reset, resume
from src.pipeline.schedule_show import coming, details, differences, past_fires
from src.scheduling.engine import Engine
from tests.conftest import NOW
from tests.entries import MINUTELY, NIGHTLY

pytestmark = pytest.mark.integration

LENA = Author(who="lena", why="upstream is down")
OMAR = Author(who="omar", why="cup final")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def leadership(context: Context, database_url: str) -> Iterator[Leadership]:
    leadership = Leadership(database_url, "beat-one")
    assert leadership.campaign(NOW)
    yield leadership
    leadership.resign()


@pytest.fixture
def engine(context: Context, leadership: Leadership) -> Engine:
    return beat(context, leadership)


def beat(
    context: Context, leadership: Leadership, entries: tuple[Entry, ...] = (MINUTELY, NIGHTLY)
) -> Engine:
    engine = Engine(leadership.epoch or 0, PostgresLedger(context.database), {})
    engine.declare(entries, context.clock.now())
    return engine


def scheduled(context: Context, name: str) -> Scheduled | None:
    found = {item.entry.name: item for item in PostgresLedger(context.database).schedule()}
    return found.get(name)


def audit(context: Context, name: str = "minutely") -> list[Change]:
    with context.database.session() as session:
        return changes(session, name)


def test_an_override_survives_two_declarations(
    context: Context, clock: FixedClock, engine: Engine, leadership: Leadership
) -> None:
    wanted = Wanted(cadence=Interval(every_s=300), priority=9, parameters={"days": 1})
    edit(context, "minutely", wanted, OMAR)
    clock.advance(MINUTE)
    for _ in range(2):
        beat(context, leadership)
    expected = replace(MINUTELY, cadence=Interval(every_s=300), priority=9, parameters={"days": 1})
    assert scheduled(context, "minutely") == Scheduled(entry=expected, next_due=NOW + 5 * MINUTE)
    assert [change.action for change in audit(context)] == ["edit"]


def test_a_deploy_moves_what_no_operator_changed(
    context: Context, engine: Engine, leadership: Leadership
) -> None:
    edit(context, "minutely", Wanted(priority=9, parameters={"days": 1}), OMAR)
    deployed = replace(MINUTELY, priority=2, queue="other", parameters={"days": 7, "deep": True})
    beat(context, leadership, (deployed, NIGHTLY))
    found = scheduled(context, "minutely")
    assert found is not None
    assert found.entry == replace(deployed, priority=9, parameters={"days": 1, "deep": True})
    newest = audit(context)[0]
    assert (newest.action, newest.who) == ("declared", "declaration")
    back = reset(context, "minutely", LENA)
    found = scheduled(context, "minutely")
    assert back.changed
    assert found is not None
    assert found.entry == deployed


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


def test_a_pause_stops_claims_and_a_resume_does_not_burst(
    context: Context, clock: FixedClock, engine: Engine
) -> None:
    assert engine.claim_due(clock.advance(MINUTE)) == 1
    paused = pause(context, "minutely", LENA)
    engine.load()
    assert paused.next_due == NOW + 2 * MINUTE
    assert engine.claim_due(clock.advance(30 * MINUTE)) == 0
    resumed = resume(context, "minutely", OMAR)
    engine.load()
    assert resumed.next_due == NOW + 32 * MINUTE
    assert engine.claim_due(clock.now()) == 0
    assert engine.claim_due(clock.advance(MINUTE)) == 1
    due = [fire.due_at for fire in past_fires(context, "minutely", limit=9)]
    assert due == [NOW + 32 * MINUTE, NOW + MINUTE]
    newest = audit(context)[0]
    assert (newest.action, newest.who, newest.after["passed_while_disabled"]) == ("resume", "omar", 30)


def test_pausing_and_resuming_twice_changes_nothing_more(context: Context, engine: Engine) -> None:
    first = pause(context, "minutely", LENA)
    assert pause(context, "minutely", OMAR) == replace(first, changed=False)
    resume(context, "minutely", LENA)
    assert not resume(context, "minutely", LENA).changed
    assert not edit(context, "minutely", Wanted(parameters={}), LENA).changed
    assert not reset(context, "minutely", LENA).changed
    assert len(audit(context)) == 2


def test_a_new_cadence_is_due_from_now(context: Context, clock: FixedClock, engine: Engine) -> None:
    clock.advance(timedelta(minutes=7))
    edited = edit(context, "nightly", Wanted(cadence=Interval(every_s=300)), OMAR)
    engine.load()
    assert edited.next_due == NOW + 10 * MINUTE
    assert engine.claim_due(clock.now()) == 7
    assert {fire.due_at for fire in past_fires(context, "nightly", limit=9)} == set()
    assert [entry.name for _, entry in coming(context, count=3)] == ["minutely", "minutely", "minutely"]


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
        Misconfigured, match=rf"revision: {seen} .* at {newer.revision}, last changed by omar"
    ):
        pause(context, "minutely", LENA, revision=seen)
    assert scheduled(context, "minutely") is not None
    assert len(audit(context)) == 1


def test_a_running_beat_is_told(context: Context, engine: Engine, leadership: Leadership) -> None:
    assert not leadership.wait(0)
    pause(context, "minutely", LENA)
    assert leadership.wait(5)


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
    ],
)
def test_what_cannot_be_is_refused_with_field_and_example(
    context: Context, engine: Engine, wanted: Wanted, fault: str
) -> None:
    with pytest.raises(Misconfigured, match=fault):
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
    engine.claim_due(clock.advance(MINUTE))
    edit(context, "minutely", Wanted(parameters={"days": 2}), OMAR)
    found = details(context, "minutely")
    assert found.declared["parameters"] == {}
    assert found.override is not None
    assert found.override["parameters"] == found.effective["parameters"] == {"days": 2}
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
    assert scheduled(context, "minutely") == Scheduled(entry=MINUTELY, next_due=NOW + MINUTE)
    assert [change.action for change in audit(context)].count("disabled") == 1
