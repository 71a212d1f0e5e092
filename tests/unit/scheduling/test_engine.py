from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from src.database.leadership import LeadershipLost
from src.domain.entry import ByHand, Cron, Density, DensityStep, Interval, Runner
from src.domain.fire import FireState, fire_id
from src.domain.policy import Overlap
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


def states(ledger: MemoryLedger) -> Counter[FireState]:
    return Counter(row.state for row in ledger.rows.values())


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
    engine, due = Engine(1, ledger, {Runner.CELERY: carrier}), START + timedelta(seconds=30)
    policy = replace(MINUTELY.policy, expires=timedelta(seconds=20))
    engine.declare([replace(MINUTELY, policy=policy)], START)
    carrier.away = True
    engine.run(due)
    carrier.away = False
    engine.send_waiting(Runner.CELERY, due + timedelta(seconds=21))
    (row,) = ledger.rows.values()
    assert (row.state, row.reason) == (FireState.EXPIRED, "expired: no worker began it within 20 s")


def test_a_message_that_the_broker_lost_is_sent_again_under_the_same_id(
    ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    engine, due = Engine(1, ledger, {Runner.CELERY: carrier}), START + timedelta(seconds=30)
    policy = replace(MINUTELY.policy, catch_up_window=timedelta(minutes=30))
    engine.declare([replace(MINUTELY, policy=policy)], START)
    engine.send_waiting(Runner.CELERY, START)
    engine.run(due)
    engine.flush(due)
    carrier.taken.clear()  # the broker forgets
    assert engine.send_waiting(Runner.CELERY, due + 10 * MINUTE) == 0
    assert engine.send_waiting(Runner.CELERY, due + 11 * MINUTE) == 1
    assert carrier.taken == [fire_id("minutely", due)]
    engine.send_waiting(Runner.CELERY, due + 31 * MINUTE)
    assert ledger.rows[fire_id("minutely", due)].reason == (
        "missed: it was sent, and no worker began it within 30 min of the due time"
    )


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
    engine = Engine(1, ledger, {Runner.CELERY: carrier})
    policy = replace(MINUTELY.policy, overlap=Overlap.BUFFER_ONE)
    engine.declare([replace(MINUTELY, policy=policy)], START)
    engine.send_waiting(Runner.CELERY, START)
    first, second = START + timedelta(seconds=30), START + timedelta(seconds=90)
    engine.run(first)
    engine.run(second)
    engine.run(second + MINUTE)
    assert states(ledger) == {FireState.SENT: 1, FireState.BUFFERED: 1, FireState.SKIPPED: 1}
    assert engine.release(second + MINUTE) == 0
    ledger.rows[fire_id("minutely", first)].state = FireState.SUCCEEDED
    assert engine.release(second + MINUTE) == 1
    engine.send_waiting(Runner.CELERY, second + MINUTE)
    assert carrier.taken == [fire_id("minutely", first), fire_id("minutely", second)]


def test_cancel_other_ends_the_running_fire_and_waits_for_its_end(
    ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    engine = Engine(1, ledger, {Runner.CELERY: carrier})
    policy = replace(MINUTELY.policy, overlap=Overlap.CANCEL_OTHER)
    engine.declare([replace(MINUTELY, policy=policy)], START)
    engine.send_waiting(Runner.CELERY, START)
    first, second = START + timedelta(seconds=30), START + timedelta(seconds=90)
    engine.run(first)
    running = ledger.rows[fire_id("minutely", first)]
    running.state = FireState.STARTED
    engine.run(second)
    assert carrier.cancelled == [fire_id("minutely", first)]
    assert running.state is FireState.STARTED
    assert ledger.rows[fire_id("minutely", second)].state is FireState.BUFFERED
    running.state = FireState.REVOKED
    assert engine.release(second) == 1


def test_an_entry_that_fails_too_often_is_paused_before_it_fires_again(
    ledger: MemoryLedger, carrier: MemoryCarrier
) -> None:
    engine = Engine(1, ledger, {Runner.CELERY: carrier})
    policy = replace(MINUTELY.policy, pause_after=2)
    engine.declare([replace(MINUTELY, policy=policy)], START)
    for minute in range(4):
        at = START + timedelta(seconds=30) + minute * MINUTE
        engine.run(at)
        for row in ledger.rows.values():
            if row.state is FireState.CLAIMED:
                row.state = FireState.FAILED
    assert states(ledger) == {FireState.FAILED: 2, FireState.SKIPPED: 2}
    assert ledger.scheduled["minutely"].paused == "paused by beat: it failed 2 times in a row"


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
