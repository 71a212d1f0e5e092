from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.domain.fire import FireId, FireState
from src.domain.policy import CatchUp, Overlap, Policy
from src.domain.ports import Scheduled, Standing
from src.scheduling.decide import Decision, decide
from tests.entries import MINUTELY

FIRST = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SENT, WAITING = FireId(UUID(int=1)), FireId(UUID(int=2))


def made(minutes_late: float = 0, *, standing: Standing | None = None, **policy: Any) -> Decision:
    entry = replace(MINUTELY, policy=Policy(**policy))
    return decide(
        Scheduled(entry=entry, next_due=FIRST), FIRST + minutes_late * MINUTE, standing or Standing()
    )


def states(decision: Decision) -> str:
    """One letter a due time, in order of the due times: C claimed, B buffered, S skipped, M missed."""
    return "".join(
        one.state.value[0].upper() for one in sorted(decision.due, key=lambda one: one.fire.due_at)
    )


def test_a_due_time_on_time_is_claimed_and_the_entry_moves_on() -> None:
    decision = made(0.01)
    assert states(decision) == "C"
    assert (decision.step.was, decision.step.next_due) == (FIRST, FIRST + MINUTE)
    assert decision.step.fired == 1


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ({"catch_up": CatchUp.ALL}, "CCCCC"),
        ({"catch_up": CatchUp.ALL, "catch_up_limit": 2}, "SSSCC"),
        ({"catch_up": CatchUp.LATEST}, "SSSSC"),
        ({"catch_up": CatchUp.NONE}, "MMMMC"),
        ({"catch_up": CatchUp.ALL, "catch_up_window": 2 * MINUTE}, "MMCCC"),
        ({"catch_up": CatchUp.LATEST, "catch_up_window": 2 * MINUTE}, "MMSSC"),
    ],
)
def test_of_due_times_that_passed_the_policy_says_which_run(policy: dict[str, Any], expected: str) -> None:
    decision = made(4, **policy)
    assert states(decision) == expected
    assert decision.step.next_due == FIRST + 5 * MINUTE
    assert all(one.reason for one in decision.due if one.state is not FireState.CLAIMED)


def test_without_catch_up_a_due_time_found_late_is_missed() -> None:
    decision = made(0.5, catch_up=CatchUp.NONE)
    assert states(decision) == "M"
    assert decision.due[0].reason == "missed: nobody led within 10 s of the due time"


OPEN = Standing(open=(SENT,))
OPEN_AND_WAITING = Standing(open=(SENT,), buffered=(WAITING,))


@pytest.mark.parametrize(
    ("overlap", "standing", "late", "expected"),
    [
        (Overlap.ALLOW, OPEN_AND_WAITING, 2, "CCC"),
        (Overlap.SKIP, Standing(), 2, "CSS"),
        (Overlap.SKIP, OPEN, 0, "S"),
        (Overlap.BUFFER_ONE, Standing(), 2, "CBS"),
        (Overlap.BUFFER_ONE, OPEN, 1, "BS"),
        (Overlap.BUFFER_ONE, OPEN_AND_WAITING, 0, "S"),
        (Overlap.BUFFER_ONE, Standing(buffered=(WAITING,)), 0, "S"),
        (Overlap.BUFFER_ALL, OPEN, 3, "BBSS"),
        (Overlap.BUFFER_ALL, OPEN_AND_WAITING, 3, "BSSS"),
        (Overlap.CANCEL_OTHER, Standing(), 2, "SSC"),
        (Overlap.CANCEL_OTHER, OPEN, 1, "SB"),
    ],
)
def test_overlap_is_decided_on_what_the_ledger_says(
    overlap: Overlap, standing: Standing, late: int, expected: str
) -> None:
    assert states(made(late, standing=standing, overlap=overlap, buffer_limit=2)) == expected


def test_cancel_other_names_whom_it_ends_and_who_gives_way() -> None:
    decision = made(standing=OPEN_AND_WAITING, overlap=Overlap.CANCEL_OTHER)
    assert decision.cancel == (SENT,)
    assert {one.id: one.state for one in decision.close} == {
        WAITING: FireState.SKIPPED,
        SENT: FireState.REVOKED,
    }


