"""Titan007's histories, odds in play, lists and gateway."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.collectors.titan007.line_names import line_of
from src.collectors.titan007.mapping import euro_quotes, gateway_quotes
from src.collectors.titan007.mapping_changes import (
    change_quotes,
    euro_changes,
    live_quotes,
    stored_changes,
    stored_euro_changes,
)
from src.collectors.titan007.mapping_matches import matches
from src.collectors.titan007.parse_changes import parse_changes
from src.collectors.titan007.parse_day import parse_day
from src.collectors.titan007.parse_euro import parse_euro
from src.collectors.titan007.parse_gateway import parse_gateway
from src.collectors.titan007.parse_live_odds import parse_live_odds
from src.collectors.titan007.parse_match import parse_match
from src.collectors.titan007.parse_schedule import parse_schedule
from src.collectors.titan007.quotes import read_quotes
from src.collectors.titan007.sight import Sight
from src.collectors.titan007.states import status_of
from src.core.errors import BadData, SourceChanged
from src.domain.match import MatchStatus, Score
from src.domain.odds import Market, OddsQuote, Phase
from tests.unit.collectors import payloads

KICKOFF = datetime(2026, 3, 7, 15, tzinfo=UTC)
BEFORE = Sight(match_id="1", kickoff=KICKOFF, captured_at=KICKOFF - timedelta(hours=4))
AFTER = Sight(match_id="1", kickoff=KICKOFF, captured_at=KICKOFF + timedelta(days=2))
SHA = "ab" * 32


@pytest.mark.parametrize(
    ("name", "line"),
    [("平手", 0), ("平手/半球", 0.25), ("半球", 0.5), ("半球/一球", 0.75), ("一球", 1), ("一球/球半", 1.25),
     ("球半", 1.5), ("球半/两球", 1.75), ("两球", 2), ("两球半", 2.5), ("三球/三球半", 3.25), ("十球", 10),
     ("受让球半/两球", -1.75), ("受半球", -0.5), ("*半球", -0.5), ("2/2.5", 2.25), ("3", 3), ("受让平手", 0)],
)  # fmt: skip
def test_names_of_lines(name: str, line: float) -> None:
    assert line_of(name) == line


@pytest.mark.parametrize("name", ["", "封", "半球/一球/球半", "大", "受让", "-", "1e5", "٣"])
def test_other_texts_are_no_lines(name: str) -> None:
    with pytest.raises(ValueError, match="name of a line"):
        line_of(name)


def changes(page: bytes, sight: Sight) -> list[OddsQuote]:
    told = change_quotes(parse_changes(page, KICKOFF), "8", sight)
    assert told.rejected == ()
    return list(told.rows)


def test_a_history_tells_its_phases_oldest_first() -> None:
    assert [
        (q.phase, q.line, q.prices, q.source_time_utc) for q in changes(payloads.changes_page(), AFTER)
    ] == [
        (Phase.OPENING, 0.5, (1.8, 2.04), datetime(2026, 3, 1, 13, 24, tzinfo=UTC)),
        (Phase.CLOSING, -0.25, (1.99, 1.85), datetime(2026, 3, 7, 14, 50, tzinfo=UTC)),
        (Phase.INPLAY, 0.0, (1.7, 2.2), datetime(2026, 3, 7, 15, 20, tzinfo=UTC)),
    ]


def test_a_price_from_the_kick_off_on_is_in_play_whatever_the_page_calls_it() -> None:
    page = payloads.changes_page(
        ("0.50", "平手", "1.50", "3-07 23:01", "即"), ("0.80", "平手", "1.04", "3-07 22:50", "早")
    )
    assert [quote.phase for quote in changes(page, AFTER)] == [Phase.OPENING, Phase.INPLAY]


def test_the_last_price_of_a_coming_match_does_not_close_it() -> None:
    page = payloads.changes_page(
        ("0.99", "平手", "0.85", "3-07 12:00", "即"), ("0.80", "平手", "1.04", "3-01 21:24", "早")
    )
    assert [quote.phase for quote in changes(page, BEFORE)] == [Phase.OPENING, Phase.PREMATCH]


def test_a_history_of_totals_is_told_by_its_head() -> None:
    page = payloads.changes_page(("0.9", "2/2.5", "0.9", "3-07 12:00", "即"), total=True)
    assert [(q.market, q.line) for q in changes(page, BEFORE)] == [(Market.OVER_UNDER, 2.25)]


def test_a_home_team_of_that_letter_makes_no_total() -> None:
    page = payloads.changes_page(("0.9", "平手", "0.9", "3-07 12:00", "即"), home="大阪钢巴")
    assert [quote.market for quote in changes(page, BEFORE)] == [Market.ASIAN_HANDICAP]


def test_changes_of_one_minute_stay_in_the_pages_order() -> None:
    page = payloads.changes_page(
        ("0.92", "平手", "0.9", "3-07 12:00", "即"), ("0.91", "平手", "0.9", "3-07 12:00", "早")
    )
    assert [quote.prices[0] for quote in changes(page, BEFORE)] == [1.91, 1.92]
    detail = "77^2.4|3.3|3.0|03-01 20:00|1|1|1|2026;2.5|3.2|2.9|03-01 20:00|1|1|1|2026"
    (script,) = parse_euro(payloads.euro_script(payloads.euro_item(), details=(detail,))).rows
    assert [quote.prices[0] for quote in euro_changes(script, BEFORE).rows] == [2.5, 2.4]


def test_each_change_of_one_minute_is_a_second_after_the_one_before() -> None:
    page = payloads.changes_page(
        ("0.93", "平手", "0.9", "3-07 12:01", "即"), ("0.92", "平手", "0.9", "3-07 12:00", "即"),
        ("0.91", "平手", "0.9", "3-07 12:00", "即"), ("0.90", "平手", "0.9", "3-07 12:00", "早"),
    )  # fmt: skip
    noon = datetime(2026, 3, 7, 4, tzinfo=UTC)
    assert [quote.source_time_utc for quote in changes(page, BEFORE)] == [
        noon, noon + timedelta(seconds=1), noon + timedelta(seconds=2), noon + timedelta(minutes=1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "kickoff", [datetime(2026, 1, 1, 15, tzinfo=UTC), datetime(2025, 12, 31, 17, tzinfo=UTC)]
)
def test_a_history_over_new_year_has_both_years_by_beijings_clock(kickoff: datetime) -> None:
    page = payloads.changes_page(
        ("0.9", "平手", "0.9", "1-01 00:30", "即"), ("0.8", "平手", "1.0", "12-26 08:00", "早")
    )
    sight = Sight(match_id="1", kickoff=kickoff, captured_at=kickoff + timedelta(hours=3))
    told = stored_changes(parse_changes(page, kickoff), "8", sight)
    assert [quote.source_time_utc for quote in told.rows] == [
        datetime(2025, 12, 26, 0, 0, tzinfo=UTC), datetime(2025, 12, 31, 16, 30, tzinfo=UTC),
    ]  # fmt: skip


_PRICES = st.sampled_from(["0.80", "0.85", "0.90", "0.95"])


@given(
    changes=st.lists(st.tuples(st.integers(0, 30), _PRICES), min_size=1, max_size=12), seen=st.integers(1, 12)
)
def test_a_longer_history_tells_what_the_shorter_one_told(changes: list[tuple[int, str]], seen: int) -> None:
    told = [
        (price, "平手", "0.9", f"3-07 22:{45 + minute}" if minute < 15 else f"3-07 23:{minute - 15:02}", "即")
        for minute, price in sorted(changes, key=lambda change: change[0])
    ]
    early, late = (
        {
            (quote.observed_at, quote.prices)
            for quote in stored_changes(
                parse_changes(payloads.changes_page(*reversed(rows)), KICKOFF), "8", AFTER
            ).rows
        }
        for rows in (told[:seen], told)
    )
    assert early <= late
    assert len(late) == sum(minute < 15 for minute, _ in changes)
    assert all(at < KICKOFF for at, _ in late)


def test_of_a_line_all_is_stored_that_is_before_the_kick_off_and_nothing_closes_it() -> None:
    told = stored_changes(parse_changes(payloads.changes_page(), KICKOFF), "8", AFTER)
    assert [(quote.phase, quote.prices) for quote in told.rows] == [
        (Phase.OPENING, (1.8, 2.04)), (Phase.PREMATCH, (1.99, 1.85)),
    ]  # fmt: skip


def test_an_unbelievable_price_in_play_is_nobodys_fault() -> None:
    page = payloads.changes_page(
        ("0.01", "0.3", "49", "3-07 23:20", "滚"), ("0.80", "平手", "1.04", "3-01 21:24", "早")
    )
    told = stored_changes(parse_changes(page, KICKOFF), "8", AFTER)
    assert (len(told.rows), told.rejected) == (1, ())


@pytest.mark.parametrize(("sight", "last"), [(BEFORE, Phase.PREMATCH), (AFTER, Phase.CLOSING)])
def test_what_a_script_tells_as_odds_is_among_what_is_stored_of_its_changes(
    sight: Sight, last: Phase
) -> None:
    detail = (
        "77^2.4|3.3|3.0|03-07 18:30|1|1|1|2026;2.45|3.2|3.0|03-05 20:00|1|1|1|2026;"
        "2.5|3.2|2.9|03-01 20:00|1|1|1|2026"
    )
    if sight.begun:
        detail = detail.replace("^", "^1.2|6|9|03-08 00:10|1|1|1|2026;")
    once = payloads.euro_item(bookmaker=177, odds_id=78, current="2.5|3.2|2.9", at="2026,3-1,01,12,00,00")
    items, details = (payloads.euro_item(), once), (detail, "78^2.5|3.2|2.9|03-01 20:00")
    (script,) = parse_euro(payloads.euro_script(*items, details=details)).rows
    stored = stored_euro_changes(script, sight).rows
    assert set(euro_quotes(script, sight).rows) <= set(stored)
    in_time = sorted(stored, key=lambda quote: quote.observed_at)
    assert [(quote.bookmaker_name, quote.phase) for quote in in_time] == [
        ("Bet365", Phase.OPENING), ("Pinnacle", Phase.OPENING), ("Pinnacle", last),
        ("Bet365", Phase.PREMATCH), ("Bet365", last),
    ]  # fmt: skip


def test_a_sealed_change_is_a_suspended_quote() -> None:
    page = payloads.changes_page(
        ("封", "封", "封", "3-07 12:00", "即"), ("0.80", "平手", "1.04", "3-01 21:24", "早")
    )
    assert [(q.suspended, q.prices) for q in changes(page, BEFORE)] == [(False, (1.8, 2.04)), (True, ())]


def test_a_change_that_cannot_be_read_is_rejected_and_the_rest_kept() -> None:
    page = payloads.changes_page(
        ("0.9", "很多球", "0.9", "3-07 12:00", "即"), ("0.80", "平手", "1.04", "3-01 21:24", "早")
    )
    told = parse_changes(page, KICKOFF)
    assert [len(row.changes) for row in told.rows] == [1]
    assert [item.key for item in told.rejected] == ["row 1"]


def test_a_history_without_its_head_is_a_changed_source() -> None:
    with pytest.raises(SourceChanged):
        parse_changes(b"<table><tr><td>1</td></tr></table>", KICKOFF)


def test_every_change_of_a_script_is_told_with_its_phase() -> None:
    detail = (
        "77^1.2|6|9|03-08 00:10|1|1|1|2026;2.4|3.3|3.0|03-07 22:59|1|1|1|2026;"
        "2.5|3.2|2.9|03-01 20:00|1|1|1|2026"
    )
    (script,) = parse_euro(payloads.euro_script(payloads.euro_item(), details=(detail,))).rows
    told = euro_changes(script, AFTER)
    assert [quote.phase for quote in told.rows] == [Phase.OPENING, Phase.CLOSING, Phase.INPLAY]


def test_a_history_of_no_bookmaker_is_rejected() -> None:
    parsed = parse_euro(payloads.euro_script(payloads.euro_item(), details=("78^2.5|3.2|2.9|03-01 20:00",)))
    assert [item.key for item in parsed.rejected] == ["gameDetail 78"]
    assert parsed.rows[0].quotes[0].changes == ()


def test_a_script_of_another_match_is_bad_data() -> None:
    body = payloads.euro_script(payloads.euro_item()) + b"var ScheduleID=12;"
    assert parse_euro(body, asked="12").rows[0].match_id == "12"
    with pytest.raises(BadData, match="of match 12, not of 11"):
        parse_euro(body, asked="11")


def test_a_name_may_hold_a_semicolon() -> None:
    (script,) = parse_euro(payloads.euro_script(home="Aldham &amp; Brixworth")).rows
    assert script.home == "Aldham & Brixworth"


def test_odds_of_minutes_are_in_play_and_their_bookmakers_unmapped() -> None:
    told = live_quotes(parse_live_odds(payloads.live_odds()), AFTER)
    assert told.rejected == ()
    for quote in told.rows:
        assert quote.phase is Phase.INPLAY or quote.observed_at < KICKOFF
    assert {quote.bookmaker_namespace for quote in told.rows} == {"titan-live-place"}
    assert len(told.rows) == 22


def test_a_cut_script_of_odds_in_play_is_bad_data() -> None:
    with pytest.raises(BadData):
        parse_live_odds(payloads.live_odds()[:-3])


def gateway(market: Market, sight: Sight, *quotes: dict[str, Any]) -> list[OddsQuote]:
    told = gateway_quotes(parse_gateway(payloads.gateway(*quotes), market), market, sight)
    assert told.rejected == ()
    return list(told.rows)


def test_the_gateways_prices_become_decimal_and_its_lines_ours() -> None:
    (euro,) = gateway(Market.ONE_X_TWO, BEFORE, {"cid": "281", "h": "2.5", "d": 3.2, "a": 2.9})
    assert (euro.bookmaker_name, euro.prices, euro.line) == ("Bet365", (2.5, 3.2, 2.9), None)
    (handicap,) = gateway(Market.ASIAN_HANDICAP, BEFORE, {"h": 0.95, "l": "0.25", "a": 0.93})
    assert (handicap.bookmaker_name, handicap.prices, handicap.line) == ("Bet365", (1.95, 1.93), -0.25)
    (total,) = gateway(Market.OVER_UNDER, BEFORE, {"o": 0.95, "l": 2.5, "u": 0.93})
    assert (total.prices, total.line) == ((1.95, 1.93), 2.5)


@pytest.mark.parametrize(
    "utime",
    [
        1772877600, "1772877600", 1772877600000, "2026-03-07T10:00:00Z", "2026-03-07 18:00",
        "2026-03-07 18:00:00",
    ],
)  # fmt: skip
def test_the_gateways_times_are_unix_iso_or_beijings(utime: object) -> None:
    (quote,) = gateway(Market.ONE_X_TWO, BEFORE, {"h": 2.5, "d": 3.2, "a": 2.9, "utime": utime})
    assert quote.source_time_utc == datetime(2026, 3, 7, 10, tzinfo=UTC)


def test_the_gateways_price_from_the_kick_off_on_or_of_unknown_time_after_it_is_left_out() -> None:
    late = int(KICKOFF.timestamp()) + 60
    told = gateway(
        Market.ONE_X_TWO, AFTER,
        {"h": 2.5, "d": 3.2, "a": 2.9, "utime": late}, {"h": 2.5, "d": 3.2, "a": 2.9, "utime": None},
        {"h": 2.4, "d": 3.2, "a": 3.0, "utime": late - 600},
    )  # fmt: skip
    assert [(quote.phase, quote.prices) for quote in told] == [(Phase.CLOSING, (2.4, 3.2, 3.0))]


def test_the_gateways_noughts_are_a_suspended_quote() -> None:
    (quote,) = gateway(Market.ASIAN_HANDICAP, BEFORE, {"h": 0, "l": 0.25, "a": None})
    assert (quote.suspended, quote.prices) == (True, ())


def test_an_unknown_bookmaker_of_the_gateway_is_kept_and_a_broken_one_rejected() -> None:
    told = parse_gateway(
        payloads.gateway({"cid": 4711, "cname": "New", "h": 2.5, "d": 3.2, "a": 2.9}, {"cid": "x"}),
        Market.ONE_X_TWO,
    )
    (quote,) = gateway_quotes(told, Market.ONE_X_TWO, BEFORE).rows
    assert quote.bookmaker_name == "New (titan-euro 4711)"
    assert [item.key for item in told.rejected] == ["x"]


@pytest.mark.parametrize("body", [b'{"code": 1, "msg": "no such match"}', b'{"data": {}}', b'"x"', b"7"])
def test_an_answer_without_a_list_is_a_changed_source(body: bytes) -> None:
    with pytest.raises(SourceChanged):
        parse_gateway(body, Market.ONE_X_TWO)


def test_both_dialects_are_read_by_what_they_are() -> None:
    site = read_quotes(payloads.euro_script(payloads.euro_item()), Market.ONE_X_TWO, BEFORE)
    api = read_quotes(payloads.gateway({"cid": 281, "h": 2.4, "d": 3.3, "a": 3.0}), Market.ONE_X_TWO, BEFORE)
    assert {quote.bookmaker_name for quote in (*site.rows, *api.rows)} == {"Bet365"}


MINUTES = st.integers(-8_000, 8_000).map(lambda minutes: KICKOFF + timedelta(minutes=minutes))


@given(at=MINUTES, captured=MINUTES)
def test_no_price_of_the_match_in_play_is_ever_told_as_pre_match(at: datetime, captured: datetime) -> None:
    sight = Sight(match_id="1", kickoff=KICKOFF, captured_at=captured)
    item = payloads.euro_item(at=f"{at:%Y},{at.month}-1,{at:%d,%H,%M,%S}")
    (script,) = parse_euro(payloads.euro_script(item)).rows
    told = euro_quotes(script, sight).rows
    api = gateway(Market.ONE_X_TWO, sight, {"h": 2.4, "d": 3.3, "a": 3.0, "utime": int(at.timestamp())})
    assert all(quote.observed_at < KICKOFF for quote in (*told, *api))


@pytest.mark.parametrize(
    ("state", "status"),
    [("-14", MatchStatus.POSTPONED), ("-13", MatchStatus.LIVE), ("-12", MatchStatus.ABANDONED),
     ("-11", MatchStatus.POSTPONED), ("-10", MatchStatus.CANCELLED), ("-1", MatchStatus.FINISHED),
     ("0", MatchStatus.SCHEDULED), ("1", MatchStatus.LIVE), ("2", MatchStatus.LIVE), ("3", MatchStatus.LIVE),
     ("4", MatchStatus.LIVE), ("5", MatchStatus.LIVE), ("完", MatchStatus.FINISHED),
     ("", MatchStatus.SCHEDULED),
     ("推迟", MatchStatus.POSTPONED), ("腰斩", MatchStatus.ABANDONED), ("取消", MatchStatus.CANCELLED),
     ("中", MatchStatus.LIVE), ("45+2", MatchStatus.LIVE)],
)  # fmt: skip
def test_states_by_number_and_by_word(state: str, status: MatchStatus) -> None:
    assert status_of(state) is status


def test_a_match_in_an_unknown_state_is_rejected_by_name() -> None:
    told = matches(parse_schedule(payloads.titan_schedule(payloads.titan_scheduled(state="-99"))), SHA)
    assert told.rows == ()
    assert "-99" in told.rejected[0].reason


def test_a_finished_match_of_a_list_has_the_score_it_shows() -> None:
    (match,) = matches(parse_day(payloads.titan_day((11, "7日23:00")), date(2026, 3, 7)), SHA).rows
    assert (match.score_final, match.score_90) == (Score(home=1, away=0), None)


def test_the_page_of_a_match_is_read_in_beijings_time() -> None:
    (match,) = matches(parse_match(payloads.titan_match_page()), SHA).rows
    assert (match.source_match_id, match.kickoff_utc, match.season) == ("11", KICKOFF, "2025-2026")
    assert (match.home.name, match.away.name, match.competition.source_id) == ("甲队", "乙队", "36")


def test_a_league_of_the_schedule_that_is_cut_short_is_rejected_and_its_matches_kept() -> None:
    told = parse_schedule(b"36^#66!" + payloads.titan_schedule())
    assert [row.league for row in told.rows] == ["英超"]
    assert [item.key for item in told.rejected] == ["36"]


def test_rejected_records_of_the_gateway_are_kept_as_json() -> None:
    told = parse_gateway(payloads.gateway({"cid": "x", "h": 1}), Market.ONE_X_TWO)
    assert json.loads(told.rejected[0].record)["cid"] == "x"
