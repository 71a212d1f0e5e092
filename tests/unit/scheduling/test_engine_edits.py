"""The engine follows what changes under it: edits, deployments, fixtures and the clock."""

from dataclasses import replace
from datetime import datetime, timedelta

from src.domain.entry import ByHand, Cron, Density, DensityStep, Interval, Runner
from src.domain.fire import FireState, fire_id
from src.scheduling.engine import Engine
from tests.entries import MINUTELY, NIGHTLY
from tests.fakes.carrier import MemoryCarrier
from tests.fakes.ledger import MemoryLedger
from tests.unit.scheduling.engines import MINUTE, START, started


def test_an_edit_between_reading_and_claiming_wins(engine: Engine, ledger: MemoryLedger) -> None:
    edited = replace(ledger.scheduled["minutely"], next_due=START + 5 * MINUTE, revision=2)
    ledger.scheduled["minutely"] = edited
    assert engine.run(START + MINUTE) == 0
    assert engine.run(START + 5 * MINUTE) == 1


def test_an_edited_entry_is_read_anew_and_its_old_due_time_forgotten(
    engine: Engine, ledger: MemoryLedger
) -> None:
    edited = replace(ledger.scheduled["minutely"], next_due=START + 5 * MINUTE, revision=2)
    ledger.scheduled["minutely"] = edited
    engine.refresh(["minutely"], START)
    engine.send_waiting(Runner.CELERY, START)
    assert engine.seconds_to_next(START) == 300


def test_an_entry_that_was_read_again_is_sent_once(ledger: MemoryLedger, carrier: MemoryCarrier) -> None:
    engine, due = Engine(1, ledger, {Runner.CELERY: carrier}), START + timedelta(seconds=30)
    engine.declare([MINUTELY], START)
    for _ in range(3):  # as when fires are asked for by hand
        engine.refresh(["minutely"], START)
    engine.send_waiting(Runner.CELERY, START)
    assert engine.run(due) == 1
    assert carrier.handed == 1


def test_an_entry_by_hand_is_never_due(ledger: MemoryLedger, carrier: MemoryCarrier) -> None:
    engine = Engine(1, ledger, {})
    engine.declare([replace(MINUTELY, cadence=ByHand())], START)
    assert engine.run(START + timedelta(days=365)) == 0
    assert engine.seconds_to_next(START) is None


def test_a_restart_keeps_the_due_time_that_passed_meanwhile(
    engine: Engine, ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    later = START + 5 * MINUTE
    restarted = started(ledger, carrier, at=later)
    assert restarted.run(later) == 5


def test_due_times_of_a_cadence_that_is_declared_no_more_are_skipped_with_a_reason(
    engine: Engine, ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    later = START + 3 * MINUTE
    deployed = Engine(1, ledger, {Runner.CELERY: carrier})
    deployed.declare([replace(MINUTELY, cadence=Interval(every_s=3600)), NIGHTLY], later)
    assert {(row.state, row.reason) for row in ledger.rows.values()} == {
        (FireState.SKIPPED, "skipped: another cadence was declared before it was claimed")
    }
    assert len(ledger.rows) == 3
    deployed.declare([replace(MINUTELY, cadence=Interval(every_s=3600)), NIGHTLY], later)
    assert (len(ledger.rows), deployed.run(later)) == (3, 0)


def test_an_entry_with_a_wrong_cadence_is_disabled_and_the_others_go_on(
    engine: Engine, ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    wrong = replace(NIGHTLY, cadence=Cron(expression="nonsense"))
    ledger.scheduled[NIGHTLY.name] = replace(ledger.scheduled[NIGHTLY.name], entry=wrong)
    engine.load(START)
    assert NIGHTLY.name not in ledger.scheduled
    assert engine.run(START + MINUTE) == 1


def test_a_density_cadence_follows_when_the_fixtures_change(
    ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    kickoffs: list[datetime] = []
    engine = Engine(1, ledger, {Runner.CELERY: carrier}, lambda _since, _until: kickoffs)
    step = DensityStep(matches=1, within_s=3600, every_s=300)
    engine.declare([replace(MINUTELY, cadence=Density(steps=(step,)))], START)
    engine.send_waiting(Runner.CELERY, START)
    assert engine.seconds_to_next(START) is None
    kickoffs.append(START + 30 * MINUTE)
    engine.replan(START)
    assert engine.seconds_to_next(START) == 270
    kickoffs.clear()
    engine.replan(START)
    assert engine.seconds_to_next(START) is None


def test_a_clock_that_is_set_back_brings_far_due_times_near_and_doubles_nothing(
    engine: Engine, ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    engine.send_waiting(Runner.CELERY, START)
    engine.run(START + timedelta(days=30))  # the clock was wrong
    written = dict(ledger.rows)
    engine.replan(START + MINUTE, all_entries=True)
    assert engine.seconds_to_next(START + MINUTE) == 30
    engine.run(START + 3 * MINUTE)
    assert written.items() <= ledger.rows.items()
    assert fire_id("minutely", START + timedelta(seconds=90)) in ledger.rows
