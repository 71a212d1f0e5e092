"""The application on a real Postgres and Valkey, and a small world in it."""

import secrets
from collections.abc import Iterator
from datetime import timedelta

import pytest
import redis
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from src.api.app import create_app
from src.database import outcomes, schedule
from src.database.leadership import Leadership
from src.database.predictions import store_predictions
from src.database.signals import raise_signal
from src.database.tables.learning import QualityReportRow
from src.database.tables.matches import CompetitionRow, MatchRow, TeamRow
from src.database.tables.schedule import FireRow, LeadershipRow
from src.domain.fire import FireState, fire_id
from src.domain.match import MatchStatus
from src.domain.ports import Scheduled
from src.domain.prediction import Prediction, Probabilities
from src.domain.signal import Severity, Signal
from src.pipeline.context import Context
from src.scheduling.cadence import next_due
from src.scheduling.catalog import CATALOG
from tests.conftest import NOW

CLUBS = (
    "Ashford Rovers",
    "Bexley Town",
    "Carrick United",
    "Dunmore Athletic",
    "Elmham City",
    "Farlow Wanderers",
)


@pytest.fixture
def client(context: Context, redis_url: str) -> Iterator[TestClient]:
    connection = redis.Redis.from_url(redis_url, decode_responses=True)
    with TestClient(create_app(context, connection), raise_server_exceptions=False) as client:
        yield client
    connection.close()


@pytest.fixture
def world(context: Context) -> Context:
    """Two competitions, six coming matches with predictions, a schedule with fires, a signal and a report."""
    with context.database.session() as session:
        _matches_and_predictions(session)
        _schedule_and_fires(session)
        signal = Signal(
            kind="source_changed", subject="fbref", severity=Severity.WARNING, message="the table has moved"
        )
        raise_signal(session, signal, NOW - timedelta(hours=1))
        session.add(
            QualityReportRow(
                subject="matches", window_start=NOW - timedelta(days=30), window_end=NOW, checked=200,
                passed=194, score=0.97, failures={"odds_sum": 6}, created_at=NOW, fire_id=None,
            )
        )  # fmt: skip
    return context


@pytest.fixture
def leading(context: Context, database_url: str, redis_url: str) -> Iterator[Leadership]:
    """A Beat that leads and a worker that gives signs of life."""
    redis.Redis.from_url(redis_url).set("matchbeat:worker:one", "alive", ex=30)
    leadership = Leadership(database_url, f"beat-{secrets.token_hex(2)}")
    assert leadership.campaign()
    with context.database.session() as session:
        session.get_one(LeadershipRow, 1).since = NOW - timedelta(minutes=1)
    yield leadership
    leadership.resign()


def _matches_and_predictions(session: Session) -> None:
    competitions = [
        CompetitionRow(source="fotmob", source_id=number, name=name, country=None, gender="men", watched=True)
        for number, name in (("47", "Premier League"), ("87", "LaLiga"))
    ]
    teams = [TeamRow(name=name) for name in CLUBS]
    session.add_all([*competitions, *teams])
    session.flush()
    for number in range(6):
        match = MatchRow(
            competition_id=competitions[number % 2].id,
            season="2025/2026",
            kickoff_utc=NOW + timedelta(days=number + 1, hours=3),
            home_team_id=teams[number].id,
            away_team_id=teams[(number + 1) % 6].id,
            status=MatchStatus.SCHEDULED,
            raw_sha256="0",
            updated_at=NOW - timedelta(minutes=20),
        )
        session.add(match)
        session.flush()
        store_predictions(
            session, [_prediction(match.id, "1", 0.2), _prediction(match.id, "2", 0.1 * (number + 2))]
        )


def _prediction(match_id: int, version: str, home: float) -> Prediction:
    rest = 1 - home
    return Prediction(
        match_id=match_id,
        model_name="matchbeat-1x2",
        model_version=version,
        features_version="f1",
        fingerprint=version,
        predicted_at=NOW - timedelta(hours=3 - int(version)),
        model=Probabilities(home=home, draw=rest * 0.45, away=rest * 0.55),
        market=Probabilities(home=home * 0.9, draw=0.3, away=0.7 - home * 0.9) if version == "2" else None,
    )


def _schedule_and_fires(session: Session) -> None:
    planned = [Scheduled(entry=entry, next_due=next_due(entry.cadence, NOW)) for entry in CATALOG]
    schedule.declare(session, planned, NOW)
    session.flush()
    ends = (
        ("titan-live", 10, FireState.SUCCEEDED, "run-1", None),
        ("titan-live", 20, FireState.SUCCEEDED, "run-2", None),
        ("titan-live", 30, FireState.MISSED, None, "found 9 min late"),
        ("data-quality-check", 240, FireState.SUCCEEDED, None, None),
        ("daily-data-collection", 600, FireState.FAILED, "run-3", "nothing was collected"),
    )
    for entry, minutes, state, run, reason in ends:
        due = NOW - timedelta(minutes=minutes)
        session.add(
            FireRow(
                id=fire_id(entry, due), entry=entry, due_at=due, state=FireState.SENT, epoch=1, parameters={},
                claimed_at=due, sent_at=due, flow_run_id=run, result=None,
            )
        )  # fmt: skip
        session.flush()
        outcomes.finish(session, fire_id(entry, due), state, due + timedelta(minutes=1), reason=reason)
