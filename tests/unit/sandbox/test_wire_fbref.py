"""FBref's page has the recorded one's table, cells and dirt."""

import gzip
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from lxml import html

from src.sandbox.pages.fbref import schedule
from tests.unit.sandbox.worlds import KICKOFF, NOW, fixture, made_world

AFTER = KICKOFF + timedelta(hours=3)


def table(page: bytes) -> Any:
    [found] = html.fromstring(page.decode()).xpath("//table[starts-with(@id, 'sched')]")
    return found


def cells(row: Any) -> dict[str, Any]:
    return {cell.get("data-stat"): cell for cell in row.xpath("./th|./td")}


def season(code: str = "E0", label: str = "2025-2026") -> list[Any]:
    return [f for f in made_world().fixtures if (f.competition.code, f.season) == (code, label)]


def test_a_played_row_reads_as_a_recorded_one(shared_data: Path) -> None:
    page = gzip.decompress((shared_data / "fbref/schedule_2025-2026_comp13.html.gz").read_bytes())
    recorded = table(page)
    made = table(schedule("2025-2026", [fixture()], AFTER, with_xg=True))
    assert made.get("id") == recorded.get("id")
    real, row = (cells(found.xpath("./tbody/tr")[0]) for found in (recorded, made))
    assert list(row) == list(real)
    for stat in ("start_time", "date", "home_team", "score", "match_report"):
        assert _shape(row[stat]) == _shape(real[stat])


def _shape(cell: Any) -> list[tuple[str, list[str]]]:
    return [(node.tag, sorted(node.attrib)) for node in cell.iter() if node.tag in {"a", "span"}]


def test_a_played_row_carries_epoch_local_time_score_and_ids() -> None:
    row = cells(table(schedule("2025-2026", [fixture()], AFTER, with_xg=True)).xpath("./tbody/tr")[0])
    assert row["start_time"].xpath("./span/@data-venue-epoch") == [str(int(KICKOFF.timestamp()))]
    assert row["start_time"].xpath("./span/@data-venue-time") == ["16:00"]
    assert row["score"].text_content() == "2–1"  # noqa: RUF001 - an en dash, as on the site
    assert re.match(r"/en/matches/[0-9a-f]{8}/", row["match_report"].xpath("./a/@href")[0])
    assert re.match(r"/en/squads/[0-9a-f]{8}/", row["home_team"].xpath("./a/@href")[0])
    assert row["home_xg"].text_content() == "1.4"


def test_a_row_to_come_has_no_score_and_no_match_id() -> None:
    row = cells(table(schedule("2025-2026", [fixture()], NOW, with_xg=True)).xpath("./tbody/tr")[0])
    assert row["score"].text_content() == ""
    assert row["match_report"].text_content() == "Head-to-Head"
    assert row["match_report"].xpath("./a/@href")[0].startswith("/en/stathead/")


def test_a_season_has_spacers_a_second_head_and_no_break_spaces_and_every_match() -> None:
    page = schedule("2025-2026", season(), NOW, with_xg=False)
    rows = table(page).xpath("./tbody/tr")
    assert any("spacer" in (row.get("class") or "") for row in rows)
    assert any(row.get("class") == "thead" for row in rows)
    assert b"&nbsp;" in page
    assert len([row for row in rows if not row.get("class")]) == 380
    assert "home_xg" not in cells(rows[0])


def test_a_postponed_match_has_a_note_instead_of_a_score() -> None:
    match = fixture(kickoff=KICKOFF + timedelta(days=28), postponed_from=KICKOFF)
    row = cells(table(schedule("2025-2026", [match], AFTER, with_xg=False)).xpath("./tbody/tr")[0])
    assert row["notes"].text_content() == "Match Postponed"
    assert row["score"].text_content() == ""
