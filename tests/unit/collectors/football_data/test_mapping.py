from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from src.collectors.football_data.bookmakers import is_known
from src.collectors.football_data.mapping import (
    team_id,
    time_known,
    to_match,
    to_quotes,
    to_stats,
)
from src.collectors.football_data.parse import HistoryRow, parse_history
from src.domain.bookmaker import AGGREGATES
from src.domain.match import MatchStatus, Score, Source
from src.domain.odds import OddsQuote, Phase
from tests.unit.collectors.football_data.made import NEW, OLD

CAPTURED = datetime(2026, 3, 1, tzinfo=UTC)
SHA = "0" * 64


def rows(text: str) -> tuple[HistoryRow, ...]:
    return parse_history(text.encode(), "E0_2223.csv").rows


def quotes(text: str, row: int = 0) -> list[OddsQuote]:
    return to_quotes(rows(text)[row], CAPTURED)


def test_a_kick_off_is_uk_time_summer_and_winter() -> None:
    first, second = (to_match(row, SHA) for row in rows(NEW))
    assert first.kickoff_utc == datetime(2022, 8, 5, 19, tzinfo=UTC)
    assert second.kickoff_utc == datetime(2023, 1, 7, 15, tzinfo=UTC)


def test_a_match_without_a_time_is_put_at_noon_and_says_so() -> None:
    row = rows(OLD)[0]
    assert not time_known(row)
    assert time_known(rows(NEW)[0])
    assert to_match(row, SHA).kickoff_utc == datetime(2003, 8, 16, 12, tzinfo=UTC)


def test_a_match_has_a_name_that_stays_when_it_is_put_off() -> None:
    match = to_match(rows(NEW)[0], SHA)
    later = to_match(rows(NEW.replace("05/08/2022,20:00", "12/04/2023,19:45"))[0], SHA)
    assert match.source_match_id == later.source_match_id == "E0/2022-2023/Aldham/Brixworth"


def test_a_club_keeps_its_id_in_another_division_and_shares_it_with_no_other_country() -> None:
    assert team_id("E0", "Aldham") == team_id("E2", "Aldham") == team_id("EC", "Aldham") == "E/Aldham"
    assert team_id("SP1", "Aldham") == "SP/Aldham"
    assert to_match(rows(NEW)[0], SHA).home.source_id == "E/Aldham"


def test_a_league_that_we_follow_is_the_one_the_other_sources_mean() -> None:
    match = to_match(rows(NEW)[0], SHA)
    assert (match.source, match.status) == (Source.FOOTBALL_DATA, MatchStatus.FINISHED)
    assert (match.competition.source, match.competition.source_id) == (Source.FOTMOB, "47")
    assert match.score_90 == match.score_final == Score(home=0, away=2)
    other = to_match(rows(NEW.replace("E0,05", "E1,05"))[0], SHA)
    assert (other.competition.source, other.competition.source_id) == (Source.FOOTBALL_DATA, "E1")


def test_figures_are_of_both_sides_and_half_time_goals_are_of_the_first_half() -> None:
    stats = {(s.key, s.period, s.side): s.value for s in to_stats(rows(OLD)[0])}
    assert stats == {
        ("shots", "ft", "home"): 11, ("shots", "ft", "away"): 13,
        ("goals", "h1", "home"): 1, ("goals", "h1", "away"): 0,
    }  # fmt: skip


def test_closing_prices_are_of_the_kick_off_and_first_prices_of_the_days_before() -> None:
    match = to_match(rows(NEW)[1], SHA)
    times = {quote.phase: quote.observed_at for quote in quotes(NEW, 1)}
    assert times == {
        Phase.OPENING: datetime(2023, 1, 6, 15, tzinfo=UTC),
        Phase.CLOSING: match.kickoff_utc - timedelta(seconds=1),
    }


@pytest.mark.parametrize(
    ("day", "taken"),
    [("09/01/2023,20:00", "2023-01-06T15:00"), ("10/01/2023,20:00", "2023-01-10T15:00"),
     ("11/01/2023,20:00", "2023-01-10T15:00"), ("12/01/2023,20:00", "2023-01-10T15:00"),
     ("13/01/2023,20:00", "2023-01-13T15:00"), ("13/01/2023,13:00", "2023-01-13T12:00")],
)  # fmt: skip
def test_first_prices_are_of_friday_or_tuesday_and_never_of_the_match_itself(day: str, taken: str) -> None:
    first = quotes(NEW.replace("07/01/2023,15:00", day), 1)[0]
    assert first.observed_at.isoformat().startswith(taken)


def test_aggregates_are_no_bookmakers() -> None:
    spaces = {quote.bookmaker_name: quote.bookmaker_namespace for quote in quotes(NEW)}
    assert {name for name, space in spaces.items() if space in AGGREGATES} == {"Market maximum"}
    assert {name for name, space in spaces.items() if space not in AGGREGATES} == {"Pinnacle", "Vcbet"}


def test_an_unknown_bookmaker_is_one_of_its_own() -> None:
    told = quotes(NEW.replace("VC", "QQ"))
    assert not is_known("QQ")
    assert {quote.bookmaker_name for quote in told if quote.bookmaker_id == "QQ"} == {"QQ (football-data QQ)"}


def test_no_real_price_is_of_the_match_itself(shared_data: Path) -> None:
    for name in ("E0_034.csv", "SP1_1819.csv", "I1_1920.csv"):
        for row in parse_history((shared_data / "history" / name).read_bytes(), name).rows:
            kickoff = to_match(row, SHA).kickoff_utc
            assert all(quote.observed_at < kickoff for quote in to_quotes(row, CAPTURED))
            assert to_match(row, SHA).season in {"2003-2004", "2018-2019", "2019-2020"}
