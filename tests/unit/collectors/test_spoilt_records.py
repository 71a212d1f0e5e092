"""A spoilt record takes no other with it: whole ones are read as before, the rest say why they are not."""

import copy
import json
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from src.collectors.readers import Record, reader
from src.domain.match import SourceMatch, TeamStat
from src.domain.payload import Parsed
from tests.unit.collectors import payloads
from tests.unit.collectors.football_data.made import NEW
from tests.unit.collectors.recorded import ABOUT

#: What may stand in the place of any value.
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(["\ud800", "\x00", "9" * 400, "2026-13-45T99:99:99Z", "١٢", "封", "<td>", "2 - x"]),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
)
FEW = settings(max_examples=150, deadline=None, derandomize=True)


@st.composite
def spoilt(draw: st.DrawFn, whole: Any) -> Any:
    """Draw a copy of a JSON value with one to three values within it replaced or taken out."""
    told = copy.deepcopy(whole)
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(list(_places(told)) or [("?",)]))
        holder = told
        for name in way:
            holder = holder[name]
        if not isinstance(holder, dict | list) or last == "?":
            break
        how = draw(st.sampled_from(["replace", "replace", "remove"]))
        if how == "replace":
            holder[last] = draw(ODD)
        else:
            del holder[last]
    return told


def _places(told: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = told.items() if isinstance(told, dict) else enumerate(told) if isinstance(told, list) else ()
    return [place for name, value in inner for place in [(*way, name), *_places(value, (*way, name))]]


def read(source: str, kind: str, body: bytes) -> Parsed[Record]:
    told = reader(source, kind)(body, ABOUT)
    assert all(item.key and item.reason for item in told.rejected)
    return told


def _id(record: Record) -> str:
    return record.source_match_id


def kept(told: Parsed[Record], *ids: str) -> list[Record]:
    return [record for record in told.rows if _id(record) in ids]


FIRST, SECOND, LAST = (payloads.fotmob_match(number) for number in (900001, 900002, 900003))


@given(match=spoilt(SECOND))
@FEW
def test_a_spoilt_match_of_a_day_list_takes_no_other_with_it(match: Any) -> None:
    whole = read("fotmob", "day", payloads.fotmob_day(FIRST, SECOND, LAST))
    told = read("fotmob", "day", payloads.fotmob_day(FIRST, match, LAST))
    assert kept(told, "900001", "900003") == kept(whole, "900001", "900003")
    assert len(told.rows) + len(told.rejected) in {2, 3}


@given(match=spoilt(json.loads(payloads.fotmob_league(SECOND))["pageProps"]["fixtures"]["allMatches"][0]))
@FEW
def test_a_spoilt_match_of_a_league_takes_no_other_with_it(match: Any) -> None:
    body = json.loads(payloads.fotmob_league(FIRST, SECOND, LAST))
    whole = read("fotmob", "league", json.dumps(body).encode())
    body["pageProps"]["fixtures"]["allMatches"][1] = match
    told = read("fotmob", "league", json.dumps(body).encode())
    assert kept(told, "900001", "900003") == kept(whole, "900001", "900003")


@given(stat=spoilt({"key": "shots", "title": "Shots", "stats": ["3 (10%)", 4], "type": "text"}))
@FEW
def test_a_spoilt_figure_takes_no_other_with_it(stat: Any) -> None:
    fouls = {"key": "fouls", "stats": [7, 8], "type": "text"}
    told = read("fotmob", "details", payloads.fotmob_details(fouls, stat))
    assert [r.value for r in told.rows if isinstance(r, TeamStat) and r.key == "fouls"] == [7, 8]
    assert any(isinstance(record, SourceMatch) for record in told.rows)


@given(quote=spoilt({"cid": 177, "cname": "Pinn*", "h": 2.1, "d": 3.3, "a": 3.6, "utime": 1772877600}))
@FEW
def test_a_spoilt_quote_of_the_gateway_takes_no_other_with_it(quote: Any) -> None:
    good = {"cid": 8, "h": 1.9, "d": 3.4, "a": 4.0, "utime": 1772877600}
    body = json.dumps({"data": [good, quote, good | {"cid": 9}]}).encode()
    told = read("titan007", "1x2", body)
    prices = [record for record in told.rows if getattr(record, "bookmaker_id", "") in {"8", "9"}]
    assert len(prices) == len(read("titan007", "1x2", json.dumps([good, good]).encode()).rows)


CELLS = st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=12)
SEASON = NEW.splitlines()


