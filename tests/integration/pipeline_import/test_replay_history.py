"""Imported season files, read again as they were kept."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from src.core.clock import FixedClock
from src.database.quarantine import quarantine
from src.database.raw import load_payload
from src.domain.match import Source
from src.domain.payload import WHOLE_PAYLOAD, Rejected
from src.pipeline.context import Context
from src.pipeline.import_history import import_history
from src.pipeline.replay.run import replay
from tests.integration.pipeline_import.test_import_history import everything, rows
from tests.integration.pipeline_import.test_import_history import folder as folder  # a fixture

pytestmark = pytest.mark.integration

HISTORY = [Source.FOOTBALL_DATA]
QUOTES = (
    "select l.source_match_id, b.name, o.market, o.phase, o.line, o.prices, o.observed_at, o.captured_at"
    " from odds_history o join bookmakers b on b.id = o.bookmaker_id"
    " join match_links l on l.match_id = o.match_id order by 1, 2, 3, 4"
)


def test_reading_kept_files_again_changes_nothing(context: Context, folder: Path, clock: FixedClock) -> None:
    import_history(context, folder)
    before = everything(context)
    clock.advance(timedelta(days=3))
    [told] = replay(context, since=clock.now() - timedelta(days=9), sources=HISTORY)
    assert (told.summary.requested, told.summary.parsed, told.summary.changed) == (2, 4, 0)
    assert everything(context) == before


def test_from_the_kept_files_alone_the_same_comes_again(
    context: Context, folder: Path, clock: FixedClock
) -> None:
    import_history(context, folder)
    clock.advance(timedelta(days=3))
    import_history(context, folder, again=True)
    before = rows(context, QUOTES)
    tables = "matches, teams, competitions, bookmakers, odds_latest, odds_history, odds_repeats"
    with context.database.session() as session:
        session.execute(text(f"truncate {tables} cascade"))
    [told] = replay(context, since=clock.now() - timedelta(days=9), sources=HISTORY)
    assert told.summary.changed > 0
    assert len(before) > 0
    assert rows(context, QUOTES) == before


def test_a_file_that_can_be_read_now_leaves_the_quarantine(
    context: Context, folder: Path, clock: FixedClock
) -> None:
    import_history(context, folder)
    [(sha256, *_), *_] = rows(context, "select sha256 from raw_payloads order by url")
    with context.database.session() as session:
        kept = load_payload(session, Source.FOOTBALL_DATA, sha256)
        assert kept is not None
        quarantine(session, kept, [Rejected(key=WHOLE_PAYLOAD, reason="?", record=b"")], clock.now())
    [told] = replay(context, since=clock.now() - timedelta(days=1), sources=HISTORY)
    assert (told.mended, told.summary.changed) == (1, 0)
