"""FotMob's payloads have the recorded ones' fields, types and time conventions."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from src.sandbox.pages.fotmob import day_list
from src.sandbox.pages.fotmob_details import match_details
from src.sandbox.world.fixture import moment
from tests.unit.sandbox.worlds import KICKOFF, fixture, made_world

AFTER = KICKOFF + timedelta(hours=3)


def day(*matches: Any, now: Any) -> Any:
    return json.loads(day_list(date(2026, 3, 7), [(match, moment(match, now)) for match in matches]))


def kinds(value: Any) -> dict[str, type]:
    return {key: type(held) for key, held in value.items()}


def test_a_finished_match_reads_as_a_recorded_one(shared_data: Path) -> None:
    recorded = json.loads((shared_data / "fotmob/matches_20251130.json").read_text())
    league = next(item for item in recorded["leagues"] if item["primaryId"] == 53)
    real = next(match for match in league["matches"] if match["statusId"] == 6)
    served = day(fixture(), now=AFTER)
    made = served["leagues"][0]["matches"][0]
    assert kinds(served) == kinds(recorded)
    assert kinds(made) == kinds(real)
    for part in ("home", "away", "status"):
        assert kinds(made[part]) == kinds(real[part])
    assert kinds(made["status"]["reason"]) == kinds(real["status"]["reason"])
    assert made["status"]["reason"] == real["status"]["reason"]
    assert set(league) - {"localRank"} <= set(served["leagues"][0])


def test_a_postponed_match_reads_as_a_recorded_one(shared_data: Path) -> None:
    recorded = json.loads((shared_data / "fotmob/matches_20251130.json").read_text())
    real = next(m for item in recorded["leagues"] for m in item["matches"] if m["statusId"] == 5)
    match = fixture(kickoff=KICKOFF + timedelta(days=28), postponed_from=KICKOFF)
    made = day(match, now=AFTER)["leagues"][0]["matches"][0]
    assert kinds(made["status"]) == kinds(real["status"])
    for name in ("reason", "cancelled", "started", "finished"):
        assert made["status"][name] == real["status"][name]
    assert (made["home"]["score"], made["away"]["score"]) == (0, 0)


def test_times_are_utc_beside_central_european_and_a_stage_is_not_its_competition() -> None:
    league = day(fixture(), now=AFTER)["leagues"][0]
    match = league["matches"][0]
    assert match["status"]["utcTime"] == "2026-03-07T15:00:00.000Z"
    assert match["time"] == "07.03.2026 16:00"
    assert match["timeTS"] == 1_772_895_600_000
    assert (league["primaryId"], league["id"], match["leagueId"]) == (53, 900_053, 900_053)


def test_states_follow_the_clock() -> None:
    def told(minutes: int) -> Any:
        return day(fixture(), now=KICKOFF + timedelta(minutes=minutes))["leagues"][0]["matches"][0]

    assert [told(at)["statusId"] for at in (-60, 10, 50, 80, 120)] == [1, 2, 10, 3, 6]
    assert "scoreStr" not in told(-60)["status"]
    assert told(80)["status"]["ongoing"] is True
    assert told(120)["status"]["scoreStr"] == "2 - 1"


def test_details_have_the_recorded_sections_and_mixed_statistics(shared_data: Path) -> None:
    real = json.loads((shared_data / "fotmob/match_details_4813374.json").read_text())["l2_json"]
    match = fixture()
    made = json.loads(match_details(match, moment(match, AFTER)))
    assert kinds(made["general"]) == kinds(real["general"])
    assert kinds(made["header"]["status"]) == kinds(real["header"]["status"])
    assert set(made["header"]["teams"][0]) <= set(real["header"]["teams"][0])
    assert isinstance(made["content"]["matchFacts"]["matchId"], int)
    rows = _rows(made)
    for (group, key, title), row in rows.items():
        recorded = _rows(real)[group, key, title]
        assert [type(value) for value in row["stats"]] == [type(value) for value in recorded["stats"]]
        assert {name: row[name] for name in ("type", "title")} == {n: recorded[n] for n in ("type", "title")}
        assert row.get("format") == recorded.get("format")
    assert {"BallPossesion", "expected_goals", "total_shots", "ShotsOnTarget", "corners", "fouls"} <= {
        key for _, key, _ in rows
    }


def _rows(details: Any) -> dict[tuple[str, str, str], Any]:
    groups = details["content"]["stats"]["Periods"]["All"]["stats"]
    return {(group["key"], row["key"], row["type"]): row for group in groups for row in group["stats"]}


def test_details_before_kick_off_have_no_statistics() -> None:
    match = fixture()
    made = json.loads(match_details(match, moment(match, KICKOFF - timedelta(hours=1))))
    assert made["content"]["stats"] is None
    assert made["general"]["started"] is False
    assert made["content"]["matchFacts"]["events"]["events"] == []


def test_possession_sums_to_a_hundred_and_shots_on_target_hold_the_goals() -> None:
    for match in made_world().fixtures[::97]:
        made = _rows(json.loads(match_details(match, moment(match, match.kickoff + timedelta(hours=3)))))
        assert sum(made["top_stats", "BallPossesion", "graph"]["stats"]) == 100
        on_target = made["top_stats", "ShotsOnTarget", "text"]["stats"]
        assert all(shots >= goals for shots, goals in zip(on_target, match.score, strict=True))
