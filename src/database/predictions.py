"""Keeps predictions and reads them back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from src.database.features import PLAYED
from src.database.tables.learning import PredictionRow
from src.domain.devig import outcome
from src.domain.fire import FireId
from src.domain.learning import PublishedPrediction, ScoredPrediction
from src.domain.prediction import Prediction, Probabilities

_LATEST = text(
    """
    select m.id as match_id, c.name as competition, m.season, m.kickoff_utc, m.status,
           home.name as home_team, away.name as away_team, p.*
      from matches m
      join lateral (
        select model_name, model_version, predicted_at, p_home, p_draw, p_away,
               market_home, market_draw, market_away
          from predictions p where p.match_id = m.id order by p.predicted_at desc, p.id desc limit 1
      ) p on true
      join competitions c on c.id = m.competition_id
      join teams home on home.id = m.home_team_id
      join teams away on away.id = m.away_team_id
     where m.kickoff_utc >= :since and m.status = 'scheduled'
     order by m.kickoff_utc, m.id
     limit :limit
    """
)
_SCORED = text(
    """
    select distinct on (m.kickoff_utc, m.id)
           m.id as match_id, m.kickoff_utc, m.home_goals, m.away_goals, p.model_name, p.model_version,
           p.p_home, p.p_draw, p.p_away, p.market_home, p.market_draw, p.market_away
      from predictions p
      join matches m on m.id = p.match_id
     where p.predicted_at <= m.kickoff_utc and p.model_name = :model_name
       and m.status = any(:played) and m.home_goals is not null and m.away_goals is not null
       and m.kickoff_utc >= :since
     order by m.kickoff_utc, m.id, p.predicted_at desc, p.id desc
    """
)


def store_predictions(session: Session, predictions: Sequence[Prediction], fire: FireId | None = None) -> int:
    """Write the predictions that are not there yet; return how many were written.

    One that is there and has since been followed by another (the inputs went back to what they were) becomes
    the newest again; running it twice writes nothing.
    """
    if not predictions:
        return 0
    later = aliased(PredictionRow)
    fresh = insert(PredictionRow)
    statement = fresh.on_conflict_do_update(
        index_elements=["match_id", "model_name", "model_version", "fingerprint"],
        set_={
            name: fresh.excluded[name]
            for name in ("predicted_at", "market_home", "market_draw", "market_away", "fire_id")
        },
        where=exists().where(
            later.match_id == PredictionRow.match_id,
            later.id != PredictionRow.id,
            later.predicted_at > PredictionRow.predicted_at,
        ),
    ).returning(PredictionRow.id)
    written = session.scalars(statement, [_as_row(prediction, fire) for prediction in predictions])
    return len(written.all())


def _as_row(prediction: Prediction, fire: FireId | None) -> dict[str, Any]:
    model, market = prediction.model, prediction.market
    return {
        "match_id": prediction.match_id,
        "model_name": prediction.model_name,
        "model_version": prediction.model_version,
        "features_version": prediction.features_version,
        "fingerprint": prediction.fingerprint,
        "predicted_at": prediction.predicted_at,
        "p_home": model.home,
        "p_draw": model.draw,
        "p_away": model.away,
        "market_home": market and market.home,
        "market_draw": market and market.draw,
        "market_away": market and market.away,
        "fire_id": fire,
    }


def latest_predictions(session: Session, since: datetime, limit: int = 100) -> list[PublishedPrediction]:
    """Return the newest prediction of each scheduled match from `since` on, soonest first."""
    return [
        PublishedPrediction(
            match_id=row.match_id,
            competition=row.competition,
            season=row.season,
            kickoff_utc=row.kickoff_utc,
            home_team=row.home_team,
            away_team=row.away_team,
            status=row.status,
            model_name=row.model_name,
            model_version=row.model_version,
            predicted_at=row.predicted_at,
            model=Probabilities(home=row.p_home, draw=row.p_draw, away=row.p_away),
            market=_market(row),
        )
        for row in session.execute(_LATEST, {"since": since, "limit": limit})
    ]


def scored_predictions(session: Session, model_name: str, since: datetime) -> list[ScoredPrediction]:
    """Return the last prediction before kick-off of each match played since, in kick-off order."""
    found = session.execute(_SCORED, {"model_name": model_name, "played": list(PLAYED), "since": since})
    return [
        ScoredPrediction(
            match_id=row.match_id,
            kickoff_utc=row.kickoff_utc,
            model_name=row.model_name,
            model_version=row.model_version,
            model=Probabilities(home=row.p_home, draw=row.p_draw, away=row.p_away),
            market=_market(row),
            label=outcome(row.home_goals, row.away_goals),
        )
        for row in found
    ]


def _market(row: Any) -> Probabilities | None:
    if row.market_home is None:
        return None
    return Probabilities(home=row.market_home, draw=row.market_draw, away=row.market_away)
