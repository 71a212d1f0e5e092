"""FBref's schedules, hand-written and recorded."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from src.collectors.fbref.mapping import to_fixture, to_stats
from src.collectors.fbref.parse_schedule import parse_schedule
from src.core.errors import SourceChanged
from src.domain.match import Score
from tests.unit.collectors.payloads import fbref_page, fbref_row


def test_played_match() -> None:
    (row,) = parse_schedule(fbref_page(fbref_row())).rows
    assert (row.id, row.competition_id, row.season) == ("0a1b2c3d", "9", "2025-2026")
    assert row.kickoff_utc == datetime(2026, 2, 28, 15, tzinfo=UTC)
    assert row.score == Score(home=2, away=1)
    assert [stat.value for stat in to_stats(row)] == [1.8, 0.7]


def test_expected_goals_are_optional() -> None:
    (row,) = parse_schedule(fbref_page(fbref_row(xg=None))).rows
    assert to_stats(row) == []


def test_shoot_out_stands_outside_the_score() -> None:
    (row,) = parse_schedule(fbref_page(fbref_row(score="(3) 1\u20131\u00a0(1)"))).rows
    assert (row.score, row.penalties) == (Score(home=1, away=1), Score(home=3, away=1))


def test_repeats_spacers_and_header_rows_are_no_matches() -> None:
    spacer = "<tr class='spacer'><th data-stat='gameweek'></th><td data-stat='home_team'></td></tr>"
    header = "<tr class='thead'><th data-stat='home_team'>Home</th></tr>"
    assert len(parse_schedule(fbref_page(fbref_row(), spacer, header, fbref_row())).rows) == 1


def test_malformed_row_is_rejected_and_the_rest_kept() -> None:
    parsed = parse_schedule(fbref_page(fbref_row(), fbref_row(match_id="ffff0000", score="two to one")))
    assert [row.id for row in parsed.rows] == ["0a1b2c3d"]
    assert [item.key for item in parsed.rejected] == ["ffff0000"]


def test_page_without_a_schedule_is_a_changed_source() -> None:
    with pytest.raises(SourceChanged):
        parse_schedule(b"<html><body>Just a moment...</body></html>")


@pytest.mark.parametrize(("competition", "matches"), [("9", 380), ("12", 380), ("13", 306), ("20", 306)])
def test_recorded_schedules(shared_data: Path, competition: str, matches: int) -> None:
    page = gzip.decompress((shared_data / f"fbref/schedule_2025-2026_comp{competition}.html.gz").read_bytes())
    parsed = parse_schedule(page)
    assert parsed.rejected == ()
    assert len(parsed.rows) == matches
    assert {row.competition_id for row in parsed.rows} == {competition}
    played = [row for row in parsed.rows if row.score]
    assert len(played) > 100
    assert all(to_fixture(row) and len(to_stats(row)) == 2 for row in played)
