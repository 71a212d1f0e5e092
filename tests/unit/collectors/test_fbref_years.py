"""FBref's pages of other years: schedules of 2019, match pages without tables of figures by player."""

from datetime import UTC, datetime

import pytest

from src.collectors.fbref.mapping import matches, stats, to_stats
from src.collectors.fbref.parse_schedule import parse_schedule
from src.collectors.fbref.parse_stats import parse_stats
from src.domain.match import MatchStatus, Score, SourceMatch
from tests.unit.collectors.payloads import fbref_page, fbref_row

SHA = "ab" * 32
CANONICAL = "<link rel='canonical' href='https://fbref.com/en/comps/56/3213/schedule/2019-2020-{}-Fixtures'>"


def schedule_of_2019(*, canonical: bool = True, notes: str = "", score: str = "0&ndash;2") -> bytes:
    """A table under a number of FBref's own, with the columns of that time, inside a comment."""
    row = (
        "<tr><th data-stat='round'><a href='/en/comps/56/3213/2019-2020-League'>Season</a></th>"
        "<td data-stat='gameweek'>1</td><td data-stat='date' csk='20190726'>2019-07-26</td>"
        "<td data-stat='time'><span class='venuetime' data-venue-epoch='1564166700' data-venue-time='20:45'>"
        "20:45</span></td><td data-stat='squad_a'><a href='/en/squads/11112222/Aldham-Stats'>Aldham</a></td>"
        f"<td data-stat='xg_a'>1.8</td><td data-stat='score'><a href='/en/matches/0a1b2c3d/'>{score}</a>"
        "</td>"
        "<td data-stat='xg_b'>0.7</td><td data-stat='squad_b'>"
        f"<a href='/en/squads/33334444/Corby-Stats'>Corby</a></td><td data-stat='notes'>{notes}</td></tr>"
    )
    spacer = "<tr class='spacer partial_table'><th data-stat='round'></th><td data-stat='squad_a'></td></tr>"
    table = f"<table id='sched_ks_3213_1'><tbody>{row}{spacer}</tbody></table>"
    link = CANONICAL.format("League") if canonical else ""
    return f"<html><head>{link}</head><body><div><!-- {table} --></div></body></html>".encode()


def only(page: bytes) -> SourceMatch:
    told = matches(parse_schedule(page), SHA)
    assert told.rejected == ()
    (match,) = told.rows
    return match


def test_a_schedule_of_2019_has_other_columns_and_says_its_season_in_its_address() -> None:
    match = only(schedule_of_2019())
    assert (match.source_match_id, match.competition.source_id, match.season) == (
        "0a1b2c3d",
        "56",
        "2019-2020",
    )
    assert match.kickoff_utc == datetime(2019, 7, 26, 18, 45, tzinfo=UTC)
    assert (match.home.name, match.away.name, match.score_90) == ("Aldham", "Corby", Score(home=0, away=2))
    (row,) = parse_schedule(schedule_of_2019()).rows
    assert [stat.value for stat in to_stats(row)] == [1.8, 0.7]


def test_a_round_tells_the_competition_where_the_page_has_no_address() -> None:
    match = only(schedule_of_2019(canonical=False))
    assert (match.competition.source_id, match.season) == ("56", "2019-2020")


@pytest.mark.parametrize(
    ("address", "season"),
    [("9/schedule/Premier-League", None), ("9/2018-2019/schedule/2018-2019-Premier", "2018-2019"),
     ("22/2024/schedule/2024-Major-League", "2024"), ("13/2104/schedule/2018-2019-Ligue-1", "2018-2019"),
     ("13/2104/schedule", None)],
)  # fmt: skip
def test_a_season_is_told_by_an_address_and_its_own_number_is_none(address: str, season: str | None) -> None:
    link = f"<link rel='canonical' href='https://fbref.com/en/comps/{address}'></head>"
    page = (
        fbref_page(fbref_row())
        .replace(b"</head>", link.encode())
        .replace(b"sched_2025-2026_9_1", b"sched_all")
    )
    (row,) = parse_schedule(page).rows
    assert (row.competition_id, row.season) == (address.split("/")[0], season)


@pytest.mark.parametrize(
    ("table", "competition", "season"),
    [("sched_2020-2021_110", "110", "2020-2021"), ("sched_2024_22_1", "22", "2024"),
     ("sched_ks_1889_1", "9", "2018-2019"), ("sched_3232_1", "9", "2018-2019"),
     ("sched_1889_1", "9", "2018-2019")],
)  # fmt: skip
def test_a_number_of_fbrefs_own_in_a_tables_id_is_no_season(
    table: str, competition: str, season: str
) -> None:
    link = "<link rel='canonical' href='https://fbref.com/en/comps/9/1889/schedule/2018-2019-Premier'></head>"
    page = fbref_page(fbref_row()).replace(b"</head>", link.encode())
    (row,) = parse_schedule(page.replace(b"sched_2025-2026_9_1", table.encode())).rows
    assert (row.competition_id, row.season) == (competition, season)


