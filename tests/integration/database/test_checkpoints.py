"""How far a run has come, in a real Postgres."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError

from src.database import checkpoints
from src.database.checkpoints import Arrival
from src.database.connection import Database
from src.pipeline.clean import clean_old_data
from src.pipeline.context import Context
from tests.conftest import NOW

pytestmark = pytest.mark.integration

RUN, OTHER = UUID(int=1), UUID(int=2)


def test_two_marks_are_one(database: Database) -> None:
    for minutes in (0, 1):
        with database.session() as session:
            checkpoints.mark(
                session, RUN, "odds", ["11/1x2", "12/1x2", "11/1x2"], NOW + timedelta(minutes=minutes)
            )
    with database.session() as session:
        assert checkpoints.done(session, RUN, "odds") == {"11/1x2", "12/1x2"}
        assert checkpoints.drop_before(session, NOW + timedelta(seconds=1)) == 2


def test_a_run_and_a_step_have_items_of_their_own(database: Database) -> None:
    with database.session() as session:
        checkpoints.mark(session, RUN, "odds", ["11"], NOW)
        assert checkpoints.done(session, RUN, "fixtures") == set()
        assert checkpoints.done(session, OTHER, "odds") == set()


def test_what_arrived_is_not_done_until_it_is_marked(database: Database) -> None:
    first, second = Arrival("aa", NOW), Arrival("bb", NOW + timedelta(hours=1))
    with database.session() as session:
        checkpoints.mark_arrived(session, RUN, "odds", {"11": first})
        checkpoints.mark_arrived(session, RUN, "odds", {"11": second})
        assert checkpoints.done(session, RUN, "odds") == set()
        assert checkpoints.arrived(session, RUN, "odds") == {"11": first}
        checkpoints.mark(session, RUN, "odds", ["11"], NOW)
        assert checkpoints.done(session, RUN, "odds") == {"11"}
        checkpoints.mark_arrived(session, RUN, "odds", {"11": second})
        assert checkpoints.done(session, RUN, "odds") == {"11"}


def test_a_mark_goes_with_its_transaction(database: Database) -> None:
    def breaks() -> None:
        with database.session() as session:
            checkpoints.mark(session, RUN, "odds", ["11"], NOW)
            session.execute(text("select 1 / 0"))

    with pytest.raises(DataError):
        breaks()
    with database.session() as session:
        assert checkpoints.done(session, RUN, "odds") == set()


def test_the_first_attempt_says_when_the_run_began(database: Database) -> None:
    for hours in (0, 2):
        with database.session() as session:
            assert checkpoints.begin(session, RUN, NOW + timedelta(hours=hours)) == NOW
    with database.session() as session:
        assert checkpoints.begin(session, OTHER, NOW + timedelta(hours=2)) == NOW + timedelta(hours=2)


def test_cleaning_drops_old_checkpoints(context: Context) -> None:
    with context.database.session() as session:
        checkpoints.mark(session, RUN, "odds", ["old"], NOW - timedelta(days=91))
        checkpoints.mark(session, RUN, "odds", ["new"], NOW - timedelta(days=1))
    assert clean_old_data(context)["flow_checkpoints"] == 1
    with context.database.session() as session:
        assert checkpoints.done(session, RUN, "odds") == {"new"}
