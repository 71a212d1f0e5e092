"""The dirt of the real sources, case by case as numbered where it was written down."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from src.collectors.fbref.mapping import matches as fbref_matches
from src.collectors.fbref.parse_schedule import parse_schedule
from src.collectors.fotmob.mapping import matches as fotmob_matches
from src.collectors.fotmob.mapping import stats
from src.collectors.fotmob.parse_day import parse_day
from src.collectors.fotmob.parse_details import parse_details
from src.collectors.titan007.mapping import euro_quotes, line_quotes
from src.collectors.titan007.mapping_matches import matches as titan_matches
from src.collectors.titan007.parse_day import parse_day as parse_titan_day
from src.collectors.titan007.parse_euro import parse_euro
from src.collectors.titan007.parse_lines import parse_lines
from src.collectors.titan007.parse_schedule import parse_schedule as parse_titan_schedule
from src.collectors.titan007.sight import Sight
from src.core.errors import BadData, SourceChanged
from src.domain.match import Gender, MatchStatus, Score, SourceMatch, TeamStat
from src.domain.odds import Market, OddsQuote, Phase
from src.domain.payload import Parsed
from tests.unit.collectors import payloads
from tests.unit.collectors.payloads import (
    fbref_page,
    fbref_row,
    fotmob_day,
    fotmob_match,
    line_row,
    lines_page,
)

SHA = "ab" * 32
KICKOFF = datetime(2026, 3, 7, 15, tzinfo=UTC)
BEFORE = Sight(match_id="1", kickoff=KICKOFF, captured_at=KICKOFF - timedelta(hours=4))
AFTER = Sight(match_id="1", kickoff=KICKOFF, captured_at=KICKOFF + timedelta(days=2))


def of_fotmob(match: dict[str, Any]) -> SourceMatch:
    (told,) = fotmob_matches(parse_day(fotmob_day(match)), SHA).rows
    return told


def of_fbref(*rows: str, **page: Any) -> list[SourceMatch]:
    told = fbref_matches(parse_schedule(fbref_page(*rows, **page)), SHA)
    assert told.rejected == ()
    return list(told.rows)


def of_lines(page: bytes, sight: Sight, market: Market = Market.ASIAN_HANDICAP) -> list[OddsQuote]:
    return list(line_quotes(parse_lines(page), market, sight).rows)


def figures(*items: dict[str, Any]) -> list[TeamStat]:
    told = stats(parse_details(payloads.fotmob_details(*items)))
    assert told.rejected == ()
    return list(told.rows)


def test_dirt_01_a_scripts_month_is_arithmetic_in_utc_and_its_history_is_beijings_without_a_year() -> None:
    body = payloads.euro_script(payloads.euro_item(), details=("77^2.5|3.2|2.9|12-28 20:00|1|1|1",))
    (script,) = parse_euro(body).rows
    assert script.kickoff_utc == KICKOFF
    assert script.quotes[0].changes[0][0] == datetime(2025, 12, 28, 12, tzinfo=UTC)


def test_dirt_01_in_the_recorded_scripts(shared_data: Path) -> None:
    (old,) = parse_euro((shared_data / "titan007/1x2d_2789205.trimmed.js").read_bytes()).rows
    assert (old.match_id, old.kickoff_utc) == ("2789205", datetime(2025, 10, 18, 11, 30, tzinfo=UTC))
    (recent,) = parse_euro((shared_data / "titan007/1x2d_3095429.trimmed.js").read_bytes()).rows
    assert (recent.match_id, recent.kickoff_utc) == (None, datetime(2026, 9, 29, 6, tzinfo=UTC))
    # Beijing's noon of 28 September.
    assert recent.quotes[0].changes[0][0] == datetime(2026, 9, 28, 4, tzinfo=UTC)


def test_dirt_02_months_of_the_lottery_schedule_count_from_0() -> None:
    body = payloads.titan_schedule(payloads.titan_scheduled(at="2026,5,9,19,35,00"))
    assert parse_titan_schedule(body).rows[0].kickoff_utc == datetime(2026, 6, 9, 11, 35, tzinfo=UTC)


def test_dirt_02_in_the_recorded_schedule(shared_data: Path) -> None:
    told = titan_matches(parse_titan_schedule((shared_data / "titan007/bf_jc.txt").read_bytes()), SHA)
    assert told.rejected == ()
    assert [(m.source_match_id, m.kickoff_utc, m.status, m.competition.name) for m in told.rows] == [
        ("2987713", datetime(2026, 6, 9, 11, 35, tzinfo=UTC), MatchStatus.LIVE, "国际友谊"),
        ("2992890", datetime(2026, 6, 9, 17, tzinfo=UTC), MatchStatus.SCHEDULED, "国际友谊"),
    ]


def test_dirt_03_a_404_with_status_200_a_cut_script_a_mark_and_two_encodings() -> None:
    missing = b"<html><head><title>404 Not Found</title></head><body><h1>404</h1></body></html>"
    for parse in (parse_euro, parse_lines, parse_titan_schedule, parse_schedule):
        with pytest.raises(SourceChanged):
            parse(missing)  # type: ignore[operator]
    with pytest.raises(SourceChanged):
        parse_titan_day(missing, date(2026, 3, 7))
    whole = payloads.euro_script(payloads.euro_item())
    assert whole.startswith(b"\xef\xbb\xbf")
    with pytest.raises(BadData, match="cut short inside game"):
        parse_euro(whole[: whole.index(b");\n")])
    day = payloads.titan_day((11, "7日23:00"))
    assert day != day.decode("gb18030").encode()
    assert (
        parse_titan_day(day, date(2026, 3, 7)).rows
        == parse_titan_day(day.decode("gb18030").encode(), date(2026, 3, 7)).rows
    )


def test_dirt_04_titans_goals_above_0_are_what_the_home_side_gives() -> None:
    (opening, _) = of_lines(lines_page(line_row(opening=("0.9", "1.75", "0.9"))), BEFORE)
    assert opening.line == -1.75
    (opening, _) = of_lines(lines_page(line_row(opening=("0.9", "-1.75", "0.9"))), BEFORE)
    assert opening.line == 1.75
    (total, _) = of_lines(lines_page(line_row(opening=("0.9", "2.25", "0.9"))), BEFORE, Market.OVER_UNDER)
    assert total.line == 2.25


def test_dirt_05_the_last_odds_of_a_finished_match_were_in_play_and_the_whole_odds_closed() -> None:
    page = lines_page(line_row(last=("1.90", "0", "0.10"), whole=("0.90", "0.75", "0.94")))
    assert [(q.phase, q.line, q.prices) for q in of_lines(page, AFTER)] == [
        (Phase.OPENING, -0.5, (1.95, 1.85)),
        (Phase.CLOSING, -0.75, (1.9, 1.94)),
    ]


def test_dirt_05_without_a_kick_off_only_the_opening_price_is_known_for_what_it_is() -> None:
    blind = Sight(match_id="1", kickoff=None, captured_at=AFTER.captured_at)
    told = line_quotes(parse_lines(lines_page(line_row())), Market.ASIAN_HANDICAP, blind)
    assert [quote.phase for quote in told.rows] == [Phase.OPENING]
    assert "kick-off" in told.rejected[0].reason


def test_dirt_06_sealed_rows_hidden_lines_five_columns_and_the_year_1() -> None:
    hkjc = "<tr><td data-id='48'>香港马*</td><td goals='0.5'>0.5</td><td>0.9</td><td>0.9</td><td>x</td></tr>"
    page = lines_page(
        line_row(last=None, whole=None, opened_at="0001-01-01 00:00"),
        line_row(opening=("0.7", "1", "1.2"), hidden=True),
        "<tr style='display: none;' companyID=8><td colspan='9'></td></tr>",
        hkjc,
    )
    parsed = parse_lines(page)
    assert [(row.rank, row.sealed, row.opened_at is None) for row in parsed.rows] == [
        (1, True, True),
        (2, False, False),
    ]
    assert [item.key for item in parsed.rejected] == ["48#1"]
    sealed = [quote for quote in of_lines(page, BEFORE) if quote.suspended]
    assert [(quote.line_rank, quote.prices) for quote in sealed] == [(1, ())]


def test_dirt_07_a_score_after_extra_time_includes_it_and_penalties_are_apart() -> None:
    aet = {"reason": {"short": "AET"}, "halfs": {"firstExtraHalfStarted": "28.02.2026 18:01:00"}}
    match = of_fotmob(fotmob_match(status=aet))
    assert (match.status, match.score_90, match.score_final) == (
        MatchStatus.AFTER_EXTRA_TIME, None, Score(home=2, away=1),
    )  # fmt: skip
    teams = {
        "home": {"id": 1, "name": "A", "score": 1, "penScore": 3},
        "away": {"id": 2, "name": "B", "score": 1, "penScore": 4},
    }
    match = of_fotmob(fotmob_match(status={"reason": {"short": "Pen"}}, **teams))
    assert (match.score_final, match.penalties) == (Score(home=1, away=1), Score(home=3, away=4))


def test_dirt_07_details_tell_penalties_in_the_reason_and_goals_with_their_minutes() -> None:
    body = payloads.fotmob_details(
        reason={"short": "Pen", "penalties": [5, 4]},
        halfs={"firstExtraHalfStarted": "28.02.2026 18:01:00"},
    )
    details = parse_details(body).rows[0]
    assert details.match is not None
    (match,) = fotmob_matches(Parsed(rows=(details.match,)), SHA).rows
    assert match.penalties == Score(home=5, away=4)
    assert (match.score_90, match.score_final) == (Score(home=1, away=1), Score(home=2, away=1))


@pytest.mark.parametrize(
    ("reason", "status"),
    [("PP", MatchStatus.POSTPONED), ("Can", MatchStatus.CANCELLED), ("Ab", MatchStatus.ABANDONED)],
)
def test_dirt_08_a_match_that_was_put_off_shows_0_0_and_has_no_score(
    reason: str, status: MatchStatus
) -> None:
    nil = {"home": {"id": 1, "name": "A", "score": 0}, "away": {"id": 2, "name": "B", "score": 0}}
    told = {
        "reason": {"short": reason}, "cancelled": True, "finished": False, "started": False,
        "halfs": {"firstHalfStarted": "28.02.2026 16:00:00"},
    }  # fmt: skip
    match = of_fotmob(fotmob_match(status=told, **nil))
    assert (match.status, match.score_90, match.score_final) == (status, None, None)


def test_dirt_08_a_cancelled_fixture_of_fbref_may_carry_a_score() -> None:
    (match,) = of_fbref(fbref_row(notes="Match Cancelled"))
    assert (match.status, match.score_90, match.score_final) == (MatchStatus.CANCELLED, None, None)


def test_dirt_09_a_suspended_match_comes_back_on_another_day_under_the_same_id() -> None:
    stopped = of_fotmob(fotmob_match(status={"reason": {"short": "Ab"}, "finished": False}))
    resumed = of_fotmob(fotmob_match(status={"utcTime": "2026-03-18T15:00:00.000Z"}))
    assert stopped.source_match_id == resumed.source_match_id
    assert resumed.kickoff_utc - stopped.kickoff_utc == timedelta(days=18)
    # The slug keeps the old date: the id alone tells which match a page is of.
    slug = "/en/matches/0a1b2c3d/Aldham-Brixworth-February-28-2026-Premier-League"
    row = fbref_row(epoch=1773846000).replace("/en/matches/0a1b2c3d/x", slug)
    (match,) = of_fbref(row)
    assert (match.source_match_id, match.kickoff_utc.date()) == ("0a1b2c3d", date(2026, 3, 18))


def test_dirt_10_figures_are_texts_numbers_shares_and_nulls_and_one_key_is_misspelt() -> None:
    told = figures(
        {"key": "BallPossesion", "stats": [68, 32]},
        {"key": "expected_goals", "stats": ["2.38", "0.75"]},
        {"key": "accurate_passes", "stats": ["510 (84%)", "0 (0%)"]},
        {"key": "shots", "stats": [None, None], "type": "title"},
        {"key": "shots_woodwork", "stats": [1, None]},
    )
    assert [(s.side, s.key, s.value, s.unit) for s in told] == [
        ("home", "possession", 68, "percent"),
        ("away", "possession", 32, "percent"),
        ("home", "expected_goals", 2.38, "xg"),
        ("away", "expected_goals", 0.75, "xg"),
        ("home", "accurate_passes", 510, "count"),
        ("home", "accurate_passes_percent", 84, "percent"),
        ("away", "accurate_passes", 0, "count"),
        ("away", "accurate_passes_percent", 0, "percent"),
        ("home", "shots_woodwork", 1, "count"),
    ]


def test_dirt_10_a_figure_that_is_none_is_rejected_and_the_rest_kept() -> None:
    body = payloads.fotmob_details(
        {"key": "fouls", "stats": ["many", 3]}, {"key": "corners", "stats": [1, 2]}
    )
    told = stats(parse_details(body))
    assert {stat.key for stat in told.rows} == {"corners"}
    assert [item.key for item in told.rejected] == ["All/fouls"]


def test_dirt_11_womens_and_mens_competitions_of_one_title_are_never_one() -> None:
    (men,) = of_fbref(fbref_row(), competition=11, title="Serie A")
    (women,) = of_fbref(fbref_row(match_id="0a1b2c3e"), competition=208, title="Serie A")
    assert men.competition.name == women.competition.name == "Serie A"
    assert (men.gender, women.gender) == (Gender.MEN, Gender.WOMEN)
    assert men.competition.source_id != women.competition.source_id


def test_dirt_11_one_name_is_several_squads_and_the_page_of_the_squad_tells_whose() -> None:
    row = fbref_row(home="Chelsea").replace(
        "/en/squads/11112222/x", "/en/squads/a6a4e67d/Chelsea-Women-Stats"
    )
    (women,) = of_fbref(row, competition=999)
    (men,) = of_fbref(fbref_row(home="Chelsea"), competition=999)
    assert women.home.name == men.home.name
    assert (women.gender, men.gender) == (Gender.WOMEN, Gender.MEN)
    assert women.home.source_id != men.home.source_id


def test_dirt_12_repeats_spacers_heads_shoot_outs_and_no_break_spaces() -> None:
    spacer = "<tr class='spacer'><th data-stat='gameweek'></th><td data-stat='home_team'></td></tr>"
    head = (
        "<tr class='thead'><th data-stat='gameweek'>Wk</th><th data-stat='home_team'>Home</th>"
        "<th data-stat='away_team'>Away</th></tr>"
    )
    shootout = fbref_row(score="(3)\u00a01\u20131\u00a0(1)", home="Aldham\u00a0Utd\u00a0")
    (match,) = of_fbref(shootout, spacer, head, shootout)
    assert match.home.name == "Aldham Utd"
    assert (match.score_final, match.penalties) == (Score(home=1, away=1), Score(home=3, away=1))
    assert (match.status, match.score_90) == (MatchStatus.AFTER_PENALTIES, None)


def test_dirt_12_a_fixture_of_two_tables_is_one() -> None:
    page = fbref_page(fbref_row()).replace(
        b"</table>", b"</table>" + fbref_page(fbref_row()).split(b"<body>")[1].split(b"</body>")[0]
    )
    assert page.count(b"<table") == 2
    assert len(parse_schedule(page).rows) == 1


def test_dirt_13_where_kick_offs_disagree_the_earlier_one_keeps_in_play_prices_out() -> None:
    body = payloads.euro_script(payloads.euro_item(at="2026,3-1,07,14,40,00"))
    (script,) = parse_euro(body).rows
    early = Sight(match_id="1", kickoff=KICKOFF - timedelta(minutes=30), captured_at=AFTER.captured_at)
    assert [quote.phase for quote in euro_quotes(script, early.of(script)).rows] == [Phase.OPENING]
    assert [quote.phase for quote in euro_quotes(script, AFTER.of(script)).rows] == [
        Phase.OPENING, Phase.CLOSING,
    ]  # fmt: skip


def test_dirt_13_an_awarded_result_is_no_90_minute_score_in_either_source() -> None:
    awarded = of_fotmob(fotmob_match(status={"reason": {"short": "AW"}, "awarded": True}))
    (told,) = of_fbref(fbref_row(score="0\u20133", notes="Match awarded to Brixworth"))
    for match in (awarded, told):
        assert (match.status, match.score_90) == (MatchStatus.AWARDED, None)
    assert (awarded.score_final, told.score_final) == (Score(home=2, away=1), Score(home=0, away=3))


def test_dirt_14_a_beijing_lists_matches_are_told_in_utc_whatever_the_date() -> None:
    rows = parse_titan_day(payloads.titan_day((11, "8日03:45"), (12, "7日20:00")), date(2026, 3, 7)).rows
    assert [row.kickoff_utc for row in rows] == [
        datetime(2026, 3, 7, 19, 45, tzinfo=UTC),
        datetime(2026, 3, 7, 12, tzinfo=UTC),
    ]


def test_dirt_15_a_placeholder_has_no_score_and_a_line_of_1_2_is_none() -> None:
    nil = {"home": {"id": 1, "name": "A", "score": 0}, "away": {"id": 2, "name": "B", "score": 0}}
    match = of_fotmob(fotmob_match(status={"reason": None, "finished": False, "started": False}, **nil))
    assert (match.status, match.score_90, match.score_final) == (MatchStatus.SCHEDULED, None, None)
    told = line_quotes(
        parse_lines(lines_page(line_row(opening=("0.9", "1.2", "0.9")), line_row(company=47))),
        Market.ASIAN_HANDICAP,
        BEFORE,
    )
    # The same bookmaker's present price is kept.
    assert [(quote.bookmaker_id, quote.phase) for quote in told.rows] == [
        ("8", Phase.PREMATCH), ("47", Phase.OPENING), ("47", Phase.PREMATCH),
    ]  # fmt: skip
    (refused,) = told.rejected
    assert refused.key.startswith("8#1/ah/ft/opening")
    assert "multiple of 0.25" in refused.reason
    assert json.loads(refused.record)["line"] == -1.2


def test_dirt_15_a_fixture_without_a_time_says_so() -> None:
    row = (
        fbref_row(score="")
        .replace("data-venue-epoch", "data-none")
        .replace("/en/matches/0a1b2c3d/x", "/en/x")
    )
    (match,) = of_fbref(row)
    assert (match.time_known, match.kickoff_utc) == (False, datetime(2026, 2, 28, 12, tzinfo=UTC))
    assert match.source_match_id == "11112222-33334444-2026-02-28"


def test_dirt_16_many_fouls_are_normal_and_a_level_handicap_is_a_line() -> None:
    assert [stat.value for stat in figures({"key": "fouls", "stats": [31, 27]})] == [31, 27]
    (opening, current) = of_lines(
        lines_page(line_row(opening=("0.9", "0", "0.9"), whole=("0.9", "0", "0.9"))), BEFORE
    )
    assert (opening.line, current.line) == (0, 0)
    assert str(opening.line) == "0.0"
