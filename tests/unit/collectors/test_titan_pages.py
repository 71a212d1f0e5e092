"""What Titan007's pages hold beyond the recorded ones, as public projects have met it."""

from datetime import UTC, datetime, timedelta

import pytest

from src.collectors.titan007.mapping import line_quotes
from src.collectors.titan007.mapping_changes import change_quotes, live_quotes
from src.collectors.titan007.parse_changes import parse_changes
from src.collectors.titan007.parse_lines import parse_lines
from src.collectors.titan007.parse_live_odds import parse_live_odds
from src.collectors.titan007.sight import Sight
from src.core.errors import BadData, SourceChanged
from src.domain.odds import Market, OddsQuote, Phase
from tests.unit.collectors.payloads import changes_page, line_row, lines_page, live_odds

KICKOFF = datetime(2026, 3, 7, 15, tzinfo=UTC)
BEFORE = Sight(match_id="1", kickoff=KICKOFF, captured_at=KICKOFF - timedelta(hours=4))
AFTER = Sight(match_id="1", kickoff=KICKOFF, captured_at=KICKOFF + timedelta(days=2))

#: The mark of a sealed market behind the bookmaker's name, with the prices still shown; no times.
MARKED = (
    "<tr bgcolor='#FFFFFF'><td><input data-id='3'></td><td>Crow*<span class='feng'>封</span></td><td></td>"
    "<td>0.84</td><td goals='0.25'>平手/半球</td><td>1.04</td>"
    "<td oddstype='wholeLastOdds'>7.14</td><td oddstype='wholeLastOdds' goals='0.5'>半球</td>"
    "<td oddstype='wholeLastOdds'>0.03</td><td oddstype='wholeOdds'>0.98</td>"
    "<td oddstype='wholeOdds' goals='0.5'>半球</td><td oddstype='wholeOdds'>0.90</td><td></td></tr>"
)


def of_page(body: bytes, sight: Sight) -> list[OddsQuote]:
    told = line_quotes(parse_lines(body), Market.ASIAN_HANDICAP, sight)
    assert told.rejected == ()
    return list(told.rows)


def test_a_finished_match_keeps_its_lines_though_the_name_is_marked_as_sealed() -> None:
    opening, closing = of_page(lines_page(MARKED), AFTER)
    assert (opening.phase, opening.line, opening.prices) == (Phase.OPENING, -0.25, (1.84, 2.04))
    assert (closing.phase, closing.line, closing.prices) == (Phase.CLOSING, -0.5, (1.98, 1.9))
    assert (opening.bookmaker_name, opening.observed_at) == ("Crown", KICKOFF - timedelta(seconds=1))
    assert parse_lines(lines_page(MARKED)).rows[0].name == "Crow*"


def test_a_coming_match_whose_name_is_marked_as_sealed_is_suspended() -> None:
    opening, sealed = of_page(lines_page(MARKED), BEFORE)
    assert (opening.phase, opening.suspended) == (Phase.OPENING, False)
    assert (sealed.phase, sealed.suspended, sealed.prices) == (Phase.PREMATCH, True, ())


def test_prices_that_nothing_marks_are_rejected_and_no_silence() -> None:
    bare = (
        "<tr><td><input data-id='2'></td><td>Crow*</td><td><span companyID='2'></span></td>"
        "<td>0.70</td><td>一球</td><td>1.00</td><td>1.04</td><td>一球/球半</td><td>0.78</td></tr>"
    )
    told = parse_lines(lines_page(line_row(), bare))
    assert [row.bookmaker for row in told.rows] == ["8"]
    assert [item.key for item in told.rejected] == ["2#1"]


def test_prices_outside_of_rows_are_a_changed_source() -> None:
    with pytest.raises(SourceChanged, match="no rows"):
        parse_lines(lines_page(MARKED).replace(b"<tr bgcolor='#FFFFFF'>", b"").replace(b"</tr>", b""))
    assert parse_lines(lines_page()).rows == ()


def test_the_first_price_of_a_history_may_be_called_so() -> None:
    page = changes_page(
        ("0.99", "平手/半球", "0.85", "3-07 22:50", "即"), ("0.80", "平手", "1.04", "3-01 21:24", "初")
    )
    told = change_quotes(parse_changes(page, KICKOFF), "8", AFTER)
    assert told.rejected == ()
    assert [quote.phase for quote in told.rows] == [Phase.OPENING, Phase.CLOSING]


def both_arrays() -> bytes:
    second = live_odds().replace(b"sOdds", b"sOdds8").replace("早餐".encode(), "未开场".encode())
    return live_odds() + b"\n" + second + b"\nvar goals=[[1,2]];\n"


def test_a_script_may_have_an_array_of_another_bookmaker() -> None:
    told = live_quotes(parse_live_odds(both_arrays()), AFTER)
    assert told.rejected == ()
    assert {quote.bookmaker_id for quote in told.rows} == {"1", "2", "8-1", "8-2"}
    phases = [quote.phase for quote in told.rows if quote.bookmaker_id.startswith("8-")]
    assert phases == [Phase.PREMATCH] * 11 + [Phase.INPLAY] * 11


def test_an_array_without_rows_tells_nothing_and_one_that_is_cut_is_bad_data() -> None:
    assert parse_live_odds(b"var sOdds=[];\nvar sOdds8=[];").rows == ()
    with pytest.raises(BadData):
        parse_live_odds(both_arrays().partition("未开场".encode())[0])
