"""FotMob's leagues and details, by its API and by its pages."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from src.collectors.fotmob.mapping import matches, stats
from src.collectors.fotmob.page import build_id, redirect
from src.collectors.fotmob.parse_details import parse_details
from src.collectors.fotmob.parse_league import parse_league, season
from src.core.errors import BadData, SourceChanged
from src.domain.match import MatchStatus, Score, SourceMatch
from src.domain.payload import Parsed
from tests.unit.collectors.payloads import fotmob_details, fotmob_league, fotmob_match

SHA = "ab" * 32


def league(body: bytes) -> list[SourceMatch]:
    told = matches(parse_league(body), SHA)
    assert told.rejected == ()
    return list(told.rows)


def details(body: bytes) -> SourceMatch:
    (row,) = parse_details(body).rows
    assert row.match is not None
    (match,) = matches(Parsed(rows=(row.match,)), SHA).rows
    return match


@pytest.mark.parametrize("where", ["fixtures", "matches"])
def test_a_leagues_matches_are_read_with_the_season_it_tells(where: str) -> None:
    (match,) = league(fotmob_league(fotmob_match(), where=where, season="2024/2025"))
    assert (match.source_match_id, match.competition.source_id, match.season) == ("900001", "47", "2024-2025")
    assert (match.home.name, match.stage) == ("Aldham United", "27")
    assert match.kickoff_utc == datetime(2026, 2, 28, 15, tzinfo=UTC)
    assert (match.score_90, match.score_final) == (Score(home=2, away=1), Score(home=2, away=1))


def test_the_api_and_the_pages_data_are_read_alike() -> None:
    page = fotmob_league(fotmob_match())
    assert league(json.dumps(json.loads(page)["pageProps"]).encode()) == league(page)


def test_a_coming_match_of_a_league_has_no_score() -> None:
    status = {"finished": False, "started": False, "reason": None, "scoreStr": None}
    (match,) = league(fotmob_league(fotmob_match(status=status)))
    assert (match.status, match.score_final) == (MatchStatus.SCHEDULED, None)


def test_a_broken_match_of_a_league_is_rejected_and_the_rest_kept() -> None:
    body = json.loads(fotmob_league(fotmob_match(), fotmob_match(900002)))
    del body["pageProps"]["fixtures"]["allMatches"][1]["status"]["utcTime"]
    told = parse_league(json.dumps(body).encode())
    assert [row.id for row in told.rows] == ["900001"]
    assert [item.key for item in told.rejected] == ["900002"]


def test_a_league_without_a_list_is_a_changed_source() -> None:
    with pytest.raises(SourceChanged):
        parse_league(b'{"details": {"id": 47, "name": "x"}, "fixtures": {}}')


def test_a_list_whose_matches_have_all_another_shape_is_a_changed_source() -> None:
    body = json.loads(fotmob_league(*(fotmob_match(n) for n in range(1, 7))))
    for match in body["pageProps"]["fixtures"]["allMatches"]:
        match["status"] = {"kickoff": "soon"}
    with pytest.raises(SourceChanged, match="none of the 6 records"):
        parse_league(json.dumps(body).encode())


@pytest.mark.parametrize(
    ("label", "told"),
    [("2025/2026", "2025-2026"), ("2025", "2025"), ("2025-2026", "2025-2026"), (None, None)],
)
def test_a_season_is_told_by_its_years(label: str | None, told: str | None) -> None:
    assert season(label) == told


def test_details_tell_the_competition_and_not_its_stage() -> None:
    match = details(fotmob_details())
    assert (match.competition.source_id, match.competition.name, match.stage) == ("132", "Cup", "final")
    assert (match.season, match.venue_timezone) == ("2025-2026", "Europe/London")


def test_details_after_extra_time_keep_the_score_of_90_minutes() -> None:
    match = details(fotmob_details(reason={"short": "AET"}))
    assert match.status is MatchStatus.AFTER_EXTRA_TIME
    assert (match.score_90, match.score_final) == (Score(home=1, away=1), Score(home=2, away=1))


def test_details_of_the_older_wrapping_are_read_alike() -> None:
    bare = json.loads(fotmob_details())
    for wrapped in ({"l2_json": bare}, {"l2_json": json.dumps(bare)}, {"pageProps": bare}):
        assert parse_details(json.dumps(wrapped).encode()) == parse_details(json.dumps(bare).encode())


def test_a_header_that_cannot_be_read_is_rejected_and_the_figures_kept() -> None:
    body = json.loads(fotmob_details())
    body["header"]["teams"] = []
    told = parse_details(json.dumps(body).encode())
    assert [item.key for item in told.rejected] == ["match"]
    assert stats(told).rows


def test_an_unknown_period_is_rejected_by_its_name() -> None:
    body = json.loads(fotmob_details())
    body["content"]["stats"]["Periods"]["Overtime"] = body["content"]["stats"]["Periods"]["All"]
    told = stats(parse_details(json.dumps(body).encode()))
    assert {stat.period for stat in told.rows} == {"ft"}
    assert {item.key.split("/")[0] for item in told.rejected} == {"Overtime"}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_only_python_calls_a_number_is_bad_data(number: str) -> None:
    with pytest.raises(BadData):
        parse_details(f'{{"general": {number}}}'.encode())


def page(data: Any) -> bytes:
    return f'<html><script id="__NEXT_DATA__" type="application/json">{json.dumps(data)}</script>'.encode()


def test_the_build_id_is_read_from_the_page() -> None:
    assert build_id(page({"props": {}, "buildId": "oC3yP_x-1.2"})) == "oC3yP_x-1.2"


@pytest.mark.parametrize("told", [{}, {"buildId": None}, {"buildId": "../../admin"}, {"buildId": ".."}, []])
def test_a_page_without_a_build_id_is_a_changed_source(told: object) -> None:
    for body in (page(told), b"<html></html>", b"<script id='__NEXT_DATA__'>{</script>"):
        with pytest.raises(SourceChanged):
            build_id(body)


@pytest.mark.parametrize(
    ("target", "path"),
    [("/matches/a-vs-b/2x#900001", "/matches/a-vs-b/2x"), ("//elsewhere.example/x", None), ("/../x", None)],
)
def test_a_pages_data_may_lead_on_within_the_site(target: str, path: str | None) -> None:
    assert redirect(json.dumps({"pageProps": {"__N_REDIRECT": target}}).encode()) == path
    assert redirect(fotmob_details()) is None
