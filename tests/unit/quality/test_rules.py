"""Quality rules, score and quarantine decisions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from src.domain.match import MatchStatus, Score, Source
from src.domain.odds import Market, OddsQuote, Phase
from src.domain.quality import MatchRecord, QuoteRecord, SourceRecord
from src.quality.quarantine import objection
from src.quality.rules import MATCH_RULES, QUOTE_RULES, SOURCE_RULES
from src.quality.score import Tally

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PLAYED = MatchRecord(
    match_id=1, now=NOW, kickoff_utc=NOW - timedelta(days=1), status=MatchStatus.FINISHED, home_team_id=1,
    away_team_id=2, score_90=Score(home=2, away=1), score_final=Score(home=2, away=1), watched=True, quotes=9,
)  # fmt: skip
COMING = replace(
    PLAYED,
    status=MatchStatus.SCHEDULED,
    score_90=None,
    score_final=None,
    kickoff_utc=NOW + timedelta(hours=20),
)
QUOTE = QuoteRecord(
    match_id=1, kickoff_utc=NOW, market=Market.ASIAN_HANDICAP, line=0.0, prices=(1.9, 1.98),
    observed_at=NOW - timedelta(hours=1),
)  # fmt: skip


def failures(record: MatchRecord) -> set[str]:
    tally = Tally()
    tally.add(MATCH_RULES, [record])
    return set(tally.failures)


def test_sound_records_pass_every_rule() -> None:
    tally = Tally()
    tally.add(MATCH_RULES, [PLAYED, COMING])
    tally.add(QUOTE_RULES, [QUOTE])
    tally.add(SOURCE_RULES, [SourceRecord(source="fotmob", now=NOW, last_seen_at=NOW)])
    assert tally.report("matches").score == 1
    assert tally.failures == {}


@pytest.mark.parametrize(
    ("record", "rule"),
    [
        (replace(PLAYED, score_final=None), "result_has_score"),
        (replace(COMING, score_90=Score(home=0, away=0)), "no_score_before_kick_off"),
        (replace(PLAYED, away_team_id=1), "teams_differ"),
        (replace(PLAYED, kickoff_utc=NOW + timedelta(hours=1)), "result_after_kick_off"),
        (replace(COMING, kickoff_utc=NOW - timedelta(hours=7)), "result_in_time"),
        (replace(COMING, quotes=0), "odds_present"),
        (replace(PLAYED, score_final=Score(home=31, away=0)), "goals_plausible"),
    ],
)
def test_rule_finds_what_it_is_for(record: MatchRecord, rule: str) -> None:
    assert failures(record) == {rule}


def test_unwatched_or_distant_match_needs_no_odds() -> None:
    assert failures(replace(COMING, quotes=0, watched=False)) == set()
    assert failures(replace(COMING, quotes=0, kickoff_utc=NOW + timedelta(days=9))) == set()


def test_score_is_the_share_of_checks_passed() -> None:
    tally = Tally()
    tally.add(QUOTE_RULES, [QUOTE, replace(QUOTE, observed_at=NOW)])
    report = tally.report("matches")
    assert (report.checked, report.passed, report.failures) == (8, 7, {"quote_before_kick_off": 1})
    assert report.score == 0.875


def test_nothing_to_check_proves_nothing() -> None:
    assert Tally().report("matches").score == 0


@pytest.mark.parametrize(
    ("market", "line", "prices", "kept"),
    [
        (Market.ASIAN_HANDICAP, 0.0, (1.9, 1.98), True),
        (Market.ASIAN_HANDICAP, -1.25, (1.9, 1.98), True),
        (Market.ASIAN_HANDICAP, -12.25, (1.9, 1.98), False),
        (Market.OVER_UNDER, 0.0, (1.9, 1.98), False),
        (Market.OVER_UNDER, 2.25, (1.9, 1.98), True),
        (Market.ONE_X_TWO, None, (2.5, 3.2, 2.9), True),
        (Market.ONE_X_TWO, None, (25.0, 32.0, 29.0), False),
    ],
)
def test_quarantine_takes_what_is_no_offer(
    market: Market, line: float | None, prices: tuple[float, ...], kept: bool
) -> None:
    quote = OddsQuote(
        source=Source.TITAN007, source_match_id="1", bookmaker_namespace="titan-euro", bookmaker_id="281",
        bookmaker_name="Bet365", market=market, phase=Phase.PREMATCH, line=line, prices=prices,
        source_time_utc=None, captured_at=NOW,
    )  # fmt: skip
    assert (objection(quote) is None) is kept