@given(place=st.integers(0, SEASON[0].count(",")), cell=CELLS)
@FEW
def test_a_spoilt_cell_of_a_season_takes_no_other_row_with_it(place: int, cell: str) -> None:
    head, first, second = SEASON
    cells = first.split(",")
    cells[place] = cell
    whole = read("football-data", "history", NEW.encode())
    told = read("football-data", "history", "\n".join([head, ",".join(cells), second]).encode())
    other = "E0/2022-2023/Corby/Deene"
    assert kept(told, other) == kept(whole, other)


#: What may stand inside a row, but for what begins or ends one; a broken tag reaches into the next row.
INNER = st.lists(
    st.sampled_from(["<td>", "</td>", "<td data-stat='home_team'>", "<td goals='x'>", "</a>", "封", "日",
                     "<a href='/en/matches/1'>", "1", "&nbsp;", "\x00", "-", "<span name='order'>", "x"]),
    max_size=12,
).map("".join)  # fmt: skip


def keeps_its_others(source: str, kind: str, page: Callable[..., bytes], *rows: str) -> None:
    """Whether the first and the last of three rows are read as without the one between."""
    first, _, last = rows
    assert set(read(source, kind, page(first, last)).rows) <= set(read(source, kind, page(*rows)).rows)


@given(inner=INNER)
@FEW
def test_a_spoilt_row_of_a_schedule_takes_no_other_with_it(inner: str) -> None:
    first, last = payloads.fbref_row("0a1b2c3d"), payloads.fbref_row("0a1b2c3e", home="Corby")
    keeps_its_others("fbref", "schedule", payloads.fbref_page, first, f"<tr>{inner}</tr>", last)


@given(inner=INNER)
@FEW
def test_a_spoilt_row_of_lines_takes_no_other_with_it(inner: str) -> None:
    first, last = payloads.line_row(), payloads.line_row(company=47)
    spoilt_row = f"<tr companyID=3>{inner}</tr>"
    keeps_its_others("titan007", "ah", payloads.lines_page, first, spoilt_row, last)


@given(inner=INNER)
@FEW
def test_a_spoilt_change_takes_no_other_with_it(inner: str) -> None:
    now, opening = (
        ("0.99", "平手/半球", "0.85", "3-07 22:50", "即"),
        ("0.80", "平手", "1.04", "3-01 21:24", "早"),
    )
    page = payloads.changes_page(now, opening)
    told = read("titan007", "changes", page.replace(b"</table>", f"<tr>{inner}</tr></table>".encode()))
    assert set(read("titan007", "changes", page).rows) <= set(told.rows)


def test_a_byte_that_is_no_utf_8_costs_the_record_that_it_is_in() -> None:
    day = payloads.fotmob_day(payloads.fotmob_match(1), payloads.fotmob_match(2))
    first, name, second = day.rpartition(b'"Aldham Utd"')
    told = read("fotmob", "day", first + name.replace(b"d", b"\xc3", 1) + second)
    assert [record.source_match_id for record in told.rows if isinstance(record, SourceMatch)] == ["1"]
    assert len(told.rejected) == 1

    page = payloads.fbref_page(payloads.fbref_row(), payloads.fbref_row("0b0b0b0b", home="Alcham"))
    told = read("fbref", "schedule", page.replace(b"Alcham", b"Al\xc3ham"))
    assert {record.source_match_id for record in told.rows} == {"0a1b2c3d"}
    assert len(told.rejected) == 1

    season = NEW.replace("Aldham", "\u00c1ldh\u00e1m" * 6).encode().replace(b"Corby", b"C\xc3rby")
    told = read("football-data", "history", season)
    assert {record.home.name for record in told.rows if isinstance(record, SourceMatch)} == {
        "\u00c1ldh\u00e1m" * 6
    }
    assert [b"C\xc3rby" in item.record for item in told.rejected] == [True]
