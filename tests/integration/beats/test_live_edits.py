"""Edits of the schedule under a running Beat: it follows without a restart."""

import itertools
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from src.core.clock import SystemClock
from src.core.settings import Settings
from src.domain.edit import Author
from src.domain.entry import Interval, OneOff
from src.pipeline import schedule_edits as edits
from src.pipeline.backfill import backfill
from src.pipeline.context import Context
from src.pipeline.run_now import ask_for
from src.pipeline.schedule_checks import Wanted
from tests.integration.beats.flock import Flock, flock

pytestmark = pytest.mark.integration

LENA = Author(who="lena", why="a test")
ONE = "entry-000"


@pytest.fixture
def beats(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[Flock]:
    """A leading Beat whose entries are due once a day, so that only edits make them fire."""
    with flock(tmp_path, database_url, redis_url, entries=3, every_s=86_400) as beats:
        beats.start()
        beats.wait_for(lambda: beats.query("select 1 from schedule_entries"), "declaration")
        yield beats


@pytest.fixture
def work(beats: Flock) -> Context:
    settings = Settings(_env_file=None, database_url=beats.database_url)  # type: ignore[call-arg]
    return Context(settings=settings, clock=SystemClock(), database=beats.database)


def fires(beats: Flock, state: str) -> list[tuple[object, ...]]:
    return beats.query("select entry, due_at from fires where state = %s order by due_at", state)


def test_a_new_cadence_is_followed_at_once_and_fires_at_its_time(beats: Flock, work: Context) -> None:
    due = work.clock.now() + timedelta(seconds=1)
    edits.edit(work, ONE, Wanted(cadence=OneOff(at=due)), LENA)
    beats.wait_for(lambda: fires(beats, "sent"), "fire")
    assert fires(beats, "sent") == [(ONE, due)]
    assert len(beats.messages()) == 1


def test_a_pause_leaves_skipped_rows_and_a_resumption_fires_again(beats: Flock, work: Context) -> None:
    edits.edit(work, ONE, Wanted(cadence=Interval(every_s=0.2)), LENA)
    beats.wait_for(lambda: fires(beats, "sent"), "fire")
    edits.pause(work, ONE, LENA)
    beats.wait_for(lambda: len(fires(beats, "skipped")) >= 3, "skipped rows")
    sent = len(beats.messages())
    ((reason,),) = beats.query("select distinct reason from fires where state = 'skipped'")
    assert reason == "paused by lena: a test"
    beats.wait_for(lambda: len(fires(beats, "skipped")) >= 6, "more skipped rows")
    assert len(beats.messages()) == sent
    edits.resume(work, ONE, LENA)
    beats.wait_for(lambda: len(beats.messages()) > sent, "fire after the pause")
    times = [due for (due,) in beats.query("select due_at from fires order by due_at")]
    gaps = {later - earlier for earlier, later in itertools.pairwise(times)}
    assert gaps == {timedelta(seconds=0.2)}, "each due time has a row"


def test_a_fire_asked_for_by_hand_and_a_backfill_go_out_at_once(beats: Flock, work: Context) -> None:
    asked = ask_for(work, ONE)
    beats.wait_for(lambda: asked.id in beats.messages(), "the fire asked for")
    now = work.clock.now()
    told = backfill(work, ONE, now - timedelta(days=5), now, LENA)
    beats.wait_for(lambda: len(beats.messages()) == 1 + len(told.claimed), "the backfill")
    assert len(told.claimed) == 5


def test_a_row_that_cannot_be_read_is_disabled_with_its_reason_and_beat_goes_on(
    beats: Flock, work: Context
) -> None:
    with beats.database.session() as session:
        session.execute(
            text("""update schedule_entries set cadence = '{"cron": "rubbish"}' where name = 'entry-001'""")
        )
        session.execute(text("select pg_notify('matchbeat_schedule', 'entry-001')"))
    beats.wait_for(
        lambda: beats.query("select 1 from schedule_entries where name = 'entry-001' and not enabled"),
        "disabled entry",
    )
    ((reason,),) = beats.query("select disabled_reason from schedule_entries where name = 'entry-001'")
    assert "is no cadence" in reason
    asked = ask_for(work, ONE)
    beats.wait_for(lambda: asked.id in beats.messages(), "a fire of another entry")
