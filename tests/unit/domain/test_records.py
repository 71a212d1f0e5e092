"""The records at the rim refuse what is none."""

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from src.domain.match import Gender, MatchStatus, Score, Source, SourceCompetition, SourceMatch, TeamStat
from src.domain.odds import Market, OddsQuote, Phase
from src.domain.payload import Parsed, reason_of
from src.domain.team import SourceTeam

AT = datetime(2026, 3, 7, 15, tzinfo=UTC)
QUOTE = OddsQuote(
    source=Source.TITAN007, source_match_id="1", bookmaker_namespace="titan-euro", bookmaker_id="281",
    bookmaker_name="Bet365", market=Market.ASIAN_HANDICAP, phase=Phase.PREMATCH, line=-0.5,
    prices=(1.9, 1.98), source_time_utc=None, captured_at=AT,
)  # fmt: skip
MATCH = SourceMatch(
    source=Source.FOTMOB, source_match_id="1",
    competition=SourceCompetition(source=Source.FOTMOB, source_id="47", name="Premier League"),
    season="2025-2026", kickoff_utc=AT, home=SourceTeam(name="Aldham"), away=SourceTeam(name="Brixworth"),
    status=MatchStatus.SCHEDULED, raw_sha256="0" * 64,
)  # fmt: skip
STAT = TeamStat(
    source=Source.FOTMOB, source_match_id="1", side="home", period="ft", key="shots", value=9.0, unit="count"
)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"line": -1.2}, "multiple of 0.25"),
        ({"line": None}, "no line"),
        ({"line": float("nan")}, "line"),
        ({"prices": (1.9,)}, "1 prices on a market of 2 outcomes"),
        ({"prices": ()}, "0 prices"),
        ({"prices": (1.0, 1.98)}, "greater than 1"),
        ({"prices": (float("inf"), 1.98)}, "finite"),
        ({"prices": ("1.9", "1.98")}, "number"),
        ({"market": Market.ONE_X_TWO, "prices": (2.5, 3.2, 2.9)}, "a line on a market without lines"),
        ({"phase": "prematch"}, "Phase"),
        ({"captured_at": datetime(2026, 3, 7)}, "aware time in UTC"),  # noqa: DTZ001
        ({"source_time_utc": AT.astimezone(timezone(timedelta(hours=8)))}, "aware time in UTC"),
        ({"line_rank": 0}, "line_rank"),
        ({"schema_version": 2}, "schema_version"),
    ],
)
def test_a_quote_that_is_none_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        replace(QUOTE, **change)


def test_a_level_handicap_is_a_line_and_a_suspended_quote_needs_no_price() -> None:
    assert replace(QUOTE, line=0.0).line == 0
    assert replace(QUOTE, suspended=True, prices=(), line=None).prices == ()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"kickoff_utc": AT.replace(tzinfo=None)}, "aware time in UTC"),
        ({"venue_timezone": "Europe/Nowhere"}, "IANA"),
        ({"venue_timezone": "../../etc/passwd"}, "IANA"),
        ({"raw_sha256": "ABC"}, "raw_sha256"),
        ({"source_match_id": ""}, "source_match_id"),
        ({"status": "finished"}, "MatchStatus"),
        ({"competition": replace(MATCH.competition, gender=Gender.WOMEN)}, "women's competition"),
    ],
)
def test_a_match_that_is_none_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        replace(MATCH, **change)


def test_goals_are_whole_and_sane() -> None:
    for goals in (-1, 100, 1.5, True):
        with pytest.raises(ValueError, match="home"):
            Score(home=goals, away=0)  # type: ignore[arg-type]


def test_a_figure_is_a_finite_number_of_a_side_and_a_period() -> None:
    for change in ({"value": float("nan")}, {"side": "both"}, {"period": "q3"}, {"key": ""}):
        with pytest.raises(ValueError, match=next(iter(change))):
            replace(STAT, **change)  # type: ignore[arg-type]


def test_records_tell_the_version_of_their_schema() -> None:
    assert {asdict(record)["schema_version"] for record in (MATCH, STAT, QUOTE)} == {1}


def test_a_reason_is_one_line_without_links() -> None:
    with pytest.raises(ValueError, match="prices") as caught:
        replace(QUOTE, prices=(0.5, 0.5))
    assert reason_of(caught.value) == (
        "prices.0: Input should be greater than 1; prices.1: Input should be greater than 1"
    )


def test_a_row_that_makes_no_record_is_rejected_with_what_was_read_of_it() -> None:
    rows = Parsed(rows=(Score(home=1, away=0), Score(home=40, away=0)))
    made = rows.into(lambda row: [replace(row, home=row.home * 3)], lambda row: f"{row.home}-{row.away}")
    assert made.rows == (Score(home=3, away=0),)
    assert [(item.key, item.record) for item in made.rejected] == [("40-0", b'{"home":40,"away":0}')]
