"""What an address asks for: the inverse of what the clients make."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.collectors.fbref.client import FBrefClient, asked_schedule
from src.collectors.registry import WATCHED, WatchedCompetition
from src.collectors.titan007.addresses import AskedChanges, asked_changes, asked_day, asked_match
from src.collectors.titan007.client import Titan007Client
from src.collectors.titan007.gateway import TitanGateway
from src.core.errors import BadData
from src.domain.odds import Market


class _Asked:
    """In place of a transport: remembers what it was asked for."""

    url = ""

    def get(self, url: str, **_: object) -> None:
        self.url = url


def titan(asked: _Asked) -> Titan007Client:
    return Titan007Client(
        asked,  # type: ignore[arg-type]
        euro_url="http://1x2d.example", pages_url="http://vip.example/x", days_url="http://bf.example",
    )  # fmt: skip


@given(number=st.integers(1, 10**9), market=st.sampled_from(Market))
def test_the_match_of_each_address_of_odds_is_read_back(number: int, market: Market) -> None:
    asked = _Asked()
    for client in (titan(asked), TitanGateway(asked, "https://gateway.example/v1/")):  # type: ignore[arg-type]
        client.odds(str(number), market)
        assert asked_match(asked.url) == str(number)


@given(number=st.integers(1, 10**9), market=st.sampled_from(Market), bookmaker=st.integers(1, 10**4))
def test_whose_changes_an_address_asks_for_is_read_back(number: int, market: Market, bookmaker: int) -> None:
    of_all = market is Market.ONE_X_TWO
    meant = AskedChanges(market=market, bookmaker=None if of_all else str(bookmaker))
    asked = _Asked()
    titan(asked).changes(str(number), meant)
    assert (asked_match(asked.url), asked_changes(asked.url)) == (str(number), meant)


def test_a_script_is_kept_apart_where_it_is_asked_for_its_changes() -> None:
    odds, changes = _Asked(), _Asked()
    titan(odds).odds("11", Market.ONE_X_TWO)
    titan(changes).changes("11", AskedChanges(market=Market.ONE_X_TWO))
    assert changes.url == f"{odds.url}#changes"


@pytest.mark.parametrize(
    "page", ["AsianOdds_n.aspx?id=1", "changeDetail/handicap.aspx?id=1", "changeDetail/1x2.aspx?companyID=8"]
)
def test_an_address_of_no_bookmakers_changes_says_so(page: str) -> None:
    with pytest.raises(BadData, match="no address of a bookmaker's changes"):
        asked_changes(f"http://vip.example/x/{page}")


@given(day=st.dates(date(2001, 1, 1), date(2099, 12, 31)), finished=st.booleans())
def test_the_day_of_a_list_is_read_back(day: date, finished: bool) -> None:
    asked = _Asked()
    client = titan(asked)
    (client.finished_day if finished else client.coming_day)(day)
    assert asked_day(asked.url) == day


@pytest.mark.parametrize("competition", WATCHED, ids=lambda competition: competition.name)
def test_the_competition_and_season_of_a_schedule_are_read_back(competition: WatchedCompetition) -> None:
    asked = _Asked()
    FBrefClient(asked, "http://fbref.example/base").schedule(competition, "2025-2026")  # type: ignore[arg-type]
    assert asked_schedule(asked.url) == (competition.fbref_id, "2025-2026")


def test_an_address_of_something_else_says_so() -> None:
    for read in (asked_match, asked_day, asked_schedule):
        with pytest.raises(BadData, match=r"http://127\.0\.0\.1/other"):
            read("http://127.0.0.1/other")
    with pytest.raises(BadData, match="names no date"):
        asked_day("http://127.0.0.1/football/Next_20260231.htm")
