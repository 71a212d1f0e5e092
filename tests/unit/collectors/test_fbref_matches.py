"""FBref's matches and match pages."""

import re

import pytest

from src.collectors.fbref.mapping import matches, stats
from src.collectors.fbref.parse_schedule import parse_schedule
from src.collectors.fbref.parse_stats import parse_stats
from src.core.errors import SourceChanged
from src.domain.match import Gender, MatchStatus, Score, SourceMatch
from src.domain.team import SquadLevel
from tests.unit.collectors.payloads import fbref_match_page, fbref_page, fbref_row

SHA = "ab" * 32


def only(page: bytes) -> SourceMatch:
    told = matches(parse_schedule(page), SHA)
    assert told.rejected == ()
    (match,) = told.rows
    return match


@pytest.mark.parametrize(
    ("notes", "score", "status"),
    [
        ("", "2\u20131", MatchStatus.FINISHED),
        ("", "", MatchStatus.SCHEDULED),
        ("Required Extra Time", "2\u20131", MatchStatus.AFTER_EXTRA_TIME),
        ("", "(5) 1\u20131 (4)", MatchStatus.AFTER_PENALTIES),
        ("Match Postponed", "", MatchStatus.POSTPONED),
        ("Match Cancelled", "1\u20130", MatchStatus.CANCELLED),
        ("Match Suspended", "1\u20130", MatchStatus.ABANDONED),
        ("Match awarded to Brixworth", "0\u20133", MatchStatus.AWARDED),
        ("Leg 1 of 2", "2\u20131", MatchStatus.FINISHED),
    ],
)
def test_status_follows_the_notes_and_the_score(notes: str, score: str, status: MatchStatus) -> None:
    assert only(fbref_page(fbref_row(notes=notes, score=score))).status is status


@pytest.mark.parametrize("dash", ["\u2013", "\u2014", "-", "\u2212", "\u2010"])
def test_any_dash_stands_between_the_goals(dash: str) -> None:
    assert only(fbref_page(fbref_row(score=f"2{dash}1"))).score_90 == Score(home=2, away=1)


@pytest.mark.parametrize("left_out", ["gameweek", "home_xg", "away_xg", "notes", "date", "start_time"])
def test_a_layout_may_leave_columns_out(left_out: str) -> None:
    row = re.sub(rf"<t([hd]) data-stat='{left_out}'.*?</t\1>", "", fbref_row())
    assert len(parse_schedule(fbref_page(row)).rows) == 1


def test_a_cups_round_is_the_stage() -> None:
    row = fbref_row().replace("<th data-stat='gameweek'>27</th>", "<th data-stat='round'>Semi-finals</th>")
    assert only(fbref_page(row)).stage == "Semi-finals"
    assert only(fbref_page(fbref_row())).stage == "27"


def test_a_match_without_day_and_time_is_rejected() -> None:
    row = fbref_row().replace("data-venue-epoch", "data-none")
    row = re.sub(r"<td data-stat='date'.*?</td>", "", row)
    told = matches(parse_schedule(fbref_page(row)), SHA)
    assert (told.rows, [item.key for item in told.rejected]) == ((), ["0a1b2c3d"])


def test_the_zone_of_a_venue_is_that_of_its_league_where_the_clock_agrees() -> None:
    assert only(fbref_page(fbref_row())).venue_timezone == "Europe/London"
    assert only(fbref_page(fbref_row(), competition=12)).venue_timezone is None
    assert only(fbref_page(fbref_row(), competition=999)).venue_timezone is None


def test_youth_competitions_are_told_by_their_number() -> None:
    assert only(fbref_page(fbref_row(), competition=852)).squad_level is SquadLevel.U21


def test_a_table_of_all_stages_takes_its_competition_from_the_pages_address() -> None:
    link = b"<link rel='canonical' href='https://x.example/en/comps/208/2025-2026/schedule/y'>"
    page = fbref_page(fbref_row()).replace(b"<head>", b"<head>" + link)
    page = page.replace(b"sched_2025-2026_9_1", b"sched_all")
    match = only(page)
    assert (match.competition.source_id, match.season, match.gender) == ("208", "2025-2026", Gender.WOMEN)
    told = matches(parse_schedule(page.replace(link, b"")), SHA)
    assert (told.rows, len(told.rejected)) == ((), 1)


def figures(page: bytes) -> dict[tuple[str, str], tuple[float, str]]:
    told = stats(parse_stats(page))
    assert told.rejected == ()
    return {(stat.side, stat.key): (stat.value, stat.unit) for stat in told.rows}


@pytest.mark.parametrize("hidden", [True, False])
def test_a_match_pages_figures_are_of_both_sides_commented_out_or_not(hidden: bool) -> None:
    assert figures(fbref_match_page(hidden=hidden)) == {
        ("home", "shots"): (19, "count"),
        ("home", "yellow_cards"): (2, "count"),
        ("home", "expected_goals"): (2.1, "xg"),
        ("home", "fouls"): (1007, "count"),
        ("home", "aerials_won_pct"): (50, "percent"),
        ("away", "shots"): (10, "count"),
        ("away", "yellow_cards"): (1, "count"),
        ("home", "possession"): (61, "percent"),
        ("away", "possession"): (39, "percent"),
        ("home", "accurate_passes_percent"): (82, "percent"),
        ("home", "accurate_passes"): (430, "count"),
        ("home", "passes"): (524, "count"),
        ("away", "accurate_passes_percent"): (70, "percent"),
        ("away", "accurate_passes"): (209, "count"),
        ("away", "passes"): (299, "count"),
    }


def test_advanced_figures_are_optional() -> None:
    assert ("home", "expected_goals") not in figures(fbref_match_page(advanced=False))


def test_a_figure_that_is_none_is_rejected_and_the_rest_kept() -> None:
    told = stats(parse_stats(fbref_match_page().replace(b">19<", b">n/a<")))
    assert {item.key for item in told.rejected} == {
        "stats_11112222_summary/shots",
        "stats_11112222_misc/shots",
    }
    assert ("away", "shots") in {(stat.side, stat.key) for stat in told.rows}


def test_a_table_of_another_squad_is_rejected() -> None:
    told = parse_stats(fbref_match_page().replace(b"stats_33334444_summary", b"stats_99990000_summary"))
    assert [item.key for item in told.rejected] == ["stats_99990000_summary"]


@pytest.mark.parametrize("lost", [b"canonical", b"scorebox"])
def test_a_page_that_tells_no_match_is_a_changed_source(lost: bytes) -> None:
    with pytest.raises(SourceChanged):
        parse_stats(fbref_match_page().replace(lost, b"gone"))
