from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from src.database.leadership import LeadershipLost
from src.domain.entry import ByHand, Cron, Runner
from src.domain.fire import FireState, fire_id
from src.scheduling.engine import Engine
from tests.entries import MINUTELY, NIGHTLY
from tests.fakes.carrier import MemoryCarrier
from tests.fakes.ledger import MemoryLedger

START = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()


@pytest.fixture
def carrier() -> MemoryCarrier:
    return MemoryCarrier()


@pytest.fixture
def engine(ledger: MemoryLedger, carrier: MemoryCarrier) -> Engine:
    return started(ledger, carrier)


def started(ledger: MemoryLedger, carrier: MemoryCarrier, at: datetime = START) -> Engine:
    engine = Engine(1, ledger, {Runner.CELERY: carrier, Runner.PREFECT: carrier})
    engine.declare([MINUTELY, NIGHTLY], at)
    return engine


def test_nothing_fires_before_it_is_due(engine: Engine) -> None:
    assert engine.claim_due(START) == 0
    assert engine.seconds_to_next(START) == 30


def test_a_due_time_is_claimed_and_sent_once(engine: Engine, carrier: MemoryCarrier) -> None:
    due = START + timedelta(seconds=30)
    assert engine.claim_due(due) == 1
    assert engine.claim_due(due) == 0
    assert engine.send(Runner.CELERY, due) == 1
    assert engine.send(Runner.CELERY, due) == 0
    assert carrier.taken == [fire_id("minutely", due)]


def test_the_next_due_time_follows_from_the_last_one(engine: Engine) -> None:
    engine.claim_due(START + timedelta(seconds=45))
    assert engine.seconds_to_next(START + timedelta(seconds=45)) == 45


def test_a_carrier_that_is_away_gets_the_fire_when_it_is_back(
    engine: Engine, ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    due = START + timedelta(seconds=30)
    carrier.away = True
    engine.claim_due(due)
    assert engine.send(Runner.CELERY, due) == 0
    carrier.away = False
    assert engine.send(Runner.CELERY, due + 2 * MINUTE) == 1
    assert [row.state for row in ledger.rows.values()] == [FireState.SENT]


def test_a_fire_that_waited_past_its_window_is_missed_with_a_reason(
    engine: Engine, ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    due = START + timedelta(seconds=30)
    carrier.away = True
    engine.claim_due(due)
    engine.send(Runner.CELERY, due + 11 * MINUTE)
    (row,) = ledger.rows.values()
    assert row.state is FireState.MISSED
    assert "10 min" in (row.reason or "")
    assert carrier.taken == []


def test_a_message_that_the_broker_lost_is_sent_again_under_the_same_id(
    ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    engine, due = Engine(1, ledger, {Runner.CELERY: carrier}), START + timedelta(seconds=30)
    engine.declare([replace(MINUTELY, catch_up=timedelta(minutes=30))], START)
    engine.claim_due(due)
    engine.send(Runner.CELERY, due)
    carrier.taken.clear()  # the broker forgets
    assert engine.send(Runner.CELERY, due + 10 * MINUTE) == 0
    assert engine.send(Runner.CELERY, due + 11 * MINUTE) == 1
    assert carrier.taken == [fire_id("minutely", due)]
    engine.send(Runner.CELERY, due + 31 * MINUTE)
    assert ledger.rows[fire_id("minutely", due)].reason == (
        "missed: it was sent, and no worker began it within 30 min of the due time"
    )


def test_due_times_of_an_absence_run_inside_the_window_and_are_missed_before_it(
    engine: Engine, ledger: MemoryLedger
) -> None:
    engine.claim_due(START + timedelta(seconds=30) + 30 * MINUTE)
    states = [row.state for row in ledger.rows.values()]
    assert states.count(FireState.CLAIMED) == 11
    assert states.count(FireState.MISSED) == 20


def test_a_new_leader_sends_what_the_old_one_claimed(
    engine: Engine, ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    due = START + timedelta(seconds=30)
    engine.claim_due(due)
    ledger.epoch = 2
    successor = Engine(2, ledger, {Runner.CELERY: carrier})
    successor.declare([MINUTELY, NIGHTLY], due)
    assert successor.claim_due(due) == 0
    assert successor.send(Runner.CELERY, due) == 1
    assert carrier.taken == [fire_id("minutely", due)]


def test_an_old_leader_can_write_nothing(engine: Engine, ledger: MemoryLedger) -> None:
    ledger.epoch = 2
    with pytest.raises(LeadershipLost):
        engine.claim_due(START + MINUTE)
    assert ledger.rows == {}


def test_a_failed_claim_forgets_nothing(engine: Engine, ledger: MemoryLedger) -> None:
    ledger.epoch = 2
    with pytest.raises(LeadershipLost):
        engine.claim_due(START + MINUTE)
    ledger.epoch = 1
    assert engine.claim_due(START + MINUTE) == 1


def test_a_fire_nobody_can_run_does_not_hold_up_the_others(
    engine: Engine, ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    carrier.unknown = {NIGHTLY.target}
    night = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    engine.claim_due(night)
    engine.send(Runner.PREFECT, night)
    refused = ledger.rows[fire_id("nightly", night)]
    assert refused.state is FireState.MISSED
    assert "nightly-deployment" in (refused.reason or "")


def test_an_edit_between_reading_and_claiming_wins(engine: Engine, ledger: MemoryLedger) -> None:
    ledger.scheduled["minutely"] = replace(ledger.scheduled["minutely"], next_due=START + 5 * MINUTE)
    assert engine.claim_due(START + MINUTE) == 0
    assert engine.claim_due(START + 5 * MINUTE) == 1


def test_an_entry_by_hand_is_never_due(ledger: MemoryLedger, carrier: MemoryCarrier) -> None:
    engine = Engine(1, ledger, {})
    engine.declare([replace(MINUTELY, cadence=ByHand())], START)
    assert engine.claim_due(START + timedelta(days=365)) == 0
    assert engine.seconds_to_next(START) is None


def test_a_restart_keeps_the_due_time_that_passed_meanwhile(
    engine: Engine, ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    later = START + 5 * MINUTE
    restarted = started(ledger, carrier, at=later)
    assert restarted.claim_due(later) == 5


def test_an_entry_with_a_wrong_cadence_is_disabled_and_the_others_go_on(
    engine: Engine, ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    wrong = replace(NIGHTLY, cadence=Cron(expression="nonsense"))
    ledger.scheduled[NIGHTLY.name] = replace(ledger.scheduled[NIGHTLY.name], entry=wrong)
    engine.load()
    assert NIGHTLY.name not in ledger.scheduled
    assert engine.claim_due(START + MINUTE) == 1
