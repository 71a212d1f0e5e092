"""Titan007's files and pages have the recorded ones' columns, signs, clocks and encodings."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from src.domain.odds import Market
from src.sandbox.pages.titan_changes import changes_page
from src.sandbox.pages.titan_days import next_list, over_list
from src.sandbox.pages.titan_euro import euro_js
from src.sandbox.pages.titan_lines import market_page
from src.sandbox.pages.titan_shared import handicap_name, total_name
from src.sandbox.world.bookmakers import BOOKMAKERS
from src.sandbox.world.fixture import moment
from src.sandbox.world.index import Index
from src.sandbox.world.quotes import Prices, Quote
from tests.unit.sandbox.worlds import KICKOFF, NOW, fixture, made_world

AFTER = KICKOFF + timedelta(hours=3)
QUOTES = [Quote(BOOKMAKERS[0], Market.ONE_X_TWO, Prices((1.9, 3.6, 4.2)), Prices((1.7, 3.9, 5.0)))]
HANDICAP = [
    Quote(BOOKMAKERS[0], Market.ASIAN_HANDICAP, Prices((1.91, 1.87), 1.75), Prices((1.88, 1.9), 1.75))
]
TOTAL = [Quote(BOOKMAKERS[0], Market.OVER_UNDER, Prices((1.95, 1.85), 2.25), Prices((2.03, 1.78), 2.5))]


def js(number: int = 1, *, now: datetime = AFTER, quotes: Any = QUOTES) -> str:
    match = fixture(number=number)
    return euro_js(match, moment(match, now), quotes, now).decode()


def arrays(text: str) -> tuple[list[list[str]], list[str]]:
    games = re.search(r"game=Array\((.*)\);", text)
    details = re.search(r"gameDetail=Array\((.*)\);", text)
    assert games
    assert details
    return (
        [item.split("|") for item in re.findall(r'"([^"]*)"', games[1])],
        re.findall(r'"([^"]*)"', details[1]),
    )


OLD = next(n for n in range(100) if js(n).startswith("\ufeff"))
NEW = next(n for n in range(100) if not js(n).startswith("\ufeff"))


@pytest.mark.parametrize(
    ("number", "name"), [(OLD, "1x2d_2789205.trimmed.js"), (NEW, "1x2d_3095429.trimmed.js")]
)
def test_both_styles_of_file_have_the_recorded_columns(shared_data: Path, number: int, name: str) -> None:
    recorded = (shared_data / "titan007" / name).read_text(encoding="utf-8")
    games, details = arrays(js(number))
    real_games, real_details = arrays(recorded)
    assert {len(game) for game in games} == {len(game) for game in real_games}
    assert len(details[0].split(";")[0].split("|")) == len(real_details[0].split(";")[0].split("|"))
    assert js(number).startswith("\ufeff") == recorded.startswith("\ufeff")
    assert ("var game=" in js(number)) == ("var game=" in recorded)


def test_the_month_is_a_sum_and_utc_while_changes_are_beijings() -> None:
    text = js(NEW)
    games, details = arrays(text)
    assert re.search(r'MatchTime="2026,03-1,07,15,0[05],00"', text)
    oddsid, changes = details[0].split("^")
    newest = changes.split(";")[0].split("|")
    year, month, day, hour, minute, _ = re.split(",", games[0][20].replace("-1", ""))
    set_at = datetime(int(year), int(month), int(day), int(hour), int(minute), tzinfo=UTC)
    beijing = set_at + timedelta(hours=8)
    assert newest[3] == f"{beijing:%m-%d %H:%M}"
    assert newest[7] == f"{beijing:%Y}"
    assert oddsid == games[0][1]


def test_a_bookmakers_row_holds_opening_present_chances_and_payout() -> None:
    game = arrays(js(NEW))[0][0]
    assert game[0] == "281"
    assert [float(price) for price in game[3:6]] == [1.9, 3.6, 4.2]
    assert [float(price) for price in game[10:13]] == [1.7, 3.9, 5.0]
    assert sum(map(float, game[6:9])) == pytest.approx(100, abs=0.03)
    assert float(game[9]) == pytest.approx(100 / (1 / 1.9 + 1 / 3.6 + 1 / 4.2), abs=0.01)


def test_changes_are_newest_first_and_end_at_the_opening_price() -> None:
    changes = arrays(js(NEW))[1][0].split("^")[1].strip(";").split(";")
    assert changes[0].startswith("1.7|3.9|5|")
    assert changes[-1].startswith("1.9|3.6|4.2|")


def test_nobody_quotes_a_match_more_than_a_week_ahead() -> None:
    text = js(NEW, now=KICKOFF - timedelta(days=8))
    assert arrays(text) == ([], [])


def page(quotes: list[Quote], now: datetime = NOW + timedelta(days=5)) -> Any:
    match = fixture(number=3)
    return html.fromstring(market_page(match, moment(match, now), quotes, now).decode())


def test_a_handicap_row_has_the_recorded_cells(shared_data: Path) -> None:
    recorded = html.parse(
        str(shared_data / "titan007/asianodds_row_20260818.html"), html.HTMLParser(encoding="utf-8")
    )
    real, made = (tree.xpath("//table[@id='odds']//tr[@bgcolor]/td") for tree in (recorded, page(HANDICAP)))
    assert len(made) == len(real)
    for mine, theirs in zip(made, real, strict=True):
        assert set(mine.attrib) == set(theirs.attrib)
        assert mine.get("oddstype") == theirs.get("oddstype")
    assert made[4].get("goals") == "-1.75"
    assert made[4].text == real[4].text


def test_a_totals_row_has_hong_kong_prices_and_the_line_as_a_pair(shared_data: Path) -> None:
    recorded = html.parse(str(shared_data / "titan007/overdown_rows.html"))
    real = recorded.xpath("//tr[1]/td")
    made = page(TOTAL).xpath("//table[@id='odds']//tr[@bgcolor]/td")
    assert [cell.text for cell in made[3:6]] == [cell.text for cell in real[3:6]] == ["0.95", "2/2.5", "0.85"]
    assert made[4].get("goals") == real[4].get("goals") == "2.25"


def test_after_the_match_the_closing_price_is_in_whole_odds_only() -> None:
    made = page(HANDICAP, AFTER)
    before = made.xpath("//td[@oddstype='wholeOdds']")
    last = made.xpath("//td[@oddstype='wholeLastOdds']")
    assert [before[0].text, before[1].get("goals"), before[2].text] == ["0.88", "-1.75", "0.90"]
    assert [cell.text for cell in last] != [cell.text for cell in before]


def history(quotes: list[Quote], now: datetime) -> list[list[str]]:
    match = fixture(number=3)
    body = changes_page(match, moment(match, now), quotes, quotes[0].market, 8, now)
    rows = html.fromstring(body.decode("gb18030")).xpath("//tr")
    return [[cell.text_content() for cell in row.xpath("./td")] for row in rows]


def test_a_history_has_the_recorded_columns_newest_first(shared_data: Path) -> None:
    recorded = html.parse(
        str(shared_data / "titan007/changedetail_2990354.html"), html.HTMLParser(encoding="utf-8")
    )
    head, *real = [[cell.text_content() for cell in row] for row in recorded.xpath("//tr")]
    mine, *made = history(HANDICAP, AFTER)
    assert [mine[n] for n in (0, 1, 5, 6)] == [head[n] for n in (0, 1, 5, 6)]
    assert {len(row) for row in made} == {len(row) for row in real} == {len(mine)}
    for *_, at, state in (*made, *real):
        assert re.fullmatch(r"\d{1,2}-\d{1,2} \d\d:\d\d", at)
        assert state in {"早", "即", "滚"}
    states = [row[6] for row in made]
    assert states == sorted(states, key="滚即早".index)
    assert set(states) == {"早", "即", "滚"}
    assert made[-1][2:5] == ["0.91", "受让球半/两球", "0.87"]
    assert [row[3] for row in history(TOTAL, KICKOFF)[1:]][-1] == "2/2.5"


def test_before_the_kick_off_no_price_is_in_play() -> None:
    assert {row[6] for row in history(HANDICAP, KICKOFF - timedelta(minutes=1))[1:]} == {"早", "即"}
    assert len(history(HANDICAP, KICKOFF - timedelta(days=8))) == 1


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (0, "平手"),
        (0.25, "平手/半球"),
        (-0.5, "半球"),
        (1, "一球"),
        (1.75, "球半/两球"),
        (-2.75, "两球半/三球"),
    ],
)
def test_handicaps_have_their_chinese_names(line: float, name: str) -> None:
    assert handicap_name(line) == name


def test_totals_are_printed_as_pairs_on_quarters() -> None:
    assert [total_name(line) for line in (2.0, 2.25, 2.5, 2.75)] == ["2", "2/2.5", "2.5", "2.5/3"]


def test_day_lists_are_gb18030_and_split_at_the_whistle(shared_data: Path) -> None:
    index = Index(made_world())
    day = (NOW + timedelta(days=-1)).date()
    seen = index.on_beijing_day(day, NOW)
    rows = html.fromstring(over_list(seen, index).decode("gb18030")).xpath("//tr[@sid]")
    assert rows
    assert next_list(seen, index).count(b"<tr") == 0
    recorded = (shared_data / "titan007/over_20251018_5rows.gb18030.html").read_bytes().decode("gb18030")
    real = html.fromstring(recorded).xpath("//tr[@sid]")[0]
    for row in rows:
        assert [set(cell.attrib) - {"style"} for cell in row.xpath("./td")] == [
            set(cell.attrib) - {"style"} for cell in real.xpath("./td")
        ]
        assert set(row.attrib) == set(real.attrib)
        assert re.fullmatch(r"\d{1,2}日\d\d:\d\d", row.xpath("./td")[1].text)


def test_next_rows_have_the_recorded_cells(shared_data: Path) -> None:
    index = Index(made_world())
    seen = index.on_beijing_day((NOW + timedelta(days=7)).date(), NOW)
    row = html.fromstring(next_list(seen, index).decode("gb18030")).xpath("//tr[@sid]")[0]
    recorded = html.fromstring((shared_data / "titan007/next_20260418_row.html").read_text(encoding="utf-8"))
    real = recorded.xpath("//tr[@sid]")[0]
    assert len(row.xpath("./td")) == len(real.xpath("./td"))
    assert set(row.attrib) == set(real.attrib)
    assert re.fullmatch(r"\d{1,2}-\d{1,2} \d\d:\d\d", row.xpath("./td")[1].text)
    assert row.xpath("./td")[4].text_content() == "-"


def test_every_made_club_can_be_written_in_gb18030_and_has_a_chinese_name() -> None:
    names = {club.titan_name for f in made_world().fixtures for club in (f.home, f.away)}
    assert all(name.encode("gb18030").decode("gb18030") == name for name in names)
    assert not [name for name in names if re.search("[A-Za-z]", name)]
