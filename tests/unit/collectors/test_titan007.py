"""Titan007's scripts and pages, hand-written and recorded."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from src.collectors.text import storable
from src.collectors.titan007.mapping import euro_quotes, line_quotes
from src.collectors.titan007.parse_day import parse_day
from src.collectors.titan007.parse_euro import parse_euro
from src.collectors.titan007.parse_lines import parse_lines
from src.collectors.titan007.sight import Sight
from src.collectors.titan007.text import beijing_time, decode, script_time
from src.core.errors import BadData, SourceChanged
from src.domain.odds import Market, OddsQuote, Phase
from tests.unit.collectors.payloads import euro_item, euro_script, line_row, lines_page, titan_day

KICKOFF = datetime(2026, 3, 7, 15, tzinfo=UTC)
BEFORE, AFTER = KICKOFF - timedelta(hours=4), KICKOFF + timedelta(days=2)


def of_script(body: bytes, captured_at: datetime) -> dict[Phase, OddsQuote]:
    (script,) = parse_euro(body).rows
    told = euro_quotes(script, Sight(match_id="1", kickoff=KICKOFF, captured_at=captured_at))
    assert told.rejected == ()
    return {quote.phase: quote for quote in told.rows}


def of_page(body: bytes, captured_at: datetime, market: Market = Market.ASIAN_HANDICAP) -> list[OddsQuote]:
    told = line_quotes(
        parse_lines(body), market, Sight(match_id="1", kickoff=KICKOFF, captured_at=captured_at)
    )
    assert told.rejected == ()
    return list(told.rows)


@pytest.mark.parametrize(
    ("text", "month"), [("2025,10-1,18,11,30,00", 10), ("2026,09-1,29,06,00,00", 9), ("2026,5,9,19,35,00", 6)]
)
def test_month_of_a_script_counts_from_zero_after_its_arithmetic(text: str, month: int) -> None:
    assert script_time(text).month == month


def test_year_one_stands_for_unknown() -> None:
    assert beijing_time("0001-01-01 00:00") is None
    assert beijing_time("2026-08-18 21:09") == datetime(2026, 8, 18, 13, 9, tzinfo=UTC)


def test_encodings_are_told_apart() -> None:
    assert decode("英超".encode("gb18030")) == decode("\ufeff英超".encode()) == "英超"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_broken_character_spoils_what_it_is_in_and_makes_no_other_names(encoding: str) -> None:
    text = "英超 " * 20
    body = text.encode(encoding)
    half = len("英".encode(encoding)) - 1
    told = decode(body[:half] + b"<td>" + body)
    assert told.partition("<td>")[2] == text
    with pytest.raises(ValueError, match="cannot be stored"):
        storable(told)
    with pytest.raises(BadData, match="neither UTF-8 nor GB18030"):
        decode(b"\xff" * 40 + body[:half])


def test_coming_match_has_opening_and_prematch_prices_at_their_own_times() -> None:
    detail = "77^2.4|3.3|3.0|03-07 18:30|1|1|1|2026;2.5|3.2|2.9|03-01 20:00|1|1|1|2026;"
    quotes = of_script(euro_script(euro_item(), details=(detail,)), BEFORE)
    assert quotes.keys() == {Phase.OPENING, Phase.PREMATCH}
    assert quotes[Phase.OPENING].prices == (2.5, 3.2, 2.9)
    assert quotes[Phase.OPENING].observed_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert quotes[Phase.PREMATCH].prices == (2.4, 3.3, 3.0)
    assert quotes[Phase.PREMATCH].observed_at == datetime(2026, 3, 7, 10, 30, tzinfo=UTC)
    assert quotes[Phase.PREMATCH].bookmaker_name == "Bet365"


def test_opening_of_unknown_time_is_of_the_capture_while_the_match_is_to_come() -> None:
    assert of_script(euro_script(euro_item()), BEFORE)[Phase.OPENING].observed_at == BEFORE


def test_in_play_price_is_left_out_and_the_last_before_kick_off_closes() -> None:
    detail = (
        "77^1.2|6|9|03-08 00:10|1|1|1|2026;2.4|3.3|3.0|03-07 22:59|1|1|1|2026;"
        "2.5|3.2|2.9|03-01 20:00|1|1|1|2026"
    )
    body = euro_script(euro_item(current="1.1|7|21", at="2026,3-1,07,16,40,00"), details=(detail,))
    quotes = of_script(body, AFTER)
    assert quotes[Phase.CLOSING].prices == (2.4, 3.3, 3.0)
    assert quotes[Phase.CLOSING].observed_at == KICKOFF - timedelta(minutes=1)
    assert all(quote.observed_at < KICKOFF for quote in quotes.values())


def test_bookmaker_that_only_quoted_in_play_has_no_quote_but_its_opening() -> None:
    body = euro_script(euro_item(at="2026,3-1,07,16,40,00"))
    assert of_script(body, AFTER).keys() == {Phase.OPENING}


def test_changes_without_a_year_take_that_next_to_the_kick_off() -> None:
    quotes = of_script(euro_script(euro_item(), details=("77^2.5|3.2|2.9|12-28 20:00|1|1|1",)), BEFORE)
    assert quotes[Phase.OPENING].observed_at == datetime(2025, 12, 28, 12, tzinfo=UTC)


def test_unknown_bookmaker_keeps_its_number() -> None:
    quotes = of_script(euro_script(euro_item(bookmaker=4711)), BEFORE)
    assert quotes[Phase.OPENING].bookmaker_name == "Some Bookmaker (titan-euro 4711)"


def test_broken_quote_is_rejected_with_its_bytes_and_the_rest_kept() -> None:
    parsed = parse_euro(euro_script(euro_item(), euro_item(opening="x|3|3", bookmaker=177)))
    assert [quote.bookmaker for quote in parsed.rows[0].quotes] == ["281"]
    assert [(item.key, item.record[:4]) for item in parsed.rejected] == [("177", b"177|")]


def test_truncated_script_is_bad_data() -> None:
    body = euro_script(euro_item(), details=("77^2.5|3.2|2.9|03-01 20:00|1|1|1|2026",))
    for cut in (b'2026")', b"|2026", b'")'):
        with pytest.raises(BadData):
            parse_euro(body[: body.rindex(cut) + (cut != b'")')])


def test_script_of_something_else_is_a_changed_source() -> None:
    with pytest.raises(SourceChanged):
        parse_euro(b"window.location='/'")


def test_script_without_bookmakers_has_no_quotes() -> None:
    assert parse_euro(euro_script()).rows[0].quotes == ()


def test_handicap_that_the_home_side_gives_is_negative_and_prices_are_decimal() -> None:
    opening, current = of_page(lines_page(line_row()), BEFORE)
    assert (opening.phase, opening.line, opening.prices) == (Phase.OPENING, -0.5, (1.95, 1.85))
    assert opening.observed_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert (current.phase, current.line, current.prices) == (Phase.PREMATCH, -0.75, (1.9, 1.94))


def test_level_handicap_is_a_line_of_plain_zero() -> None:
    (quote, _) = of_page(lines_page(line_row(opening=("0.9", "0", "0.9"))), BEFORE)
    assert str(quote.line) == "0.0"


def test_total_keeps_its_sign() -> None:
    (quote, _) = of_page(lines_page(line_row(opening=("0.9", "2.25", "0.9"))), BEFORE, Market.OVER_UNDER)
    assert quote.line == 2.25


def test_finished_match_closes_on_the_whole_odds_and_never_on_the_last_ones() -> None:
    quotes = of_page(lines_page(line_row()), AFTER)
    assert [(quote.phase, quote.line) for quote in quotes] == [(Phase.OPENING, -0.5), (Phase.CLOSING, -0.75)]
    assert of_page(lines_page(line_row(whole=None)), AFTER)[-1].phase is Phase.OPENING
    assert all(quote.observed_at < KICKOFF for quote in quotes)


def test_opening_of_unknown_time_was_before_the_kick_off() -> None:
    quotes = of_page(lines_page(line_row(opened_at="0001-01-01 00:00")), AFTER)
    assert quotes[0].observed_at == KICKOFF - timedelta(seconds=1)


def test_hidden_second_lines_rank_below_the_main_one() -> None:
    page = lines_page(
        line_row(),
        line_row(opening=("0.7", "1", "1.2"), hidden=True),
        "<tr style='display: none;' companyID=8><td colspan='9'></td></tr>",
        line_row(company=47),
    )
    assert [(row.bookmaker, row.rank) for row in parse_lines(page).rows] == [("8", 1), ("8", 2), ("47", 1)]


def test_sealed_line_is_a_suspended_quote_before_the_kick_off_and_none_after() -> None:
    page = lines_page(line_row(last=None, whole=None))
    opening, sealed = of_page(page, BEFORE)
    assert (opening.phase, sealed.phase, sealed.suspended, sealed.prices) == (
        Phase.OPENING, Phase.PREMATCH, True, (),
    )  # fmt: skip
    assert [quote.phase for quote in of_page(page, AFTER)] == [Phase.OPENING]


def test_row_of_another_shape_is_rejected() -> None:
    five_columns = "<tr><td>香港马*</td><td title='2026-03-01 20:00' goals='0.5' data-id='48'>0.5</td></tr>"
    parsed = parse_lines(lines_page(line_row(), five_columns))
    assert [row.bookmaker for row in parsed.rows] == ["8"]
    assert [item.key for item in parsed.rejected] == ["48#1"]


def test_page_without_the_table_is_a_changed_source() -> None:
    with pytest.raises(SourceChanged):
        parse_lines(b"<html><body>maintenance</body></html>")


def test_day_list_tells_utc_kick_offs_by_the_pages_month() -> None:
    parsed = parse_day(titan_day((11, "28日23:00"), (12, "1日01:45")), date(2026, 2, 28))
    assert [row.kickoff_utc for row in parsed.rows] == [
        datetime(2026, 2, 28, 15, tzinfo=UTC),
        datetime(2026, 2, 28, 17, 45, tzinfo=UTC),
    ]
    assert [(row.league_id, row.league, row.home, row.away, row.state) for row in parsed.rows[:1]] == [
        ("36", "英超", "甲队", "乙队", "完")
    ]


def test_broken_row_of_a_day_list_is_rejected() -> None:
    parsed = parse_day(titan_day((11, "28日23:00"), (12, "soon")), date(2026, 2, 28))
    assert [row.id for row in parsed.rows] == ["11"]
    assert [item.key for item in parsed.rejected] == ["12"]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_half_character_costs_the_row_that_it_is_in(encoding: str) -> None:
    page = titan_day((11, "28日23:00"), (12, "28日23:00"), (13, "28日23:00")).decode("gb18030")
    head, _, tail = page.rpartition("甲队")
    body = head.encode(encoding) + "甲".encode(encoding)[:-1] + tail.encode(encoding)
    parsed = parse_day(body, date(2026, 2, 28))
    assert [row.id for row in parsed.rows] == ["11", "12"]
    (item,) = parsed.rejected
    assert item.key == "13"
    assert "甲".encode(encoding)[:-1] in item.record


def test_a_half_character_in_a_scripts_head_costs_a_name_alone() -> None:
    body = euro_script(euro_item()).replace(b'hometeam="', b'hometeam="\xe9', 1)
    parsed = parse_euro(body + ("// " + "英超" * 10).encode())
    (script,) = parsed.rows
    assert (script.home, [item.key for item in parsed.rejected]) == (None, ["hometeam"])
    assert len(script.quotes) == 1


def test_recorded_day_lists(shared_data: Path) -> None:
    over = parse_day(
        (shared_data / "titan007/over_20251018_5rows.gb18030.html").read_bytes(), date(2025, 10, 18)
    )
    assert over.rejected == ()
    first = over.rows[0]
    assert (first.id, first.home, first.away) == ("2789205", "诺丁汉森林", "切尔西")
    assert first.kickoff_utc == datetime(2025, 10, 18, 11, 30, tzinfo=UTC)
    assert over.rows[2].kickoff_utc == datetime(2025, 10, 22, 16, 45, tzinfo=UTC)
    assert [row.league_id for row in over.rows] == ["36", "22", "103", "113", "951"]
    coming = parse_day((shared_data / "titan007/next_20260418_row.html").read_bytes(), date(2026, 4, 18))
    assert [(row.id, row.kickoff_utc, row.state) for row in coming.rows] == [
        ("2961297", datetime(2026, 4, 18, 7, tzinfo=UTC), "")
    ]


def test_recorded_scripts(shared_data: Path) -> None:
    (league,) = parse_euro((shared_data / "titan007/1x2d_2789205.trimmed.js").read_bytes()).rows
    assert (league.home, league.away) == ("Nottingham Forest", "Chelsea")
    assert league.kickoff_utc == datetime(2025, 10, 18, 11, 30, tzinfo=UTC)
    assert [(quote.bookmaker, quote.current) for quote in league.quotes] == [
        ("1129", (2.95, 3.18, 2.1)),
        ("281", (3.1, 3.5, 2.25)),
    ]
    (women,) = parse_euro((shared_data / "titan007/1x2d_3095429.trimmed.js").read_bytes()).rows
    assert women.home is None
    assert women.quotes[0].changes[0] == (datetime(2026, 9, 28, 4, tzinfo=UTC), (1.32, 4.25, 7.3))
    assert women.quotes[0].changes[0][1] == women.quotes[0].opening


def test_recorded_pages(shared_data: Path) -> None:
    rows = parse_lines((shared_data / "titan007/asianodds_row_20260818.html").read_bytes())
    eve = Sight(
        match_id="1",
        kickoff=datetime(2026, 8, 19, tzinfo=UTC),
        captured_at=datetime(2026, 8, 18, 20, tzinfo=UTC),
    )
    quotes = line_quotes(rows, Market.ASIAN_HANDICAP, eve)
    assert [(q.bookmaker_name, q.line, q.prices) for q in quotes.rows] == [
        ("Macau", 1.75, (1.91, 1.87)),
        ("Macau", 1.75, (1.88, 1.9)),
    ]
    totals = parse_lines((shared_data / "titan007/overdown_rows.html").read_bytes())
    assert totals.rejected == ()
    assert [(row.bookmaker, row.name, row.opening and row.opening.goals) for row in totals.rows] == [
        ("8", "36*", 2.25),
        ("22", "10*", 2.25),
    ]
