"""Seasons from 2025/26 on: expected goals, other bookmakers, no Pinnacle, marks that were encoded twice."""

from datetime import UTC, datetime

import pytest

from src.collectors.football_data.bookmakers import is_known
from src.collectors.football_data.mapping import to_quotes, to_stats
from src.collectors.football_data.parse import HistoryRow, parse_history
from src.domain.odds import Market

CAPTURED = datetime(2026, 11, 1, tzinfo=UTC)
SEASON = """\
Div,Date,Time,HomeTeam,AwayTeam,FTHG,FTAG,FTR,HTHG,HTAG,HTR,Referee,HxG,AxG,HS,AS,BFDH,BFDD,BFDA,PPH,PPD,PPA,\
SKBH,SKBD,SKBA,BFEH,BFED,BFEA,BFE>2.5,BFE<2.5,AHh,BFEAHH,BFEAHA,BFDCH,BFDCD,BFDCA,PPCH,PPCD,PPCA,SKBCH,SKBCD,\
SKBCA,BFECH,BFECD,BFECA,BFEC>2.5,BFEC<2.5,AHCh,BFECAHH,BFECAHA
E0,21/08/2026,20:00,Aldham,Brixworth,3,0,H,2,0,H,A Referee,1.88,0.2,20,4,1.2,6.5,15,1.17,7,15,1.17,7.5,14,\
1.23,7.4,18,1.64,2.54,-2,2.11,1.86,1.22,6.5,13,,,,1.17,7.5,14,1.23,7.4,18,1.63,2.56,-2,2.14,1.86
E0,22/08/2026,12:30,Corby,Deene,1,1,D,0,0,D,B Referee,,,11,11,2.7,3.4,2.6,2.7,3.2,2.6,2.7,3.2,2.6,2.9,3.4,\
2.7,2.1,1.9,0,2.04,1.95,2.8,3.3,2.5,2.8,3.1,2.5,2.8,3.2,2.5,3,3.35,2.7,2.3,1.8,0,2.1,1.9
"""


def rows(text: str, mark: bytes = b"\xef\xbb\xbf") -> tuple[HistoryRow, ...]:
    parsed = parse_history(mark + text.encode())
    assert parsed.rejected == ()
    return parsed.rows


def test_expected_goals_are_figures_of_their_own_unit() -> None:
    first, second = rows(SEASON)
    told = {(stat.key, stat.side): (stat.value, stat.unit) for stat in to_stats(first) if stat.period == "ft"}
    assert told == {
        ("shots", "home"): (20, "count"), ("shots", "away"): (4, "count"),
        ("expected_goals", "home"): (1.88, "xg"), ("expected_goals", "away"): (0.2, "xg"),
    }  # fmt: skip
    assert "expected_goals" not in second.figures


@pytest.mark.parametrize("cell", ["-0.1", "188", "nan", "many"])
def test_what_are_no_expected_goals_costs_the_row(cell: str) -> None:
    parsed = parse_history(SEASON.replace(",1.88,0.2,", f",{cell},0.2,").encode())
    assert [row.home for row in parsed.rows] == ["Corby"]
    assert [f"column HxG: {cell!r}" in item.reason for item in parsed.rejected] == [True]


def test_the_bookmakers_are_known_and_one_without_a_closing_price_has_none() -> None:
    first, second = rows(SEASON, "\ufeff".encode().decode("cp1252").encode())
    assert all(is_known(market.code) for market in first.markets)
    closing = {
        market.code for market in first.markets if market.closing and market.market is Market.ONE_X_TWO
    }
    assert closing == {"BFD", "SKB", "BFE"}
    assert {quote.bookmaker_name for quote in to_quotes(second, CAPTURED)} == {
        "Betfred", "Paddy Power", "Sky Bet", "Betfair Exchange",
    }  # fmt: skip
