"""What people see of a Prefect that is away: one signal, from the first worry to its end."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from src.database import signals
from src.database.connection import Database
from src.database.tables.learning import SignalRow
from src.domain.fire import FireState, fire_id
from src.domain.ports import Closed
from src.domain.signal import Severity, Signal
from src.scheduling.outage import Outage
from tests.conftest import NOW

pytestmark = pytest.mark.integration

SECOND = timedelta(seconds=1)
WHY = "Prefect at http://127.0.0.1:4200/api is not answering"


@pytest.fixture
def outage(database: Database) -> Outage:
    return Outage(database)


def rows(database: Database) -> Sequence[SignalRow]:
    with database.session() as session:
        return session.scalars(select(SignalRow).order_by(SignalRow.id)).all()


def only(database: Database) -> SignalRow:
    (row,) = rows(database)
    return row


def away(outage: Outage, *seconds: float) -> None:
    for passed in seconds:
        outage.away(WHY, at(passed))


def at(seconds: float) -> datetime:
    return NOW + seconds * SECOND


def missed(count: int, reason: str = "nobody took it in 3 s") -> list[Closed]:
    return [
        Closed(id=fire_id("flow", at(n)), state=FireState.MISSED, reason=f"{reason} ({n})")
        for n in range(count)
    ]


def test_a_restart_of_prefect_raises_no_signal(outage: Outage, database: Database) -> None:
    away(outage, 0, 5, 19.9)
    outage.back(at(20))
    away(outage, 21, 40.9)
    assert rows(database) == []


def test_prefect_away_for_twenty_seconds_is_a_warning(outage: Outage, database: Database) -> None:
    away(outage, 0, 20)
    row = only(database)
    assert (row.kind, row.subject, row.severity) == ("prefect_unavailable", "prefect", Severity.WARNING)
    assert row.message == f"Prefect does not answer and fires of flows wait: {WHY}"
    assert (row.details, row.created_at, row.resolved_at) == ({"missed": 0}, at(20), None)


def test_however_long_it_lasts_it_is_one_signal(outage: Outage, database: Database) -> None:
    away(outage, *range(0, 100, 5))
    assert only(database).created_at == at(20)


def test_a_missed_fire_is_critical_at_once_and_counted(outage: Outage, database: Database) -> None:
    away(outage, 0)
    outage.missed(missed(2), at(3))
    row = only(database)
    assert (row.severity, row.details, row.created_at) == (Severity.CRITICAL, {"missed": 2}, at(3))
    assert row.message == "Prefect does not answer and 2 fires were missed: nobody took it in 3 s (1)"


def test_missed_fires_add_up_and_make_a_warning_critical(outage: Outage, database: Database) -> None:
    away(outage, 0, 20)
    for seconds, count in ((30, 1), (40, 3)):
        outage.missed(missed(count), at(seconds))
        away(outage, seconds + 1)
    row = only(database)
    assert (row.severity, row.details) == (Severity.CRITICAL, {"missed": 4})
    assert (row.created_at, row.resolved_at) == (at(20), None)


def test_the_signal_is_resolved_when_prefect_is_back(outage: Outage, database: Database) -> None:
    away(outage, 0, 20)
    for seconds in (25, 30):
        outage.back(at(seconds))
    assert only(database).resolved_at == at(25)


def test_the_next_outage_is_counted_anew(outage: Outage, database: Database) -> None:
    outage.missed(missed(5), at(0))
    outage.back(at(10))
    away(outage, 15, 34.9)
    assert len(rows(database)) == 1
    away(outage, 35)
    first, second = rows(database)
    assert (first.details, first.resolved_at) == ({"missed": 5}, at(10))
    assert (second.details, second.severity, second.resolved_at) == ({"missed": 0}, Severity.WARNING, None)


def test_fires_that_are_missed_just_after_prefect_is_back_raise_it_again(
    outage: Outage, database: Database
) -> None:
    outage.back(at(0))
    outage.missed(missed(1), at(1))
    assert only(database).resolved_at is None
    outage.back(at(2))
    assert only(database).resolved_at == at(2)


def test_a_new_leader_resolves_what_an_earlier_one_raised(outage: Outage, database: Database) -> None:
    away(outage, 0, 20)
    Outage(database).back(at(25))
    assert only(database).resolved_at == at(25)


def test_a_new_leader_goes_on_with_the_open_signal(outage: Outage, database: Database) -> None:
    away(outage, 0, 20)
    successor = Outage(database)
    away(successor, 25, 44.9)
    assert only(database).created_at == at(20)
    away(successor, 45)
    assert only(database).created_at == at(20)
    successor.back(at(50))
    assert only(database).resolved_at == at(50)


def test_a_new_leader_counts_on_from_what_the_one_before_it_missed(
    outage: Outage, database: Database
) -> None:
    outage.missed(missed(2), at(0))
    successor = Outage(database)
    away(successor, 10, 30)
    assert (only(database).severity, only(database).details) == (Severity.CRITICAL, {"missed": 2})
    successor.missed(missed(1), at(31))
    assert only(database).details == {"missed": 3}


def test_other_signals_are_left_alone(outage: Outage, database: Database) -> None:
    other = Signal(kind="source_changed", subject="prefect", severity=Severity.INFO, message="look")
    with database.session() as session:
        signals.raise_signal(session, other, NOW)
    outage.back(at(1))
    assert only(database).resolved_at is None


def test_a_long_reason_is_cut(outage: Outage, database: Database) -> None:
    for seconds in (0, 20):
        outage.away("x" * 2000, at(seconds))
    assert len(only(database).message) == 500