@pytest.mark.parametrize(
    ("notes", "score", "status", "after_90"),
    [("Leg 2 of 2; Corby won", "0\u20132", MatchStatus.FINISHED, Score(home=0, away=2)),
     ("Leg 2 of 2; Corby won; Required Extra Time", "0\u20132", MatchStatus.AFTER_EXTRA_TIME, None),
     ("Corby won on penalty kicks following extra time", "(2) 1\u20131 (4)",
      MatchStatus.AFTER_PENALTIES, None),
     ("Corby won on penalty kicks following normal time", "(2) 1\u20131 (4)", MatchStatus.AFTER_PENALTIES,
      Score(home=1, away=1)),
     ("Match awarded to Corby", "0\u20133*", MatchStatus.AWARDED, None),
     ("Match Cancelled", "", MatchStatus.CANCELLED, None),
     ("Match Suspended", "0\u20131", MatchStatus.ABANDONED, None)],
)  # fmt: skip
def test_the_notes_tell_how_a_match_ended(
    notes: str, score: str, status: MatchStatus, after_90: Score | None
) -> None:
    match = only(schedule_of_2019(notes=notes, score=score))
    assert (match.status, match.score_90) == (status, after_90)


def match_page(stats: str, extra: str = "") -> bytes:
    return (
        "<html><head><link rel='canonical' href='https://fbref.com/en/matches/0a1b2c3d/Aldham-Corby'></head><body>"
        "<div class='scorebox'><div><strong><a href='/en/squads/11112222/Aldham'>Aldham</a></strong>"
        "<div class='scores'><div class='score'>3*</div></div></div>"
        "<div><strong><a href='/en/squads/33334444/Corby'>Corby</a></strong></div>"
        f"<div class='scorebox_meta'></div></div>"
        f"<div id='team_stats'><table><tr><th>Aldham</th><th>Corby</th></tr>{stats}</table></div>"
        f"<div id='team_stats_extra'>{extra}</div></body></html>"
    ).encode()


def bar(name: str, home: str, away: str) -> str:
    return (
        f"<tr><th colspan='2'>{name}</th></tr><tr><td><div>{home}</div></td><td><div>{away}</div></td></tr>"
    )


def figures(page: bytes) -> dict[tuple[str, str], tuple[float, str]]:
    told = stats(parse_stats(page))
    assert told.rejected == ()
    return {(stat.side, stat.key): (stat.value, stat.unit) for stat in told.rows}


def test_the_bars_tell_counts_and_shares_under_the_names_of_the_tables() -> None:
    page = match_page(
        bar("Possession", "<strong>40%</strong>", "<strong>60%</strong>")
        + bar(
            "Shots on Target",
            "3 of 8&nbsp;&mdash;&nbsp;<strong>38%</strong>",
            "19%&nbsp;&mdash;&nbsp;4 of 21",
        )
        + bar("Saves", "4 of 4 &mdash; 100%", "0 of 0")
    )
    assert figures(page) == {
        ("home", "possession"): (40, "percent"), ("away", "possession"): (60, "percent"),
        ("home", "shots_on_target"): (3, "count"), ("away", "shots_on_target"): (4, "count"),
        ("home", "shots"): (8, "count"), ("away", "shots"): (21, "count"),
        ("home", "shots_on_target_pct"): (38, "percent"), ("away", "shots_on_target_pct"): (19, "percent"),
        ("home", "keeper_saves"): (4, "count"), ("away", "keeper_saves"): (0, "count"),
        ("home", "gk_shots_on_target_against"): (4, "count"),
        ("away", "gk_shots_on_target_against"): (0, "count"), ("home", "gk_save_pct"): (100, "percent"),
    }  # fmt: skip


def test_the_list_below_the_bars_tells_the_corners() -> None:
    head = "<div class='th'>Aldham</div><div class='th'>&nbsp;</div><div class='th'>Corby</div>"
    first = f"<div>{head}<div>19</div><div>Fouls</div><div>20</div>"
    first += "<div>1,007</div><div>Touches</div><div>6</div></div>"
    second = f"<div>{head}<div>0</div><div>Corners</div><div></div></div>"
    assert figures(match_page(bar("Possession", "", ""), first + second)) == {
        ("home", "fouls"): (19, "count"), ("away", "fouls"): (20, "count"),
        ("home", "touches"): (1007, "count"), ("away", "touches"): (6, "count"),
        ("home", "corners"): (0, "count"),
    }  # fmt: skip


def test_cards_are_counted_where_any_is_drawn() -> None:
    drawn = "<div class='cards'><span class='yellow_card'></span><span class='yellow_card'></span></div>"
    assert figures(match_page(bar("Cards", drawn, "<div class='cards'></div>"))) == {
        (side, key): (2 if (side, key) == ("home", "yellow_cards") else 0, "count")
        for side in ("home", "away")
        for key in ("yellow_cards", "red_cards", "second_yellow_cards")
    }
    assert figures(match_page(bar("Cards", "<div class='cards'></div>", ""))) == {}


def test_a_bar_and_a_count_that_are_none_are_rejected_alone() -> None:
    head = "<div class='th'>Aldham</div>"
    extra = f"<div>{head}<div>many</div><div>Fouls</div><div>20</div></div>"
    told = parse_stats(match_page(bar("Possession", "most", "<strong>60%</strong>"), extra))
    assert [item.key for item in told.rejected] == ["team_stats/possession/home", "team_stats/fouls/home"]
    assert {(figure.side, figure.name) for figure in told.rows[0].figures} == {
        ("away", "possession"), ("away", "fouls"),
    }  # fmt: skip
