"""What every ledger promises, held against the one in memory and the one on Postgres."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest
from sqlalchemy import text

from src.database.connection import Database
from src.database.leadership import Leadership, LeadershipLost
from src.database.ledger import PostgresLedger
from src.database.schedule import views
from src.domain.entry import Interval, Runner
from src.domain.fire import Fire, fire_id
from src.domain.ports import Due, Ledger, Scheduled, Sent, Step
from tests.entries import MINUTELY, NIGHTLY
from tests.fakes.ledger import MemoryLedger

pytestmark = pytest.mark.integration

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NEXT = AT + timedelta(minutes=1)


class Subject(Protocol):
    ledger: Ledger
    epoch: int

    def depose(self) -> None: ...


class InMemory:
    def __init__(self) -> None:
        self.ledger = MemoryLedger()
        self.epoch = 1

    def depose(self) -> None:
        self.ledger.epoch += 1


class OnPostgres:
    def __init__(self, database: Database, url: str) -> None:
        self._database, self._url = database, url
        self.ledger = PostgresLedger(database)
        self.leadership = Leadership(url, "first")
        assert self.leadership.campaign(AT)
        self.epoch = self.leadership.epoch or 0

    def depose(self) -> None:
        with self._database.session() as session:
            session.execute(text("update leadership set epoch = epoch + 1"))


@pytest.fixture(params=["memory", "postgres"])
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    if request.param == "memory":
        yield InMemory()
        return
    on_postgres = OnPostgres(request.getfixturevalue("database"), request.getfixturevalue("database_url"))
    yield on_postgres
    on_postgres.leadership.resign()


def declared(subject: Subject) -> Ledger:
    planned = [Scheduled(entry=entry, next_due=NEXT) for entry in (MINUTELY, NIGHTLY)]
    subject.ledger.declare(subject.epoch, planned, AT)
    return subject.ledger


def due(name: str, at: datetime = NEXT, missed: str | None = None) -> Due:
    return Due(fire=Fire(id=fire_id(name, at), entry=name, due_at=at, parameters={"n": 1}), missed=missed)


def test_declaring_twice_changes_nothing(subject: Subject) -> None:
    ledger = declared(subject)
    before = sorted(ledger.schedule(), key=lambda item: item.entry.name)
    later = [Scheduled(entry=item.entry, next_due=NEXT + timedelta(days=1)) for item in before]
    ledger.declare(subject.epoch, later, NEXT)
    assert sorted(ledger.schedule(), key=lambda item: item.entry.name) == before
    assert before[0].entry == MINUTELY


def test_a_changed_cadence_is_due_anew(subject: Subject) -> None:
    from dataclasses import replace

    ledger = declared(subject)
    changed = replace(MINUTELY, cadence=Interval(every_s=5))
    ledger.declare(subject.epoch, [Scheduled(entry=changed, next_due=AT)], AT)
    assert [(item.entry, item.next_due) for item in ledger.schedule()] == [(changed, AT)]


def test_a_due_time_is_written_once(subject: Subject) -> None:
    ledger = declared(subject)
    assert ledger.claim(subject.epoch, [due("minutely"), due("nightly")], {}, NEXT).new == 2
    assert ledger.claim(subject.epoch, [due("minutely")], {}, NEXT).new == 0
    assert [item.fire.id for item in ledger.unsent(Runner.CELERY, 10, AT)] == [fire_id("minutely", NEXT)]


def test_claiming_advances_the_entry(subject: Subject) -> None:
    ledger = declared(subject)
    ledger.claim(
        subject.epoch,
        [due("minutely")],
        {"minutely": Step(was=NEXT, next_due=NEXT + timedelta(minutes=1))},
        NEXT,
    )
    next_due = {item.entry.name: item.next_due for item in ledger.schedule()}
    assert next_due == {"minutely": NEXT + timedelta(minutes=1), "nightly": NEXT}


def test_an_entry_that_was_edited_since_it_was_read_is_not_claimed(subject: Subject) -> None:
    ledger = declared(subject)
    read_before_the_edit = Step(was=AT, next_due=NEXT + timedelta(minutes=1))
    sound = Step(was=NEXT, next_due=None)
    claimed = ledger.claim(
        subject.epoch,
        [due("minutely", at=AT), due("nightly")],
        {"minutely": read_before_the_edit, "nightly": sound},
        NEXT,
    )
    assert (claimed.new, claimed.stale) == (1, True)
    assert {item.entry.name: item.next_due for item in ledger.schedule()} == {
        "minutely": NEXT,
        "nightly": None,
    }


def test_unsent_fires_come_with_their_entry_and_parameters(subject: Subject) -> None:
    ledger = declared(subject)
    ledger.claim(subject.epoch, [due("nightly")], {}, NEXT)
    (item,) = ledger.unsent(Runner.PREFECT, 10, AT)
    assert item.entry == NIGHTLY
    assert item.fire == due("nightly").fire


def test_a_missed_due_time_is_never_sent(subject: Subject) -> None:
    ledger = declared(subject)
    ledger.claim(subject.epoch, [due("minutely", missed="too late")], {}, NEXT)
    assert ledger.unsent(Runner.CELERY, 10, AT) == []


def test_a_sent_fire_is_not_sent_again(subject: Subject) -> None:
    ledger = declared(subject)
    ledger.claim(subject.epoch, [due("minutely")], {}, NEXT)
    ledger.mark_sent(subject.epoch, [Sent(id=fire_id("minutely", NEXT))], NEXT)
    assert ledger.unsent(Runner.CELERY, 10, AT) == []


def test_a_celery_fire_that_was_sent_and_never_begun_is_unsent_again(subject: Subject) -> None:
    ledger = declared(subject)
    ledger.claim(subject.epoch, [due("minutely"), due("nightly")], {}, NEXT)
    both = [Sent(id=fire_id(name, NEXT)) for name in ("minutely", "nightly")]
    ledger.mark_sent(subject.epoch, both, NEXT)
    later = NEXT + timedelta(minutes=1)
    (again,) = ledger.unsent(Runner.CELERY, 10, later)
    assert again.again
    assert ledger.unsent(Runner.PREFECT, 10, later) == []
    ledger.mark_sent(subject.epoch, [Sent(id=again.fire.id)], later)
    assert ledger.unsent(Runner.CELERY, 10, later) == []


def test_a_fire_that_no_worker_began_can_end_as_missed(subject: Subject) -> None:
    ledger = declared(subject)
    ledger.claim(subject.epoch, [due("minutely")], {}, NEXT)
    ledger.mark_sent(subject.epoch, [Sent(id=fire_id("minutely", NEXT))], NEXT)
    ledger.mark_missed(subject.epoch, fire_id("minutely", NEXT), "nobody began it", NEXT)
    assert ledger.unsent(Runner.CELERY, 10, NEXT + timedelta(minutes=1)) == []


def test_an_old_epoch_writes_nothing(subject: Subject) -> None:
    ledger = declared(subject)
    ledger.claim(subject.epoch, [due("minutely")], {}, NEXT)
    subject.depose()
    with pytest.raises(LeadershipLost):
        ledger.claim(subject.epoch, [due("nightly")], {"nightly": Step(was=NEXT, next_due=None)}, NEXT)
    with pytest.raises(LeadershipLost):
        ledger.mark_sent(subject.epoch, [Sent(id=fire_id("minutely", NEXT))], NEXT)
    with pytest.raises(LeadershipLost):
        ledger.mark_missed(subject.epoch, fire_id("minutely", NEXT), "late", NEXT)
    with pytest.raises(LeadershipLost):
        ledger.declare(subject.epoch, [], NEXT)
    assert len(ledger.unsent(Runner.CELERY, 10, AT)) == 1
    assert ledger.unsent(Runner.PREFECT, 10, AT) == []
    assert {item.next_due for item in ledger.schedule()} == {NEXT}


def test_a_disabled_entry_leaves_the_schedule_until_it_is_declared_anew(subject: Subject) -> None:
    ledger = declared(subject)
    ledger.disable(subject.epoch, "minutely", "no cadence")
    assert [item.entry.name for item in ledger.schedule()] == ["nightly"]
    declared(subject)
    assert {item.entry.name for item in ledger.schedule()} == {"minutely", "nightly"}


def test_a_row_that_cannot_be_read_is_disabled_with_its_reason_and_shown(
    database: Database, database_url: str
) -> None:
    subject = OnPostgres(database, database_url)
    ledger = declared(subject)
    ledger.claim(subject.epoch, [due("minutely"), due("nightly")], {}, NEXT)
    with database.session() as session:
        session.execute(
            text("""update schedule_entries set cadence = '{"cron": 5}' where name = 'minutely'""")
        )
    assert ledger.unsent(Runner.CELERY, 10, AT) == []
    with database.session() as session:
        assert len(views(session)) == 2
    assert [item.entry.name for item in ledger.schedule()] == ["nightly"]
    with database.session() as session:
        (view,) = [view for view in views(session) if view.entry.name == "minutely"]
    assert not view.enabled
    assert "is no cadence" in (view.disabled_reason or "")
    declared(subject)
    assert len(ledger.unsent(Runner.CELERY, 10, AT)) == 1
    subject.leadership.resign()
