"""What every ledger promises, held against the one in memory and the one on Postgres."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest
from sqlalchemy import text

from src.database.connection import Database
from src.database.leadership import Leadership, LeadershipLost
from src.database.ledger import PostgresLedger
from src.database.schedule import views
from src.database.tables.schedule import FireRow, ScheduleEntryRow
from src.domain.entry import Entry, FlowRunner, Interval, Runner
from src.domain.fire import Fire, FireId, FireState, fire_id
from src.domain.policy import CatchUp, Overlap, Policy
from src.domain.ports import Claimed, Closed, Due, Ledger, Scheduled, Sent, Standing, Step
from tests.entries import MINUTELY, NIGHTLY
from tests.fakes.ledger import MemoryLedger

pytestmark = pytest.mark.integration

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NEXT = AT + timedelta(minutes=1)
LATER = AT + timedelta(minutes=2)


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
        assert self.leadership.campaign()
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


POOLED = replace(NIGHTLY, name="pooled", flow_runner=FlowRunner.POOL)


def declared(subject: Subject, *entries: Entry) -> Ledger:
    planned = [Scheduled(entry=entry, next_due=NEXT) for entry in entries or (MINUTELY, NIGHTLY)]
    subject.ledger.declare(subject.epoch, planned, AT)
    return subject.ledger


def due(
    name: str, at: datetime = NEXT, state: FireState = FireState.CLAIMED, reason: str | None = None
) -> Due:
    fire = Fire(id=fire_id(name, at), entry=name, due_at=at, parameters={})
    return Due(fire=fire, state=state, reason=reason)


def claimed(subject: Subject, *dues: Due, then: datetime = LATER, sent: Sequence[FireId] = ()) -> Claimed:
    """Claim `dues` as the engine does: with the step of each entry, at the revision and due time it has."""
    wanted = {one.fire.entry for one in dues}
    steps = {
        item.entry.name: Step(was=item.next_due, next_due=then, revision=item.revision, fired=1)
        for item in subject.ledger.schedule()
        if item.entry.name in wanted
    }
    return subject.ledger.claim(subject.epoch, dues, steps, sent, NEXT)


def by_name(ledger: Ledger) -> dict[str, Scheduled]:
    return {item.entry.name: item for item in ledger.schedule()}


def test_declaring_twice_changes_nothing(subject: Subject) -> None:
    ledger = declared(subject)
    before = sorted(ledger.schedule(), key=lambda item: item.entry.name)
    later = [Scheduled(entry=item.entry, next_due=NEXT + timedelta(days=1)) for item in before]
    ledger.declare(subject.epoch, later, NEXT)
    assert sorted(ledger.schedule(), key=lambda item: item.entry.name) == before
    assert before[0].entry == MINUTELY


def test_a_changed_cadence_is_due_anew(subject: Subject) -> None:
    ledger = declared(subject)
    changed = replace(MINUTELY, cadence=Interval(every_s=5))
    ledger.declare(subject.epoch, [Scheduled(entry=changed, next_due=AT)], AT)
    assert [(item.entry, item.next_due) for item in ledger.schedule()] == [(changed, AT)]


def test_an_entry_comes_back_with_all_its_policy(subject: Subject) -> None:
    policy = Policy(
        overlap=Overlap.BUFFER_ALL, buffer_limit=3, catch_up=CatchUp.LATEST, pause_after=4,
        catch_up_window=timedelta(minutes=7), jitter=timedelta(seconds=5), start=AT, end=LATER, max_fires=9,
        expires=timedelta(minutes=2), catch_up_limit=5,
    )  # fmt: skip
    ledger = declared(subject, replace(MINUTELY, policy=policy))
    assert ledger.schedule()[0].entry.policy == policy


def test_entries_may_be_read_by_name(subject: Subject) -> None:
    ledger = declared(subject)
    assert [item.entry for item in ledger.schedule(["nightly", "unknown"])] == [NIGHTLY]


def test_a_due_time_is_written_once(subject: Subject) -> None:
    ledger = declared(subject)
    assert claimed(subject, due("minutely"), due("nightly"), then=NEXT) == Claimed()
    again = claimed(subject, due("minutely"), then=NEXT)
    assert again == Claimed(lost=frozenset({fire_id("minutely", NEXT)}))
    assert [item.fire.id for item in ledger.unsent(Runner.CELERY, 10, AT)] == [fire_id("minutely", NEXT)]


def test_a_claim_returns_the_parameters_that_it_wrote(subject: Subject) -> None:
    declared(subject, replace(MINUTELY, parameters={"n": 1, "text": "it's {}"}), NIGHTLY)
    made = claimed(subject, due("minutely"), due("nightly"))
    assert made.parameters == {"minutely": {"n": 1, "text": "it's {}"}}


def test_claiming_advances_and_counts(subject: Subject) -> None:
    ledger = declared(subject)
    claimed(subject, due("minutely"))
    found = by_name(ledger)
    assert (found["minutely"].next_due, found["minutely"].fired) == (LATER, 1)
    assert (found["nightly"].next_due, found["nightly"].fired) == (NEXT, 0)


def test_an_entry_that_was_edited_since_it_was_read_is_not_claimed(subject: Subject) -> None:
    ledger = declared(subject)
    sound = Step(was=NEXT, next_due=None)
    for outdated in (Step(was=AT, next_due=LATER), Step(was=NEXT, next_due=LATER, revision=7)):
        dues = [due("minutely", at=AT), due("nightly")]
        made = ledger.claim(subject.epoch, dues, {"minutely": outdated, "nightly": sound}, (), NEXT)
        assert made.stale >= {"minutely"}
    assert {name: item.next_due for name, item in by_name(ledger).items()} == {
        "minutely": NEXT,
        "nightly": None,
    }
    assert ledger.unsent(Runner.CELERY, 10, AT) == []


def test_moving_an_entry_sets_its_due_time_without_a_fire(subject: Subject) -> None:
    ledger = declared(subject)
    assert ledger.move(subject.epoch, {"minutely": Step(was=NEXT, next_due=None)}, AT) == frozenset()
    assert ledger.move(subject.epoch, {"minutely": Step(was=None, next_due=LATER)}, AT) == frozenset()
    assert ledger.move(subject.epoch, {"minutely": Step(was=NEXT, next_due=AT)}, AT) == {"minutely"}
    assert by_name(ledger)["minutely"].next_due == LATER
    assert ledger.unsent(Runner.CELERY, 10, AT) == []


def test_unsent_fires_come_with_their_entry_and_parameters(subject: Subject) -> None:
    entry = replace(NIGHTLY, parameters={"n": 1, "text": 'it\'s {}"ü"'})
    ledger = declared(subject, entry)
    claimed(subject, Due(fire=replace(due("nightly").fire, parameters=entry.parameters)))
    (item,) = ledger.unsent(Runner.PREFECT, 10, AT)
    assert (item.entry, item.since) == (entry, NEXT)
    assert item.fire == replace(due("nightly").fire, parameters=entry.parameters)


@pytest.mark.parametrize("state", [FireState.MISSED, FireState.SKIPPED, FireState.BUFFERED])
def test_only_a_claimed_due_time_is_sent(subject: Subject, state: FireState) -> None:
    ledger = declared(subject)
    claimed(subject, due("minutely", state=state, reason='it\'s "so"'))
    assert ledger.unsent(Runner.CELERY, 10, AT) == []


def test_a_sent_fire_is_not_sent_again(subject: Subject) -> None:
    ledger = declared(subject)
    claimed(subject, due("minutely"))
    ledger.mark_sent(subject.epoch, [Sent(id=fire_id("minutely", NEXT))], NEXT)
    assert ledger.unsent(Runner.CELERY, 10, AT) == []


def test_the_next_claim_marks_what_was_sent(subject: Subject) -> None:
    ledger = declared(subject)
    claimed(subject, due("minutely"))
    claimed(subject, due("minutely", at=LATER), sent=[fire_id("minutely", NEXT)])
    assert [item.fire.due_at for item in ledger.unsent(Runner.CELERY, 10, AT)] == [LATER]
    ledger.claim(subject.epoch, (), {}, [fire_id("minutely", LATER)], NEXT)
    assert ledger.unsent(Runner.CELERY, 10, AT) == []


def test_a_fire_that_was_sent_through_the_broker_and_never_begun_is_unsent_again(subject: Subject) -> None:
    ledger = declared(subject, MINUTELY, NIGHTLY, POOLED)
    claimed(subject, due("minutely"), due("nightly"), due("pooled"))
    sent = [Sent(id=fire_id(name, NEXT)) for name in ("minutely", "nightly", "pooled")]
    ledger.mark_sent(subject.epoch, sent, NEXT)
    assert ledger.unsent(Runner.CELERY, 10) == []
    (again,) = ledger.unsent(Runner.CELERY, 10, LATER)
    assert (again.silent_since, again.again) == (LATER, True)
    assert [ledger.unbegun(runner) for runner in (Runner.CELERY, Runner.PREFECT)] == [1, 1]
    # Prefect keeps what waits in a work pool; a flow for the Celery workers hangs on a message.
    assert [item.entry.name for item in ledger.unsent(Runner.PREFECT, 10, LATER)] == ["nightly"]
    ledger.mark_sent(subject.epoch, [Sent(id=again.fire.id)], LATER)
    assert ledger.unsent(Runner.CELERY, 10, LATER) == []


def test_a_fire_that_no_worker_began_can_be_closed(subject: Subject) -> None:
    ledger = declared(subject)
    claimed(subject, due("minutely"))
    fire = fire_id("minutely", NEXT)
    ledger.mark_sent(subject.epoch, [Sent(id=fire)], NEXT)
    closed = Closed(id=fire, state=FireState.MISSED, reason="nobody began it")
    ledger.close(subject.epoch, [closed], NEXT)
    ledger.close(subject.epoch, [replace(closed, state=FireState.EXPIRED)], NEXT)
    assert ledger.unsent(Runner.CELERY, 10, LATER) == []
    assert ledger.standings(["minutely"]).get("minutely", Standing()) == Standing()


def test_a_standing_tells_what_is_open_and_what_waits(subject: Subject) -> None:
    ledger = declared(subject)
    times = [NEXT + timedelta(minutes=n) for n in range(4)]
    states = [FireState.CLAIMED, FireState.BUFFERED, FireState.BUFFERED, FireState.SKIPPED]
    claimed(subject, *(due("minutely", at, state) for at, state in zip(times, states, strict=True)))
    ids = [fire_id("minutely", at) for at in times]
    standing = Standing(open=(ids[0],), buffered=(ids[1], ids[2]))
    assert ledger.standings(["minutely", "unknown"])["minutely"] == standing


def test_buffered_fires_are_released_one_by_one(subject: Subject) -> None:
    ledger = declared(subject)
    times = [NEXT + timedelta(minutes=n) for n in range(3)]
    states = [FireState.CLAIMED, FireState.BUFFERED, FireState.BUFFERED]
    claimed(subject, *(due("minutely", at, state) for at, state in zip(times, states, strict=True)))
    assert ledger.release(subject.epoch, NEXT) == 0
    for at in times[:2]:
        closed = Closed(id=fire_id("minutely", at), state=FireState.REVOKED, reason="x")
        ledger.close(subject.epoch, [closed], NEXT)
        assert ledger.release(subject.epoch, NEXT) == 1
        assert ledger.release(subject.epoch, NEXT) == 0
    assert [item.fire.due_at for item in ledger.unsent(Runner.CELERY, 10, AT)] == [times[2]]


def test_beat_may_pause_an_entry_once(subject: Subject) -> None:
    ledger = declared(subject)
    for _ in range(2):
        ledger.pause(subject.epoch, "minutely", "it failed", AT)
    item = by_name(ledger)["minutely"]
    assert (item.paused, item.revision) == ("paused by beat: it failed", 2)


def test_an_old_epoch_writes_nothing(subject: Subject) -> None:
    ledger = declared(subject)
    claimed(subject, due("minutely"))
    subject.depose()
    fire = fire_id("minutely", NEXT)
    step = {"nightly": Step(was=NEXT, next_due=None)}
    writes: list[Callable[[], object]] = [
        lambda: ledger.claim(subject.epoch, [due("nightly")], step, (), NEXT),
        lambda: ledger.claim(subject.epoch, (), {}, [fire], NEXT),
        lambda: ledger.move(subject.epoch, step, NEXT),
        lambda: ledger.mark_sent(subject.epoch, [Sent(id=fire)], NEXT),
        lambda: ledger.close(subject.epoch, [Closed(id=fire, state=FireState.MISSED, reason="late")], NEXT),
        lambda: ledger.release(subject.epoch, NEXT),
        lambda: ledger.pause(subject.epoch, "minutely", "x", NEXT),
        lambda: ledger.disable(subject.epoch, "minutely", "x"),
        lambda: ledger.declare(subject.epoch, [], NEXT),
    ]
    for write in writes:
        with pytest.raises(LeadershipLost):
            write()
    assert len(ledger.unsent(Runner.CELERY, 10, AT)) == 1
    assert ledger.unsent(Runner.PREFECT, 10, AT) == []
    assert {name: item.next_due for name, item in by_name(ledger).items()} == {
        "minutely": LATER,
        "nightly": NEXT,
    }


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
    claimed(subject, due("minutely"), due("nightly"))
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


def test_failures_in_a_row_are_counted_up_to_the_last_success(database: Database, database_url: str) -> None:
    subject = OnPostgres(database, database_url)
    ledger = declared(subject)
    outcome = [FireState.FAILED, FireState.SUCCEEDED, FireState.FAILED, FireState.SKIPPED, FireState.LOST]
    for number, state in enumerate(outcome):
        at = NEXT + timedelta(minutes=number)
        claimed(subject, due("minutely", at))
        with database.session() as session:
            row = session.get_one(FireRow, fire_id("minutely", at))
            row.state, row.finished_at = state, at
    assert ledger.standings(["minutely"])["minutely"].failures == 2
    with database.session() as session:
        session.get_one(ScheduleEntryRow, "minutely").counted_from = NEXT + timedelta(minutes=4)
    assert ledger.standings(["minutely"])["minutely"].failures == 1


def test_an_entry_of_another_origin_is_scheduled_and_no_declaration_touches_it(
    database: Database, database_url: str
) -> None:
    subject = OnPostgres(database, database_url)
    ledger = declared(subject)
    with database.session() as session:
        session.get_one(ScheduleEntryRow, "nightly").origin = "the club's own"
    declared(subject, MINUTELY)
    assert set(by_name(ledger)) == {"minutely", "nightly"}
    declared(subject)
    declared(subject, MINUTELY)
    assert set(by_name(ledger)) == {"minutely"}, "declared once more, it belongs to the catalog"
