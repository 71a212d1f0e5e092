"""Pauses and policies in the engine: what is skipped, buffered, cancelled and paused."""

from dataclasses import replace
from datetime import timedelta

from src.domain.entry import Runner
from src.domain.fire import FireState, fire_id
from src.domain.policy import Overlap
from src.scheduling.engine import Engine
from tests.fakes.carrier import MemoryCarrier
from tests.fakes.ledger import MemoryLedger
from tests.unit.scheduling.engines import MINUTE, START, states, under

FIRST, SECOND = START + timedelta(seconds=30), START + timedelta(seconds=90)


def test_a_paused_entry_leaves_skipped_rows_and_sends_nothing(
    engine: Engine, ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    ledger.scheduled["minutely"] = replace(
        ledger.scheduled["minutely"], paused="paused by lena: x", revision=2
    )
    engine.refresh(["minutely"], START)
    engine.run(START + 2 * MINUTE)
    assert {(row.state, row.reason) for row in ledger.rows.values()} == {
        (FireState.SKIPPED, "paused by lena: x")
    }
    assert len(ledger.rows) == 2
    assert carrier.taken == []


def test_a_buffered_fire_goes_when_the_one_before_it_has_ended(
    ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    engine = under(ledger, carrier, overlap=Overlap.BUFFER_ONE)
    engine.send_waiting(Runner.CELERY, START)
    engine.run(FIRST)
    engine.run(SECOND)
    engine.run(SECOND + MINUTE)
    assert states(ledger) == {FireState.SENT: 1, FireState.BUFFERED: 1, FireState.SKIPPED: 1}
    assert engine.release(SECOND + MINUTE) == 0
    ledger.rows[fire_id("minutely", FIRST)].state = FireState.SUCCEEDED
    assert engine.release(SECOND + MINUTE) == 1
    engine.send_waiting(Runner.CELERY, SECOND + MINUTE)
    assert carrier.taken == [fire_id("minutely", FIRST), fire_id("minutely", SECOND)]


def test_cancel_other_ends_the_running_fire_and_waits_for_its_end(
    ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    engine = under(ledger, carrier, overlap=Overlap.CANCEL_OTHER)
    engine.send_waiting(Runner.CELERY, START)
    engine.run(FIRST)
    running = ledger.rows[fire_id("minutely", FIRST)]
    running.state = FireState.STARTED
    engine.run(SECOND)
    assert carrier.cancelled == [fire_id("minutely", FIRST)]
    assert running.state is FireState.STARTED
    assert ledger.rows[fire_id("minutely", SECOND)].state is FireState.BUFFERED
    running.state = FireState.REVOKED
    assert engine.release(SECOND) == 1


def test_an_entry_that_fails_too_often_is_paused_before_it_fires_again(
    ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    engine = under(ledger, carrier, pause_after=2)
    for minute in range(4):
        at = FIRST + minute * MINUTE
        engine.run(at)
        for row in ledger.rows.values():
            if row.state is FireState.CLAIMED:
                row.state = FireState.FAILED
    assert states(ledger) == {FireState.FAILED: 2, FireState.SKIPPED: 2}
    assert ledger.scheduled["minutely"].paused == "paused by beat: it failed 2 times in a row"
