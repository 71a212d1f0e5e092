"""Which of the due times that come get a flow run before they are due."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from src.domain.entry import Entry, FlowRunner
from src.domain.fire import fire_id
from src.domain.ports import Scheduled
from src.scheduling.agenda import Agenda
from src.scheduling.ahead import Coming, coming
from src.scheduling.cadence import jitter_of
from tests.entries import MINUTELY, NIGHTLY

DUE = datetime(2026, 3, 1, 2, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def names(*entries: Entry) -> list[str]:
    return [one.entry for one in coming((DUE, Scheduled(entry=entry, next_due=DUE)) for entry in entries)]


def test_a_due_time_of_a_flow_comes_as_the_fire_that_will_be_claimed() -> None:
    (one,) = coming([(DUE, Scheduled(entry=NIGHTLY, next_due=DUE, revision=7))])
    assert one == Coming(fire=fire_id("nightly", DUE), entry="nightly", due_at=DUE, when=DUE, revision=7)


def test_only_flows_of_celery_workers_come() -> None:
    pooled = replace(NIGHTLY, name="pooled", flow_runner=FlowRunner.POOL)
    assert names(MINUTELY, NIGHTLY, pooled, replace(NIGHTLY, name="other")) == ["nightly", "other"]
    assert names(MINUTELY, pooled) == names() == []


def test_an_entry_without_a_due_time_does_not_come() -> None:
    assert coming([(DUE, Scheduled(entry=NIGHTLY, next_due=None))]) == []


def test_a_run_waits_for_the_jitter_and_keeps_its_due_time() -> None:
    spread = replace(NIGHTLY, policy=replace(NIGHTLY.policy, jitter=timedelta(minutes=5)))
    when = DUE + jitter_of(spread, DUE)
    agenda = Agenda([Scheduled(entry=spread, next_due=DUE)])
    assert coming(agenda.coming(when - SECOND)) == []
    (one,) = coming(agenda.coming(when))
    assert (one.due_at, one.when, one.fire) == (DUE, when, fire_id("nightly", DUE))
    assert when > DUE


def test_an_entry_that_was_edited_comes_once_and_as_another() -> None:
    agenda = Agenda([Scheduled(entry=NIGHTLY, next_due=DUE)])
    (before,) = coming(agenda.coming(DUE))
    agenda.put(Scheduled(entry=NIGHTLY, next_due=DUE, revision=2))
    (after,) = coming(agenda.coming(DUE))
    assert after == replace(before, revision=2) != before


def test_an_entry_that_was_read_again_is_one_fire() -> None:
    agenda = Agenda([Scheduled(entry=NIGHTLY, next_due=DUE)])
    agenda.put(Scheduled(entry=NIGHTLY, next_due=DUE))
    assert {one.fire for one in coming(agenda.coming(DUE))} == {fire_id("nightly", DUE)}
