"""The recorded payloads by source and kind, and small hand-written ones of every kind that there is."""

from datetime import UTC, date, datetime
from pathlib import Path

from src.cli.payload_file import about_file, read_payload
from src.collectors.readers import About
from tests.unit.collectors import payloads

#: (source, kind, the files' pattern)
RECORDED = (
    ("fotmob", "day", "fotmob/matches_20251130.json"),
    ("fotmob", "details", "fotmob/match_details_*.json"),
    ("fbref", "schedule", "fbref/schedule_*.html.gz"),
    ("titan007", "day", "titan007/over_2*.html"),
    ("titan007", "day", "titan007/next_2*.html"),
    ("titan007", "schedule", "titan007/bf_jc.txt"),
    ("titan007", "details", "titan007/detail_*.html"),
    ("titan007", "1x2", "titan007/1x2d_*.js"),
    ("titan007", "ah", "titan007/asianodds_*.html"),
    ("titan007", "ou", "titan007/overdown_*.html"),
    ("titan007", "changes", "titan007/changedetail_*.html"),
    ("titan007", "live", "titan007/livestatic_*.js"),
)
CAPTURED = datetime(2026, 3, 7, 12, tzinfo=UTC)
ABOUT = About(
    sha256="ab" * 32,
    captured_at=CAPTURED,
    day=date(2026, 3, 7),
    kickoff=datetime(2026, 3, 7, 15, tzinfo=UTC),
    match_id="7",
    bookmaker="8",
)


def files(shared: Path, pattern: str) -> list[Path]:
    found = sorted(shared.glob(pattern))
    assert found, pattern
    return found


def recorded(path: Path) -> tuple[bytes, About]:
    body = read_payload(path)
    return body, about_file(path, body, captured_at=CAPTURED)


#: A payload of every kind, small enough to be cut and bent many times.
SMALL: dict[tuple[str, str], bytes] = {
    ("fotmob", "day"): payloads.fotmob_day(payloads.fotmob_match(), payloads.fotmob_match(900002)),
    ("fotmob", "league"): payloads.fotmob_league(payloads.fotmob_match()),
    ("fotmob", "details"): payloads.fotmob_details(),
    ("fbref", "schedule"): payloads.fbref_page(payloads.fbref_row(), payloads.fbref_row("ffff0000")),
    ("fbref", "stats"): payloads.fbref_match_page(),
    ("titan007", "day"): payloads.titan_day((11, "7日23:00"), (12, "8日01:45")),
    ("titan007", "schedule"): payloads.titan_schedule(),
    ("titan007", "details"): payloads.titan_match_page(),
    ("titan007", "1x2"): payloads.euro_script(
        payloads.euro_item(), details=("77^2.5|3.2|2.9|03-01 20:00|1|1|1|2026",)
    ),
    ("titan007", "ah"): payloads.lines_page(payloads.line_row(), payloads.line_row(company=47)),
    ("titan007", "ou"): payloads.lines_page(payloads.line_row(), payloads.line_row(company=47)),
    ("titan007", "changes"): payloads.changes_page(),
    ("titan007", "live"): payloads.live_odds(),
    ("titan007 gateway", "1x2"): payloads.gateway({"h": 2.5, "d": "3.2", "a": 2.9}),
    ("titan007 gateway", "ah"): payloads.gateway({"h": 0.95, "l": 0.25, "a": 0.93}),
    ("titan007 gateway", "ou"): payloads.gateway({"o": 0.95, "l": 2.5, "u": 0.93}),
}
