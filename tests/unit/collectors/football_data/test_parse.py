from collections import Counter
from datetime import date, time
from pathlib import Path

import pytest

from src.collectors.football_data.parse import HistoryRow, parse_history
from src.core.errors import SourceChanged
from src.domain.match import Score
from src.domain.odds import Market
from tests.unit.collectors.football_data.made import NEW, OLD, changed


def read(text: str | bytes) -> tuple[HistoryRow, ...]:
    body = text if isinstance(text, bytes) else text.encode()
    parsed = parse_history(body, "E0_2223.csv")
    assert parsed.rejected == ()
    return parsed.rows


def test_an_old_season_has_days_without_times_and_figures_with_a_point() -> None:
    first, second = read(OLD)
    assert (first.line, first.date, first.time) == (2, date(2003, 8, 16), None)
    assert (first.score, first.half_time) == (Score(home=2, away=1), Score(home=1, away=0))
    assert second.figures == {"shots": (9, 14)}
    assert [(m.market, m.line, m.prices) for m in first.markets] == [
        (Market.ONE_X_TWO, None, (1.4, 3.8, 8.0)),
        (Market.ASIAN_HANDICAP, -1.25, (1.95, 1.9)),
    ]
    assert len(second.markets) == 1


def test_a_new_season_has_times_and_closing_prices_with_a_line_of_their_own() -> None:
    first, second = read(NEW)
    assert (first.date, first.time) == (date(2022, 8, 5), time(20))
    found = {(m.code, m.market, m.closing): (m.line, m.prices) for m in first.markets}
    assert found == {
        ("PS", Market.ONE_X_TWO, False): (None, (4.5, 3.65, 1.89)),
        ("PS", Market.ONE_X_TWO, True): (None, (4.58, 3.63, 1.88)),
        ("VC", Market.ONE_X_TWO, False): (None, (4.4, 3.5, 1.9)),
        ("VC", Market.ONE_X_TWO, True): (None, (4.75, 3.5, 1.85)),
        ("Max", Market.ONE_X_TWO, False): (None, (4.6, 3.8, 1.95)),
        ("PS", Market.OVER_UNDER, False): (2.5, (2.14, 1.78)),
        ("PS", Market.OVER_UNDER, True): (2.5, (2.1, 1.81)),
        ("PS", Market.ASIAN_HANDICAP, False): (0.5, (2.03, 1.89)),
        ("PS", Market.ASIAN_HANDICAP, True): (0.75, (1.9, 2.02)),
    }
    assert [m.line for m in second.markets if m.market is Market.ASIAN_HANDICAP] == [0.0, -0.25]


@pytest.mark.parametrize(
    ("was", "now", "column", "told"),
    [("16/08/03", "16-08-03", "Date", "'16-08-03'"), ("16/08/03", "31/02/04", "Date", "'31/02/04'"),
     ("Aldham,Brixworth,2,1", "Aldham,Brixworth,2,x", "FTAG", "'x'"),
     ("Brixworth,2,1,H", "Brixworth,2,1,A", "FTR", "'A'"), ("2,1,H,1,0", "2,1,H,3,0", "HTHG", "'3'"),
     ("11,13", "11,1.5", "AS", "'1.5'"), ("Aldham", " ", "HomeTeam", "''")],
)  # fmt: skip
def test_a_wrong_cell_rejects_its_row_and_names_file_line_column_and_value(
    was: str, now: str, column: str, told: str
) -> None:
    parsed = parse_history(changed(OLD, was, now), "E0_034.csv")
    assert [row.home for row in parsed.rows] == ["Corby"]
    (slip,) = parsed.rejected
    assert slip.key == "E0_034.csv:2"
    assert slip.reason.startswith(f"E0_034.csv, line 2, column {column}: {told} is not ")
    assert b"E0," in slip.record


@pytest.mark.parametrize(
    ("was", "now", "column"),
    [("3.8", "0.42", "B365D"), ("1.95,1.9,-1.25", "1.95,1.9,-1.2", "GBAH"),
     ("1.95,1.9,-1.25", "1.95,1.9,9.0", "GBAH"), ("1.95,1.9,-1.25", "1.95,,-1.25", "GBAHA"),
     ("3.8", "inf", "B365D"), ("3.8", "nan", "B365D")],
)  # fmt: skip
def test_a_wrong_price_is_rejected_alone(was: str, now: str, column: str) -> None:
    parsed = parse_history(changed(OLD, was, now), "E0_034.csv")
    assert [len(row.markets) for row in parsed.rows] == [1, 1]
    (slip,) = parsed.rejected
    assert f"E0_034.csv, line 2, column {column}: " in slip.reason


def test_a_row_that_is_cut_short_is_rejected() -> None:
    parsed = parse_history(OLD.encode()[:-30], "E0_034.csv")
    assert [row.home for row in parsed.rows] == ["Aldham"]
    assert "line 3: 8 cells under 19 columns" in parsed.rejected[0].reason


def test_rows_of_commas_and_marks_at_the_begin_are_no_records() -> None:
    assert len(read(b"\xef\xbb\xbf" + OLD.encode() + b"," * 18 + b"\r\n")) == 2


def test_a_club_name_of_an_older_encoding_is_read() -> None:
    assert read(OLD.replace("Aldham", "Köln").encode("cp1252"))[0].home == "Köln"


@pytest.mark.parametrize("body", [b"", b"<html>Not found</html>", OLD.encode().replace(b"FTHG", b"Goals")])
def test_a_file_without_the_needed_columns_is_another_source(body: bytes) -> None:
    with pytest.raises(SourceChanged, match=r"E0_034\.csv, line 1: column \w+ is missing"):
        parse_history(body, "E0_034.csv")


def test_every_real_file_is_read_and_only_known_slips_are_rejected(shared_data: Path) -> None:
    rows, slips, quotes = 0, [], Counter[tuple[Market, bool]]()
    for path in sorted((shared_data / "history").glob("*.csv")):
        parsed = parse_history(path.read_bytes(), path.name)
        rows += len(parsed.rows)
        slips += parsed.rejected
        quotes.update((m.market, m.closing) for row in parsed.rows for m in row.markets)
    assert rows == 35_682
    assert len(slips) == 24
    assert all(slip.key.count(":") == 2 for slip in slips)
    assert sum(quotes.values()) == 647_673
    assert quotes[Market.ONE_X_TWO, True] == 70_372


def test_a_favourite_at_home_gives_in_the_real_files(shared_data: Path) -> None:
    agree = Counter[bool]()
    for path in sorted((shared_data / "history").glob("*.csv")):
        for row in parse_history(path.read_bytes(), path.name).rows:
            prices = {m.market: m for m in row.markets if m.code in ("B365", "BbAv") and not m.closing}
            result, handicap = prices.get(Market.ONE_X_TWO), prices.get(Market.ASIAN_HANDICAP)
            if result and handicap and abs(handicap.line or 0) >= 0.5:
                agree[(result.prices[0] < result.prices[2]) == ((handicap.line or 0) < 0)] += 1
    assert agree[True] > 19_000
    assert agree[False] / agree.total() < 0.001