def test_a_paused_entry_moves_on_with_skipped_rows() -> None:
    item = Scheduled(entry=MINUTELY, next_due=FIRST, paused="paused by lena: upstream is down")
    decision = decide(item, FIRST + 2 * MINUTE)
    assert states(decision) == "SSS"
    assert {one.reason for one in decision.due} == {"paused by lena: upstream is down"}
    assert (decision.step.fired, decision.step.next_due) == (0, FIRST + 3 * MINUTE)


def test_an_entry_that_failed_too_often_is_to_be_paused() -> None:
    decision = made(standing=Standing(failures=3), pause_after=3)
    assert decision.pause == "it failed 3 times in a row"
    assert states(decision) == "S"
    assert made(standing=Standing(failures=2), pause_after=3).pause is None


def test_an_entry_is_done_after_its_last_fire() -> None:
    assert made(max_fires=1).step.next_due is None
    assert made(max_fires=2).step.next_due == FIRST + MINUTE
    late = made(5, max_fires=2)
    assert (states(late), late.step.next_due) == ("CC", None)


def test_nothing_is_due_after_the_end() -> None:
    decision = made(5, end=FIRST + 2 * MINUTE)
    assert (states(decision), decision.step.next_due) == ("CCC", None)


def test_after_a_long_absence_the_oldest_row_tells_of_those_without_one() -> None:
    decision = made(5_000, catch_up_window=timedelta(days=30))
    assert len(decision.due) == 1_000
    oldest = min(decision.due, key=lambda one: one.fire.due_at)
    assert "2026-03-01 12:00:00 UTC" in (oldest.reason or "")


policies = st.builds(
    Policy,
    overlap=st.sampled_from(Overlap),
    buffer_limit=st.integers(1, 4),
    catch_up=st.sampled_from(CatchUp),
    catch_up_window=st.integers(1, 40).map(lambda n: n * MINUTE),
    catch_up_limit=st.integers(1, 5),
    pause_after=st.none() | st.integers(1, 3),
    jitter=st.integers(0, 50).map(lambda n: timedelta(seconds=n)),
    max_fires=st.none() | st.integers(1, 6),
)
standings = st.builds(
    Standing,
    open=st.sampled_from([(), (SENT,)]),
    buffered=st.sampled_from([(), (WAITING,)]),
    failures=st.integers(0, 4),
)


@given(policies, standings, st.integers(2, 30), st.none() | st.just("paused by lena: x"))
def test_every_due_time_has_one_row_with_a_reason_where_it_does_not_run(
    policy: Policy, standing: Standing, late: int, paused: str | None
) -> None:
    entry = replace(MINUTELY, policy=policy)
    decision = decide(Scheduled(entry=entry, next_due=FIRST, paused=paused), FIRST + late * MINUTE, standing)
    due = sorted(one.fire.due_at for one in decision.due)
    assert due == [FIRST + n * MINUTE for n in range(len(due))], "each once, and none left out"
    if policy.max_fires is None or paused:
        assert len(due) in {late, late + 1}, "all that have passed, but for one that its jitter delays"
    assert all(one.reason for one in decision.due if one.state is not FireState.CLAIMED)
    count = Counter(one.state for one in decision.due)
    runs = count[FireState.CLAIMED]
    if paused:
        assert count.keys() == {FireState.SKIPPED}
    if policy.overlap is not Overlap.ALLOW:
        assert runs + len(standing.open) <= 1
    if policy.overlap is Overlap.BUFFER_ALL:
        assert count[FireState.BUFFERED] <= policy.buffer_limit
    assert decision.step.fired == runs + count[FireState.BUFFERED]
    if decision.step.next_due is not None:
        assert decision.step.next_due == FIRST + len(due) * MINUTE


@given(policies, standings, st.integers(0, 30))
def test_the_same_question_has_the_same_answer(policy: Policy, standing: Standing, late: int) -> None:
    item = Scheduled(entry=replace(MINUTELY, policy=policy), next_due=FIRST)
    at = FIRST + late * MINUTE + timedelta(seconds=50)
    assert decide(item, at, standing) == decide(item, at, standing)
