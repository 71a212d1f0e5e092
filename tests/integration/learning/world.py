"""A made season in the database: goals and odds follow from the strengths of twelve teams."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from src.database.connection import Database
from src.database.odds_partitions import make_partitions
from src.database.tables.matches import CompetitionRow, MatchRow, TeamRow, TeamStatRow
from src.database.tables.odds import BookmakerRow, OddsHistoryRow, OddsLatestRow

TEAMS = 12
PINNACLE, OTHER = 1, 2


def fill(database: Database, now: datetime, *, finished: int, coming: int = 0, odds: bool = True) -> None:
    """Write `finished` matches that end before `now` and `coming` ones after it, six a day."""
    random = np.random.default_rng(11)
    strengths = random.normal(0, 0.5, TEAMS)
    first_day = now - timedelta(days=-(-finished // 6))
    rows: list[dict[str, Any]] = []
    quotes: list[dict[str, Any]] = []
    stats: list[dict[str, Any]] = []
    pairs = _pairs(random)
    for number in range(1, finished + coming + 1):
        home, away = next(pairs)
        done = number <= finished
        slot = number - 1 if done else number - 1 - finished
        day = first_day + timedelta(days=slot // 6) if done else now + timedelta(days=1 + slot // 6)
        # Every round at 15:00, so that a round's matches kick off together.
        kickoff = day.replace(hour=15, minute=0) if not done else day.replace(hour=1, minute=0)
        goals = random.poisson(np.exp([0.35 + strengths[home] - strengths[away] * 0.6,
                                       0.05 + strengths[away] - strengths[home] * 0.6]))  # fmt: skip
        rows.append(_match(number, kickoff, home, away, goals.tolist() if done else None, now))
        if odds:
            quotes += _quotes(number, kickoff, strengths[home] - strengths[away], done, now)
        if done:
            stats += [
                _shots(number, side, float(count + 3), now)
                for side, count in zip(("home", "away"), goals, strict=True)
            ]
    with database.session() as session:
        _write(session, rows, quotes, stats)


def _pairs(random: np.random.Generator) -> Iterator[tuple[int, int]]:
    """Rounds of six pairs in which every team plays once."""
    while True:
        order = random.permutation(TEAMS)
        yield from zip(order[:6].tolist(), order[6:].tolist(), strict=True)


def chances(difference: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Roughly what such a difference of strengths is worth."""
    weights = np.exp([1.1 * difference + 0.4, 0.0, -1.1 * difference])
    return np.asarray(weights / weights.sum())


def _match(
    number: int, kickoff: datetime, home: int, away: int, goals: Sequence[int] | None, now: datetime
) -> dict[str, Any]:
    return {
        "id": number, "competition_id": 1, "season": "2025-2026", "stage": None, "kickoff_utc": kickoff,
        "home_team_id": home + 1, "away_team_id": away + 1, "status": "finished" if goals else "scheduled",
        "home_goals": goals and goals[0], "away_goals": goals and goals[1],
        "raw_sha256": "made", "updated_at": now,
    }  # fmt: skip


def _quotes(
    number: int, kickoff: datetime, difference: float, done: bool, now: datetime
) -> list[dict[str, Any]]:
    prices = [round(float(price), 2) for price in 1 / (chances(difference) * 1.04)]
    common = {
        "match_id": number,
        "market": "1x2",
        "period": "ft",
        "line_rank": 1,
        "line": None,
        "suspended": False,
    }
    found = []
    for bookmaker in (PINNACLE, OTHER):
        found.append(
            {**common, "bookmaker_id": bookmaker, "phase": "opening", "prices": prices,
             "observed_at": min(kickoff - timedelta(days=2), now), "captured_at": now, "source": "titan007"}
        )  # fmt: skip
        if done:
            found.append(
                {**common, "bookmaker_id": bookmaker, "phase": "closing", "prices": prices,
                 "observed_at": kickoff - timedelta(minutes=5), "captured_at": now, "source": "titan007"}
            )  # fmt: skip
    return found


def _shots(number: int, side: str, value: float, now: datetime) -> dict[str, Any]:
    return {
        "match_id": number, "source": "fotmob", "side": side, "period": "ft", "key": "shots_on_target",
        "value": value, "unit": "count", "seen_at": now,
    }  # fmt: skip


def _write(
    session: Session,
    rows: list[dict[str, Any]],
    quotes: list[dict[str, Any]],
    stats: list[dict[str, Any]],
) -> None:
    session.execute(
        insert(CompetitionRow),
        [
            {
                "id": 1,
                "source": "fotmob",
                "source_id": "1",
                "name": "Made League",
                "gender": "men",
                "watched": True,
            }
        ],
    )
    session.execute(insert(TeamRow), [{"id": n + 1, "name": f"Team {n + 1}"} for n in range(TEAMS)])
    session.execute(
        insert(BookmakerRow), [{"id": PINNACLE, "name": "Pinnacle"}, {"id": OTHER, "name": "Other"}]
    )
    session.execute(insert(MatchRow), rows)
    if quotes:
        days = (timedelta(days=-10), timedelta(), timedelta(days=10))
        make_partitions(session, {quote["observed_at"] + around for quote in quotes for around in days})
        session.execute(insert(OddsHistoryRow), quotes)
        latest = [
            {**quote, "first_observed_at": quote["observed_at"], "last_observed_at": quote["observed_at"]}
            for quote in quotes
            if quote["phase"] == "opening"
        ]
        session.execute(insert(OddsLatestRow), latest)
    if stats:
        session.execute(insert(TeamStatRow), stats)
