from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from src.domain.ports import Scheduled
from src.scheduling.agenda import Agenda
from src.scheduling.cadence import jitter_of
from tests.entries import MINUTELY

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def scheduled(name: str, due_s: float | None, revision: int = 1) -> Scheduled:
    due = None if due_s is None else START + timedelta(seconds=due_s)
    return Scheduled(entry=replace(MINUTELY, name=name), next_due=due, revision=revision)


def all_due(agenda: Agenda, at: datetime) -> list[str]:
    names = []
    while (item := agenda.take(at)) is not None:
        names.append(item.entry.name)
    return names


def test_entries_come_in_the_order_of_their_due_times() -> None:
    agenda = Agenda([scheduled("b", 2), scheduled("a", 1), scheduled("never", None), scheduled("late", 9)])
    assert agenda.next_at() == START + timedelta(seconds=1)
    assert all_due(agenda, START + timedelta(seconds=5)) == ["a", "b"]
    assert agenda.next_at() == START + timedelta(seconds=9)


def test_an_entry_that_was_moved_is_not_due_at_its_old_time() -> None:
    agenda = Agenda([scheduled("a", 1)])
    agenda.put(scheduled("a", 30, revision=2))
    assert agenda.take(START + timedelta(seconds=5)) is None
    assert agenda.next_at() == START + timedelta(seconds=30)


def test_an_entry_that_was_dropped_or_has_no_due_time_left_is_not_due() -> None:
    agenda = Agenda([scheduled("a", 1), scheduled("b", 1)])
    agenda.drop("a")
    agenda.put(scheduled("b", None))
    assert agenda.next_at() is None


def test_an_entry_that_was_read_again_is_due_once() -> None:
    agenda = Agenda([scheduled("a", 1)])
    agenda.put(scheduled("a", 1))
    assert all_due(agenda, START + timedelta(seconds=5)) == ["a"]


def test_jitter_delays_a_due_time_and_not_the_due_time_itself() -> None:
    policy = replace(MINUTELY.policy, jitter=timedelta(seconds=20))
    item = Scheduled(entry=replace(MINUTELY, policy=policy), next_due=START)
    agenda = Agenda([item])
    when = START + jitter_of(item.entry, START)
    assert agenda.next_at() == when > START
    assert agenda.take(when - timedelta(microseconds=1)) is None
    assert agenda.take(when) == item


moves = st.lists(st.tuples(st.sampled_from("abcd"), st.one_of(st.none(), st.integers(0, 50))), max_size=40)


@given(moves)
def test_after_any_moves_the_agenda_is_what_a_sorted_list_would_be(
    made: list[tuple[str, int | None]],
) -> None:
    agenda, plain = Agenda(), {}
    put: Callable[[Scheduled], None] = agenda.put
    for revision, (name, due_s) in enumerate(made):
        item = scheduled(name, due_s, revision)
        put(item)
        plain[name] = item
    due = [(item.next_due, name) for name, item in plain.items() if item.next_due is not None]
    assert all_due(agenda, START + timedelta(hours=1)) == [name for _, name in sorted(due)]
