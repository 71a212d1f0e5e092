"""The files of a country's one league, and divisions whose clubs meet again."""

from datetime import UTC, datetime

import pytest

from src.collectors.football_data.divisions import DIVISIONS
from src.collectors.football_data.mapping import match_id, team_id, to_match, to_quotes, watched
from src.collectors.football_data.parse import HistoryRow, parse_history
from src.core.errors import SourceChanged
from src.domain.match import Score, Source, SourceMatch
from src.domain.odds import Phase
from tests.unit.collectors.football_data.made import NEW, OLD

CAPTURED = datetime(2026, 3, 1, tzinfo=UTC)

#: All seasons in one file, with closing prices alone; a sponsor's name, a cup, and a club that comes again.
ONE_LEAGUE = """\
Country,League,Season,Date,Time,Home,Away,HG,AG,Res,PSCH,PSCD,PSCA,MaxCH,MaxCD,MaxCA,BFECH,BFECD,BFECA
Argentina,Torneo Del Dorado ,2012/2013,03/08/2012,23:00,Almendra,Boyero,1,0,H,1.9,3.39,5.03,1.9,3.5,5.68,,,
Argentina,Torneo Del Dorado,2025,13/05/2025,00:30,Ceibo,Almendra,3,0,H,1.39,4.53,10.4,1.42,5,11.4,1.4,4.9,12
Argentina,Copa Del Dorado,2025,20/10/2025,22:00,Ceibo,Almendra,1,1,D,1.5,4.1,7.0,1.55,4.2,7.5,1.5,4.1,7.2
"""


def rows(text: str) -> tuple[HistoryRow, ...]:
    parsed = parse_history(text.encode(), "ARG.csv")
    assert parsed.rejected == ()
    return parsed.rows


def matches(text: str) -> list[SourceMatch]:
    return [to_match(row, "0" * 64) for row in rows(text)]


def test_a_file_of_one_league_tells_its_seasons_and_is_read_as_any() -> None:
    first, second, cup = matches(ONE_LEAGUE)
    assert [match.season for match in (first, second, cup)] == ["2012-2013", "2025", "2025"]
    assert (first.score_90, second.score_90) == (Score(home=1, away=0), Score(home=3, away=0))
    assert second.kickoff_utc == datetime(2025, 5, 12, 23, 30, tzinfo=UTC)
    assert first.home.source_id == cup.away.source_id == "ARG/Almendra"


def test_a_sponsor_changes_no_competition_and_a_cup_is_another_one() -> None:
    first, second, cup = (match.competition for match in matches(ONE_LEAGUE))
    assert first == second
    assert (first.source, first.source_id, first.name) == (Source.FOOTBALL_DATA, "ARG", "Liga Profesional")
    assert (cup.source_id, cup.name, cup.country) == ("ARG Copa Del Dorado", "Copa Del Dorado", "ARG")


@pytest.mark.parametrize("mark", ["PSC", "PS", "P"])
def test_the_prices_of_such_a_file_are_closing_ones_whatever_their_columns_are_called(mark: str) -> None:
    renamed = ONE_LEAGUE.replace("PSCH,PSCD,PSCA", f"{mark}H,{mark}D,{mark}A")
    quotes = to_quotes(rows(renamed)[1], CAPTURED)
    assert {quote.phase for quote in quotes} == {Phase.CLOSING}
    assert {quote.bookmaker_id: quote.prices for quote in quotes} == {
        "PS": (1.39, 4.53, 10.4), "Max": (1.42, 5.0, 11.4), "BFE": (1.4, 4.9, 12.0),
    }  # fmt: skip


def test_a_season_that_is_none_rejects_its_row() -> None:
    parsed = parse_history(ONE_LEAGUE.replace("2012/2013", "12/13").encode(), "ARG.csv")
    assert len(parsed.rows) == 2
    assert [item.reason for item in parsed.rejected] == [
        "ARG.csv, line 2, column Season: '12/13' is not a season as 2025 or 2025/2026"
    ]


def test_a_country_that_we_do_not_know_is_one_of_its_own() -> None:
    (match, _, _) = matches(ONE_LEAGUE.replace("Argentina", "Freedonia"))
    assert match.competition.source_id == "Freedonia Torneo Del Dorado"
    assert (match.competition.name, match.competition.country) == ("Torneo Del Dorado", None)


def test_the_fixtures_to_come_are_no_season() -> None:
    with pytest.raises(SourceChanged, match="column Season"):
        parse_history(b"Country,League,Date,Time,Home,Away,PSH\nArgentina,Liga,01/03/2026,20:00,A,B,2.0\n")
    with pytest.raises(SourceChanged, match="column FTHG"):
        parse_history(b"Div,Date,Time,HomeTeam,AwayTeam,Referee,B365H\nE0,01/03/2026,15:00,A,B,,2.0\n")


def test_clubs_that_meet_twice_on_one_ground_play_two_matches() -> None:
    twice = NEW.replace("07/01/2023,15:00,Corby,Deene", "07/01/2023,15:00,Aldham,Brixworth")
    scottish = twice.replace("E0,", "SC0,")
    assert [match_id(row) for row in rows(scottish)] == [
        "SC0/2022-2023/Aldham/Brixworth/2022-08-05",
        "SC0/2022-2023/Aldham/Brixworth/2023-01-07",
    ]
    assert len({match_id(row) for row in rows(twice)}) == 1


def test_a_league_of_the_same_name_elsewhere_is_not_the_one_that_we_follow() -> None:
    followed = {division for division in DIVISIONS if watched(division) is not None}
    assert followed == {"E0", "SP1", "D1", "I1", "F1"}
    assert DIVISIONS["BRA"][0] == DIVISIONS["I1"][0]


def test_a_mark_at_the_begin_that_was_taken_for_text_changes_nothing() -> None:
    assert parse_history(b"\xc3\xaf\xc2\xbb\xc2\xbf" + OLD.encode()).rows == parse_history(OLD.encode()).rows


def test_early_seasons_call_the_clubs_otherwise() -> None:
    early = "Div,Date,HT,AT,FTHG,FTAG,FTR\nG1,16/08/94,Aldham,Brixworth,2,1,H\n"
    match = matches(early)[0]
    assert (match.home.name, match.season) == ("Aldham", "1994-1995")
    assert team_id("G1", "Aldham") == match.home.source_id
