"""Predictions of coming matches."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from src.api.problems import Problem, WrongField
from src.api.wiring import Ctx
from src.database.census import competition_names
from src.database.predictions import latest_predictions
from src.domain.learning import PublishedPrediction
from src.domain.match import MatchStatus
from src.domain.prediction import Probabilities

router = APIRouter(tags=["predictions"])

#: More than the watched competitions play in the longest window that can be asked for.
_ALL = 2000


class Chances(BaseModel):
    """Probabilities of home win, draw and away win; they sum to 1."""

    home: float
    draw: float
    away: float


class Forecast(BaseModel):
    """The newest prediction of one match; `market` is the bookmakers' de-vigged view where there is one."""

    match_id: int
    competition: str
    season: str
    kickoff_utc: datetime
    home: str
    away: str
    probabilities: Chances
    market: Chances | None
    model_name: str
    model_version: str
    predicted_at: datetime


class Forecasts(BaseModel):
    """Coming matches with a prediction, soonest first."""

    generated_at: datetime
    count: int
    predictions: list[Forecast]


@router.get("/predictions", responses={422: {"model": Problem, "description": "A parameter is wrong"}})
def predictions(
    ctx: Ctx,
    days_ahead: Annotated[int, Query(ge=1, le=60, description="Days from now on.")] = 14,
    competition: Annotated[str | None, Query(max_length=100, description="Name of a competition.")] = None,
    limit: Annotated[int, Query(ge=1, le=500, description="At most so many matches.")] = 100,
) -> Forecasts:
    """Return the newest prediction of each match that is still to be played."""
    now = ctx.clock.now()
    with ctx.database.session() as session:
        chosen = None if competition is None else _chosen(competition, competition_names(session))
        found = latest_predictions(session, now, _ALL)
    wanted = [
        item
        for item in found
        if item.status == MatchStatus.SCHEDULED
        and item.kickoff_utc <= now + timedelta(days=days_ahead)
        and chosen in (None, item.competition)
    ][:limit]
    return Forecasts(generated_at=now, count=len(wanted), predictions=[forecast(item) for item in wanted])


def _chosen(asked: str, names: list[str]) -> str:
    for name in names:
        if name.casefold() == asked.strip().casefold():
            return name
    known = ", ".join(names) or "none is stored yet"
    raise WrongField("competition", f"there is no competition {asked!r}; known: {known}")


def forecast(item: PublishedPrediction) -> Forecast:
    """Return the prediction as it is served."""
    return Forecast(
        match_id=item.match_id,
        competition=item.competition,
        season=item.season,
        kickoff_utc=item.kickoff_utc,
        home=item.home_team,
        away=item.away_team,
        probabilities=_chances(item.model),
        market=None if item.market is None else _chances(item.market),
        model_name=item.model_name,
        model_version=item.model_version,
        predicted_at=item.predicted_at,
    )


def _chances(view: Probabilities) -> Chances:
    return Chances(home=view.home, draw=view.draw, away=view.away)
