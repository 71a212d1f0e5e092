"""Predictions for the coming fixtures."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from src.core.logging import get_logger
from src.database.learning import coming_fixtures
from src.database.predictions import store_predictions
from src.domain.learning import ComingFixture
from src.domain.prediction import Prediction, Probabilities
from src.features.definition import MARKET, VERSION
from src.models.card import MODEL_NAME, ModelRegistry, RegisteredModel
from src.models.inference import missing_groups, predict
from src.pipeline.context import Context
from src.pipeline.model_registry import model_registry

log = get_logger(__name__)

#: The model that speaks where the champion must not: the bookmakers' own view, margin taken out.
MARKET_PRIOR = "market-prior"
_PRIOR_VERSION = "1"


def predict_upcoming(
    ctx: Context, *, days_ahead: int = 14, registry: ModelRegistry | None = None
) -> dict[str, int]:
    """Predict the scheduled matches of the next `days_ahead` days and store what is new.

    The champion speaks where its features are there; a match without odds yet starts from its ratings
    (`without_odds` counts those). Without a champion, or where a group of features that it relies on is
    missing, the market's view is stored under the name `market-prior` (`fallback`), and nothing where there
    is no market either (`skipped`). Run `refresh_features` first. The same inputs write no second row.
    """
    now = ctx.clock.now()
    champion = (registry or model_registry(ctx)).champion()
    version = champion.card.features_version if champion else VERSION
    with ctx.database.session() as session:
        fixtures = coming_fixtures(session, version, since=now, until=now + timedelta(days=days_ahead))
        able = [fixture for fixture in fixtures if champion and _can_predict(champion, fixture)]
        predictions = _by_champion(champion, able, now) if champion else []
        spoken_for = {fixture.match_id for fixture in able}
        others = [fixture for fixture in fixtures if fixture.match_id not in spoken_for]
        fallback = [_by_market(f.match_id, f.latest, now) for f in others if f.latest is not None]
        stored = store_predictions(session, predictions + fallback, ctx.fire)
    summary = {
        "fixtures": len(fixtures),
        "predicted": len(predictions),
        "without_odds": sum(_without_odds(fixture) for fixture in able),
        "fallback": len(fallback),
        "skipped": len(fixtures) - len(predictions) - len(fallback),
        "stored": stored,
    }
    log.info("fixtures_predicted", champion=champion and champion.version, **summary)
    _report_missing(champion, others)
    return summary


def _can_predict(champion: RegisteredModel, fixture: ComingFixture) -> bool:
    return fixture.values is not None and not missing_groups(champion.card, fixture.values)


def _without_odds(fixture: ComingFixture) -> bool:
    return fixture.values is not None and fixture.values.get(MARKET[0]) is None


def _report_missing(champion: RegisteredModel | None, fixtures: Sequence[ComingFixture]) -> None:
    if champion is None or not fixtures:
        return
    missing = Counter(
        group
        for fixture in fixtures
        for group in (missing_groups(champion.card, fixture.values) if fixture.values else ("all",))
    )
    log.warning("features_missing", fixtures=len(fixtures), groups=dict(missing))


def _by_champion(
    champion: RegisteredModel, fixtures: Sequence[ComingFixture], now: datetime
) -> list[Prediction]:
    views = predict(champion.booster, champion.card, [fixture.values or {} for fixture in fixtures])
    return [
        Prediction(
            match_id=fixture.match_id,
            model_name=MODEL_NAME,
            model_version=champion.version,
            features_version=champion.card.features_version,
            fingerprint=_fingerprint(_inputs(fixture)),
            predicted_at=now,
            model=view,
            market=fixture.latest,
        )
        for fixture, view in zip(fixtures, views, strict=True)
    ]


def _inputs(fixture: ComingFixture) -> dict[str, object]:
    # The market is no input of the trees, but the view they are shown beside: it must not go stale.
    market = None if fixture.latest is None else _rounded(fixture.latest)
    return {"values": fixture.values, "market": market}


def _by_market(match_id: int, view: Probabilities, now: datetime) -> Prediction:
    return Prediction(
        match_id=match_id,
        model_name=MARKET_PRIOR,
        model_version=_PRIOR_VERSION,
        features_version=VERSION,
        fingerprint=_fingerprint(_rounded(view)),
        predicted_at=now,
        model=view,
        market=view,
    )


def _rounded(view: Probabilities) -> list[float]:
    # A price that moves in the fourth digit is no news, and would write a row every ten minutes.
    return [round(view.home, 3), round(view.draw, 3), round(view.away, 3)]


def _fingerprint(inputs: object) -> str:
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
