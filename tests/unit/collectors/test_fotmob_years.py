"""FotMob's payloads of other years: day lists of 2020, details before July 2023, pages as they are saved."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from src.collectors.fotmob.mapping import matches, stats
from src.collectors.fotmob.parse_day import parse_day
from src.collectors.fotmob.parse_details import parse_details
from src.collectors.fotmob.parse_league import parse_league
from src.core.errors import SourceChanged
from src.domain.match import Gender, MatchStatus, Score, SourceMatch
from src.domain.payload import Parsed
from tests.unit.collectors.payloads import fotmob_day, fotmob_details, fotmob_league, fotmob_match

SHA = "ab" * 32
KICKOFF = datetime(2020, 9, 20, 11, tzinfo=UTC)


def bare(document: bytes) -> Any:
    told = json.loads(document)
    return told.get("pageProps", told)


def details(told: Any) -> SourceMatch:
    (row,) = parse_details(json.dumps(told).encode()).rows
    assert row.match is not None
    (match,) = matches(Parsed(rows=(row.match,)), SHA).rows
    return match


def listed_in_2020(**changes: Any) -> bytes:
    match = fotmob_match(timeTS=1600599600000, time="20.09.2020 13:00") | changes
    match["status"] = {
        "finished": True, "started": True, "cancelled": False, "scoreStr": "2 - 1",
        "startDateStr": "Sep 20, 2020", "reason": {"short": "FT", "long": "Full-Time"},
    }  # fmt: skip
    return fotmob_day(match)


def test_a_list_of_2020_tells_the_kick_off_in_milliseconds() -> None:
    (match,) = matches(parse_day(listed_in_2020()), SHA).rows
    assert (match.kickoff_utc, match.season) == (KICKOFF, "2020-2021")
    assert (match.status, match.score_90) == (MatchStatus.FINISHED, Score(home=2, away=1))


@pytest.mark.parametrize("told", [None, True, "1600599600000", 1e40, 10**30, -(10**18)])
def test_milliseconds_that_are_none_reject_their_match(told: object) -> None:
    parsed = parse_day(listed_in_2020(timeTS=told))
    assert (parsed.rows, [item.key for item in parsed.rejected]) == ((), ["900001"])


def test_figures_of_before_2023_have_no_periods_and_no_keys() -> None:
    told = bare(fotmob_details())
    figures = [
        {"title": "Ball possesion", "type": "graph", "stats": [35, 65]},
        {"title": "Expected goals (xG)", "type": "text", "stats": ["1.72", "0.43"]},
        {"title": "Pass success", "type": "text", "stats": ["77%", "87%"]},
        {"title": "Shots woodwork", "type": "text", "stats": ["-", "-"]},
        {"title": "Saves", "type": "text", "stats": [6, "-"]},
    ]
    told["content"]["stats"] = {"stats": [{"title": "Top stats", "stats": figures}]}
    read = stats(parse_details(json.dumps(told).encode()))
    assert read.rejected == ()
    assert [(stat.period, stat.side, stat.key, stat.value, stat.unit) for stat in read.rows] == [
        ("ft", "home", "possession", 35.0, "percent"), ("ft", "away", "possession", 65.0, "percent"),
        ("ft", "home", "expected_goals", 1.72, "xg"), ("ft", "away", "expected_goals", 0.43, "xg"),
        ("ft", "home", "accurate_passes_percent", 77.0, "percent"),
        ("ft", "away", "accurate_passes_percent", 87.0, "percent"),
        ("ft", "home", "saves", 6.0, "count"),
    ]  # fmt: skip


def test_the_details_of_2020_that_tell_no_id_are_refused() -> None:
    told = bare(fotmob_details())
    del told["general"]
    with pytest.raises(SourceChanged, match="matchId"):
        parse_details(json.dumps(told).encode())


@pytest.mark.parametrize("stadium", ["Ground", None, [], {"name": "Ground"}])
def test_a_venue_of_another_shape_costs_the_venue_alone(stadium: object) -> None:
    told = bare(fotmob_details())
    told["content"]["matchFacts"]["infoBox"]["Stadium"] = stadium
    assert details(told).venue_timezone is None


def test_a_page_as_a_browser_saves_it_has_its_data_in_a_script() -> None:
    data = json.dumps({"props": {"pageProps": bare(fotmob_league(fotmob_match()))}, "buildId": "x"})
    script = f'<script id="__NEXT_DATA__" type="application/json">{data}</script>'
    page = f"<!DOCTYPE html><html><body>{script}</body></html>"
    assert parse_league(page.encode()) == parse_league(fotmob_league(fotmob_match()))


def test_the_halves_that_there_were_not_are_named_and_empty() -> None:
    halves = {"firstHalfStarted": "28.02.2026 16:00:31", "firstExtraHalfStarted": ""}
    told = bare(fotmob_details(halfs=halves, reason={"short": "Pen", "penalties": [4, 2]}))
    del told["content"]["matchFacts"]["events"]
    match = details(told)
    assert (match.status, match.score_90) == (MatchStatus.AFTER_PENALTIES, Score(home=2, away=1))
    assert match.penalties == Score(home=4, away=2)


def test_the_goals_of_a_shoot_out_are_none_of_90_minutes() -> None:
    told = bare(fotmob_details(reason={"short": "Pen", "penalties": [1, 0]}))
    told["content"]["matchFacts"]["events"]["events"] = [
        {"type": "Goal", "time": 20, "newScore": [1, 0]},
        {"type": "Goal", "time": 90, "newScore": [9, 9], "isPenaltyShootoutEvent": True},
    ]
    assert details(told).score_90 == Score(home=1, away=0)


def test_a_league_and_a_match_may_say_that_women_play() -> None:
    league = bare(fotmob_league(fotmob_match()))
    league["details"]["gender"] = "female"
    (match,) = matches(parse_league(json.dumps(league).encode()), SHA).rows
    assert match.gender is match.competition.gender is Gender.WOMEN
    told = bare(fotmob_details())
    assert details(told).gender is Gender.MEN
    told["general"]["gender"] = "female"
    assert details(told).gender is Gender.WOMEN


@pytest.mark.parametrize("event", [7, {"type": "Goal"}, {"type": "Goal", "time": 12, "newScore": 3}])
def test_a_goal_of_another_shape_costs_the_score_of_90_minutes_alone(event: object) -> None:
    document = json.loads(fotmob_details())
    document["content"]["matchFacts"]["events"]["events"].append(event)
    told = parse_details(json.dumps(document).encode())
    assert told.rejected == ()
    match = told.rows[0].match
    assert match is not None
    assert (match.after_90, match.home.score, match.away.score) == (None, 2, 1)


def test_sides_that_stand_the_other_way_round_are_not_taken_for_each_other() -> None:
    document = json.loads(fotmob_details())
    document["general"] |= {"homeTeam": {"id": 102}, "awayTeam": {"id": 101}}
    told = parse_details(json.dumps(document).encode())
    assert told.rows[0].match is None
    assert ["other way round" in item.reason for item in told.rejected] == [True]
    document["general"] |= {"homeTeam": {"id": 101}, "awayTeam": {"id": 102}}
    assert parse_details(json.dumps(document).encode()).rejected == ()
