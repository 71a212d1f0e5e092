"""Real seasons from CSV files: both date formats, columns that come and go, and clear errors."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from src.core.errors import Misconfigured
from src.domain.odds import Market
from src.sandbox.anchor import Anchor
from src.sandbox.history.history_world import HistoryWorld, read_history
from src.sandbox.history.season_files import season_files
from tests.unit.sandbox.worlds import HEADER, OLD_HEADER, OLD_ROW, ROW, write_csv, write_season

ANCHOR = Anchor(at=datetime(2026, 3, 1, tzinfo=UTC), shift_weeks=180)


def world(folder: Path, seasons: int = 4) -> HistoryWorld:
    return HistoryWorld(read_history(folder, seasons), ANCHOR)


def test_seasons_are_in_order_of_years_not_of_names(tmp_path: Path) -> None:
    for name in ("E0_2223.csv", "E0_034.csv", "E0_0910.csv", "E0_089.csv", "E0_1920.csv"):
        write_season(tmp_path, name)
    (tmp_path / "notes.txt").write_text("not a season")
    assert [file.year for file in season_files(tmp_path)] == [2003, 2008, 2009, 2019, 2022]
    assert {match.year for match in read_history(tmp_path, 2).matches} == {2019, 2022}


def test_a_recent_row_gives_utc_kick_off_figures_and_both_prices(tmp_path: Path) -> None:
    write_csv(tmp_path / "E0_2223.csv", ROW.format(date="05/08/2022", home="Man United", away="Arsenal"))
    match = read_history(tmp_path).matches[0]
    assert match.kickoff == datetime(2022, 8, 5, 19, tzinfo=UTC)
    assert (match.score, match.half_time) == ((2, 1), (1, 0))
    assert match.figures[1].fouls == 22
    served = world(tmp_path)
    fixture = served.fixtures[0]
    bet365, pinnacle = served.quotes(fixture, Market.ONE_X_TWO)
    assert bet365.opening.prices == (1.9, 3.6, 4.2)
    assert bet365.closing.prices == (1.8, 3.75, 4.6)
    assert pinnacle.opening == pinnacle.closing
    [handicap] = served.quotes(fixture, Market.ASIAN_HANDICAP)
    assert (handicap.opening.line, handicap.closing.line) == (-0.5, -0.75)
    assert served.closing_lines(fixture) == (-0.75, 2.5)
    assert fixture.home.fbref_name == "Manchester Utd"
    assert fixture.home.fotmob_name == "Man United"


def test_an_old_row_is_at_three_in_britain_with_the_markets_mean_handicap(tmp_path: Path) -> None:
    rows = [OLD_ROW.format(date=date, home="Leeds", away="Nowhere") for date in ("20/12/03", "08/05/04")]
    write_csv(tmp_path / "E0_034.csv", *rows, header=OLD_HEADER)
    served = world(tmp_path)
    winter, summer = (fixture.kickoff - timedelta(weeks=180) for fixture in served.fixtures)
    assert winter == datetime(2003, 12, 20, 15, tzinfo=UTC)
    assert summer == datetime(2004, 5, 8, 14, tzinfo=UTC)
    assert served.closing_lines(served.fixtures[0]) == (-0.25, None)


def test_blank_lines_a_byte_order_mark_and_missing_prices_are_no_trouble(tmp_path: Path) -> None:
    row = ROW.format(date="05/08/2022", home="Leeds", away="Arsenal").replace("1.9,3.6,4.2", ",,")
    (tmp_path / "E0_2223.csv").write_text("\ufeff" + "\n".join([HEADER, row, ",,,,", ""]), encoding="utf-8")
    served = world(tmp_path)
    bet365 = served.quotes(served.fixtures[0], Market.ONE_X_TWO)[0]
    assert len(served.fixtures) == 1
    assert bet365.opening == bet365.closing


def test_a_line_off_the_quarters_is_left_out(tmp_path: Path) -> None:
    row = ROW.format(date="05/08/2022", home="Leeds", away="Arsenal").replace(",-0.5,", ",-1.2,")
    write_csv(tmp_path / "E0_2223.csv", row.replace(",-0.75,", ",-1.2,"))
    served = world(tmp_path)
    assert served.quotes(served.fixtures[0], Market.ASIAN_HANDICAP) == []


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("05/08/2022", "2022-08-05", "line 3, column Date: '2022-08-05'"),
        ("20:00", "late", "line 3, column Time: 'late'"),
        ("2,1,H,1", "two,1,H,1", "line 3, column FTHG: 'two'"),
        ("1.9,3.6,4.2", "1.9,3.6,many", "line 3, column B365A: 'many'"),
        ("Arsenal", "", "line 3, column AwayTeam: ''"),
    ],
)
def test_a_wrong_cell_is_named_by_file_line_and_column(
    tmp_path: Path, before: str, after: str, told: str
) -> None:
    good = ROW.format(date="05/08/2022", home="Leeds", away="Arsenal")
    assert before in good
    path = write_csv(tmp_path / "E0_2223.csv", good, good.replace(before, after, 1))
    with pytest.raises(Misconfigured) as error:
        read_history(tmp_path)
    assert str(path) in str(error.value)
    assert told in str(error.value)


def test_a_missing_column_folder_or_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"nowhere does not exist"):
        read_history(tmp_path / "nowhere")
    with pytest.raises(Misconfigured, match=r"holds no season file.*E0_2223\.csv"):
        read_history(tmp_path)
    write_csv(tmp_path / "E0_2223.csv", header="Div,Date,HomeTeam,AwayTeam,FTHG")
    with pytest.raises(Misconfigured, match=r"E0_2223\.csv, line 1: column FTAG is missing"):
        read_history(tmp_path)
    write_csv(tmp_path / "E0_2223.csv")
    with pytest.raises(Misconfigured, match=r"has no matches"):
        read_history(tmp_path)


def test_the_shift_is_in_whole_weeks_and_lands_in_the_season(tmp_path: Path) -> None:
    write_season(tmp_path, "E0_2223.csv")
    history = read_history(tmp_path)
    now = datetime(2026, 3, 1, tzinfo=UTC)
    moved = now - timedelta(weeks=history.shift_weeks(now))
    assert history.matches[0].kickoff <= moved <= history.matches[-1].kickoff


@pytest.mark.parametrize("now", ["2026-01-05", "2026-03-10", "2026-06-20", "2026-07-31", "2026-11-22"])
def test_real_seasons_are_moved_to_a_busy_week(shared_data: Path, now: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    history = read_history(shared_data / "history", 1)
    moved = at - timedelta(weeks=history.shift_weeks(at))
    for code in ("E0", "SP1", "D1", "I1", "F1"):
        kickoffs = [match.kickoff for match in history.matches if match.code == code]
        assert sum(moved - timedelta(days=7) <= k < moved for k in kickoffs) >= 6
        assert sum(moved <= k < moved + timedelta(days=10) for k in kickoffs) >= 6


def test_every_real_season_can_be_read(shared_data: Path) -> None:
    history = read_history(shared_data / "history", 20)
    served = HistoryWorld(history, ANCHOR)
    assert len(served.fixtures) > 35_000
    for name in ("number", "fotmob_id", "titan_id", "fbref_id"):
        assert len({getattr(f, name) for f in served.fixtures}) == len(served.fixtures)
    priced = sum(bool(served.quotes(f, Market.ONE_X_TWO)) for f in served.fixtures)
    assert priced / len(served.fixtures) > 0.99
