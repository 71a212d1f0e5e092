"""The engine: what is due is claimed once and sent, whatever happens to carrier and leader."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from src.database.leadership import LeadershipLost
from src.domain.entry import Runner
from src.domain.fire import FireState, fire_id
from src.scheduling.engine import Engine
from tests.entries import MINUTELY, NIGHTLY
from tests.fakes.carrier import MemoryCarrier
from tests.fakes.ledger import MemoryLedger
from tests.unit.scheduling.engines import MINUTE, START, states, under


def test_nothing_fires_before_it_is_due(engine: Engine) -> None:
    assert engine.run(START) == 0
    engine.send_waiting(Runner.CELERY, START)
    assert engine.seconds_to_next(START) == 30


def test_a_due_time_is_claimed_and_sent_once(engine: Engine, carrier: MemoryCarrier) -> None:
    due = START + timedelta(seconds=30)
    engine.send_waiting(Runner.CELERY, START)
    assert engine.run(due) == 1
    assert engine.run(due) == 0
    assert engine.send_waiting(Runner.CELERY, due + MINUTE) == 0
    assert carrier.handed == 1
    assert carrier.taken == [fire_id("minutely", due)]


def test_what_was_sent_is_marked_with_the_next_claim(
    engine: Engine, ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    engine.send_waiting(Runner.CELERY, START)
    first, second = START + timedelta(seconds=30), START + timedelta(seconds=90)
    engine.run(first)
    assert states(ledger) == {FireState.CLAIMED: 1}
    engine.run(second)
    assert states(ledger) == {FireState.SENT: 1, FireState.CLAIMED: 1}
    engine.flush(second)
    assert states(ledger) == {FireState.SENT: 2}
    claims = ledger.claims
    engine.flush(second)
    assert ledger.claims == claims


def test_many_due_entries_are_claimed_in_batches(ledger: MemoryLedger, carrier: MemoryCarrier) -> None:
    engine = Engine(1, ledger, {Runner.CELERY: carrier})
    engine.declare([replace(MINUTELY, name=f"e{n}") for n in range(2_500)], START)
    engine.send_waiting(Runner.CELERY, START)
    assert engine.run(START + MINUTE, rounds=1) == 1_000
    assert engine.seconds_to_next(START + MINUTE) == 0
    assert engine.run(START + MINUTE) == 1_500
    assert ledger.claims == 3
    assert len(set(carrier.taken)) == 2_500


def test_the_next_due_time_follows_from_the_last_one(engine: Engine) -> None:
    engine.send_waiting(Runner.CELERY, START)
    engine.run(START + timedelta(seconds=45))
    assert engine.seconds_to_next(START + timedelta(seconds=45)) == 45


def test_a_carrier_that_is_away_gets_the_fire_when_it_is_back(
    engine: Engine, ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    due = START + timedelta(seconds=30)
    engine.send_waiting(Runner.CELERY, START)
    carrier.away = True
    engine.run(due)
    assert not engine.is_waiting(Runner.CELERY, due)
    soon = due + timedelta(seconds=1)
    assert engine.is_waiting(Runner.CELERY, soon)
    assert engine.send_waiting(Runner.CELERY, soon) == 0
    carrier.away = False
    assert engine.send_waiting(Runner.CELERY, due + 2 * MINUTE) == 1
    assert states(ledger) == {FireState.SENT: 1}
    assert not engine.is_waiting(Runner.CELERY, due + 3 * MINUTE)


def test_new_fires_wait_behind_those_that_the_carrier_could_not_take(
    engine: Engine, carrier: MemoryCarrier
) -> None:
    first, second = START + timedelta(seconds=30), START + timedelta(seconds=90)
    engine.send_waiting(Runner.CELERY, START)
    carrier.away = True
    engine.run(first)
    carrier.away = False
    engine.run(second)
    assert carrier.taken == []
    engine.send_waiting(Runner.CELERY, second)
    assert carrier.taken == [fire_id("minutely", first), fire_id("minutely", second)]


def test_a_carrier_that_goes_in_the_midst_of_a_batch_gets_the_rest_later(
    ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    engine = Engine(1, ledger, {Runner.CELERY: carrier})
    engine.declare([replace(MINUTELY, name=f"e{n}") for n in range(10)], START)
    engine.send_waiting(Runner.CELERY, START)
    carrier.goes_after = 4
    engine.run(START + MINUTE)
    engine.flush(START + MINUTE)
    assert states(ledger) == {FireState.SENT: 4, FireState.CLAIMED: 6}
    carrier.goes_after = None
    assert engine.send_waiting(Runner.CELERY, START + 2 * MINUTE) == 6
    assert len(carrier.taken) == len(set(carrier.taken)) == 10


def test_a_backlog_goes_out_before_more_is_claimed(ledger: MemoryLedger, carrier: MemoryCarrier) -> None:
    engine = Engine(1, ledger, {Runner.CELERY: carrier})
    engine.declare([replace(MINUTELY, name=f"e{n:04}") for n in range(2_500)], START)
    assert engine.drain(START)
    carrier.away = True
    engine.run(START + MINUTE)
    carrier.away = False
    back = START + MINUTE + timedelta(seconds=1)
    assert not engine.drain(back, rounds=2)
    assert len(carrier.taken) == 2_000
    assert engine.drain(back)
    assert len(set(carrier.taken)) == 2_500
    assert carrier.handed == 2_501  # one was refused while the carrier was away
    assert states(ledger) == {FireState.SENT: 2_500}


def test_a_fire_that_waited_past_its_window_is_missed_with_a_reason(
    engine: Engine, ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    due = START + timedelta(seconds=30)
    carrier.away = True
    engine.run(due)
    engine.send_waiting(Runner.CELERY, due + 11 * MINUTE)
    (row,) = ledger.rows.values()
    assert row.state is FireState.MISSED
    assert "10 min" in (row.reason or "")
    assert carrier.taken == []


def test_an_unsent_fire_expires_where_its_policy_says_so(
    ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    engine, due = under(ledger, carrier, expires=timedelta(seconds=20)), START + timedelta(seconds=30)
    carrier.away = True
    engine.run(due)
    carrier.away = False
    engine.send_waiting(Runner.CELERY, due + timedelta(seconds=21))
    (row,) = ledger.rows.values()
    assert (row.state, row.reason) == (FireState.EXPIRED, "expired: no worker began it within 20 s")


def test_a_message_that_the_broker_lost_is_sent_again_under_the_same_id(
    ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    engine, due = under(ledger, carrier, catch_up_window=timedelta(minutes=30)), START + timedelta(seconds=30)
    engine.send_waiting(Runner.CELERY, START)
    engine.run(due)
    engine.flush(due)
    carrier.taken.clear()  # the broker forgets
    assert engine.send_waiting(Runner.CELERY, due + 11 * MINUTE) == 0
    assert engine.patrol(Runner.CELERY, due + 10 * MINUTE) == 0
    assert engine.patrol(Runner.CELERY, due + 11 * MINUTE) == 1
    assert carrier.taken == [fire_id("minutely", due)]
    engine.patrol(Runner.CELERY, due + 31 * MINUTE)
    assert ledger.rows[fire_id("minutely", due)].reason == (
        "missed: it was sent, and no worker began it within 30 min of the due time"
    )


def test_a_long_line_of_messages_is_not_sent_again_and_again(
    ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    engine, late = Engine(1, ledger, {Runner.CELERY: carrier}), START + 20 * MINUTE
    policy = replace(MINUTELY.policy, catch_up_window=timedelta(hours=1))
    engine.declare([replace(MINUTELY, name=f"e{n}", policy=policy) for n in range(1_500)], START)
    engine.send_waiting(Runner.CELERY, START)
    engine.run(START + MINUTE)
    engine.flush(START + MINUTE)
    assert engine.patrol(Runner.CELERY, late) == 0
    lost = carrier.taken.pop()
    assert engine.patrol(Runner.CELERY, late) == 1_000
    assert engine.drain(late)
    assert carrier.handed == 3_000
    assert lost in carrier.taken
    assert engine.patrol(Runner.CELERY, late + 20 * MINUTE) == 0


def test_due_times_of_an_absence_run_inside_the_window_and_are_missed_before_it(
    engine: Engine, ledger: MemoryLedger
) -> None:
    engine.run(START + timedelta(seconds=30) + 30 * MINUTE)
    assert states(ledger) == {FireState.CLAIMED: 11, FireState.MISSED: 20}


def test_a_new_leader_sends_what_the_old_one_claimed(
    engine: Engine, ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    due = START + timedelta(seconds=30)
    engine.run(due)  # dies before it has sent anything: `send_waiting` was never called
    assert carrier.taken == []
    ledger.epoch = 2
    successor = Engine(2, ledger, {Runner.CELERY: carrier})
    successor.declare([MINUTELY, NIGHTLY], due)
    assert successor.run(due) == 0
    assert successor.is_waiting(Runner.CELERY, due)
    assert successor.send_waiting(Runner.CELERY, due) == 1
    assert carrier.taken == [fire_id("minutely", due)]


def test_an_old_leader_can_write_nothing(engine: Engine, ledger: MemoryLedger) -> None:
    ledger.epoch = 2
    with pytest.raises(LeadershipLost):
        engine.run(START + MINUTE)
    assert ledger.rows == {}


def test_a_failed_claim_forgets_nothing(engine: Engine, ledger: MemoryLedger) -> None:
    ledger.epoch = 2
    with pytest.raises(LeadershipLost):
        engine.run(START + MINUTE)
    ledger.epoch = 1
    assert engine.run(START + MINUTE) == 1


def test_a_fire_nobody_can_run_does_not_hold_up_the_others(
    engine: Engine, ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    carrier.unknown = {NIGHTLY.target}
    night = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    engine.run(night)
    engine.send_waiting(Runner.PREFECT, night)
    refused = ledger.rows[fire_id("nightly", night)]
    assert refused.state is FireState.MISSED
    assert "nightly-deployment" in (refused.reason or "")
