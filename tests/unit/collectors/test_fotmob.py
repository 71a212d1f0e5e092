"""FotMob's JSON, hand-written and recorded."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from src.collectors.fotmob.mapping import stats as stats_of
from src.collectors.fotmob.mapping import status_of, to_match
from src.collectors.fotmob.parse_day import parse_day
from src.collectors.fotmob.parse_details import parse_details
from src.core.errors import BadData, SourceChanged
from src.domain.match import Gender, MatchStatus, Score, SourceMatch
from tests.unit.collectors.payloads import fotmob_day, fotmob_match

SHA = "ab" * 32


def only_match(body: bytes) -> SourceMatch:
    parsed = parse_day(body)
    assert parsed.rejected == ()
    (row,) = parsed.rows
    return to_match(row, SHA)


def test_finished_match_has_its_score_and_utc_kick_off() -> None:
    match = only_match(fotmob_day(fotmob_match()))
    assert match.kickoff_utc == datetime(2026, 2, 28, 15, tzinfo=UTC)
    assert (match.score_90, match.score_final) == (Score(home=2, away=1), Score(home=2, away=1))
    assert match.season == "2025-2026"
    assert (match.home.name, match.home.short_name) == ("Aldham United", "Aldham Utd")


def test_a_time_of_another_zone_becomes_utc_and_one_of_none_is_rejected() -> None:
    match = only_match(fotmob_day(fotmob_match(status={"utcTime": "2026-02-28T16:00:00+01:00"})))
    assert match.kickoff_utc == datetime(2026, 2, 28, 15, tzinfo=UTC)
    told = parse_day(fotmob_day(fotmob_match(status={"utcTime": "2026-02-28T16:00:00"})))
    assert [item.key for item in told.rejected] == ["900001"]


def test_competition_is_the_primary_id_and_not_the_stage() -> None:
    assert (
        only_match(fotmob_day(fotmob_match(), primary_id="87", stage_id=901368)).competition.source_id == "87"
    )


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"reason": {"short": "FT"}}, MatchStatus.FINISHED),
        ({"reason": {"short": "AET"}}, MatchStatus.AFTER_EXTRA_TIME),
        ({"reason": {"short": "Pen"}}, MatchStatus.AFTER_PENALTIES),
        ({"reason": {"short": "PP"}, "cancelled": True, "finished": False}, MatchStatus.POSTPONED),
        ({"reason": {"short": "Can"}, "cancelled": True, "finished": False}, MatchStatus.CANCELLED),
        ({"reason": {"short": "Ab"}, "finished": False, "cancelled": True}, MatchStatus.ABANDONED),
        ({"reason": {"short": "AW"}}, MatchStatus.AWARDED),
        ({"reason": {"short": "FT"}, "awarded": True}, MatchStatus.AWARDED),
        ({"reason": None, "finished": False, "started": False}, MatchStatus.SCHEDULED),
        ({"reason": {"short": "HT"}, "finished": False, "started": True}, MatchStatus.LIVE),
    ],
)
def test_status_follows_the_reason_and_the_flags(status: dict[str, object], expected: MatchStatus) -> None:
    assert status_of(parse_day(fotmob_day(fotmob_match(status=status))).rows[0]) is expected


def test_postponed_match_keeps_no_score_though_the_list_shows_one() -> None:
    status = {"reason": {"short": "PP"}, "cancelled": True, "finished": False, "started": False}
    match = only_match(fotmob_day(fotmob_match(status=status)))
    assert (match.score_90, match.score_final) == (None, None)


def test_score_after_extra_time_is_not_that_of_90_minutes() -> None:
    status = {"reason": {"short": "AET"}, "halfs": {"firstExtraHalfStarted": "28.02.2026 18:01:00"}}
    match = only_match(fotmob_day(fotmob_match(status=status)))
    assert (match.score_90, match.score_final) == (None, Score(home=2, away=1))


def test_one_malformed_match_is_rejected_and_the_rest_kept() -> None:
    broken = fotmob_match(900002, home={"id": 103, "name": ""})
    parsed = parse_day(fotmob_day(fotmob_match(), broken, {"id": 3}))  # type: ignore[arg-type]
    assert [row.id for row in parsed.rows] == ["900001"]
    assert [(item.key, json.loads(item.record)["id"]) for item in parsed.rejected] == [
        ("900002", 900002),
        ("3", 3),
    ]


def test_truncated_json_is_bad_data_and_another_structure_is_a_changed_source() -> None:
    with pytest.raises(BadData):
        parse_day(fotmob_day(fotmob_match())[:-9])
    with pytest.raises(SourceChanged):
        parse_day(b'{"error": "gone"}')


def test_recorded_day_parses_whole(shared_data: Path) -> None:
    parsed = parse_day((shared_data / "fotmob/matches_20251130.json").read_bytes())
    matches = [to_match(row, SHA) for row in parsed.rows]
    assert parsed.rejected == ()
    assert Counter(match.status for match in matches) == {
        MatchStatus.FINISHED: 339,
        MatchStatus.AFTER_EXTRA_TIME: 2,
        MatchStatus.AFTER_PENALTIES: 1,
        MatchStatus.POSTPONED: 1,
        MatchStatus.CANCELLED: 1,
    }
    by_id = {match.source_match_id: match for match in matches}
    assert by_id["4813498"].kickoff_utc == datetime(2025, 11, 30, 12, tzinfo=UTC)
    assert by_id["5072046"].penalties == Score(home=1, away=3)
    assert by_id["5072046"].score_90 == Score(home=0, away=1)
    assert by_id["4933154"].score_final is None
    assert {match.kickoff_utc.date().isoformat() for match in matches} == {"2025-11-30"}
    assert any(match.competition.gender is Gender.WOMEN for match in matches)


@pytest.mark.parametrize(
    ("name", "match_id", "xg", "tackles"),
    [("2023", "4193696", 2.38, None), ("4813374", "4813374", 2.21, 16.0)],
)
def test_recorded_details_give_figures(
    shared_data: Path, name: str, match_id: str, xg: float, tackles: float | None
) -> None:
    parsed = parse_details((shared_data / f"fotmob/match_details_{name}.json").read_bytes())
    (details,) = parsed.rows
    figures = stats_of(parsed)
    stats = {(s.side, s.period, s.key): (s.value, s.unit) for s in figures.rows}
    assert parsed.rejected == figures.rejected == ()
    assert details.match_id == match_id
    assert stats["home", "ft", "expected_goals"] == (xg, "xg")
    assert stats["home", "ft", "possession"][1] == "percent"
    assert stats["home", "ft", "accurate_passes"][1] == "count"
    assert stats["home", "ft", "accurate_passes_percent"][1] == "percent"
    assert stats.get(("home", "ft", "tackles"), (None,))[0] == tackles
    assert {period for _, period, _ in stats} == {"ft", "h1", "h2"}


def test_details_without_coverage_have_no_figures() -> None:
    body = json.dumps({"general": {"matchId": 7}, "content": {"stats": None}}).encode()
    assert parse_details(body).rows[0].stats == ()
