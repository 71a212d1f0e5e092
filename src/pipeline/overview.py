"""Where everything stands: one reading for the dashboard, `/stats` and the demo."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from src.core.errors import Misconfigured, Transient
from src.database import census
from src.database.freshness import freshness
from src.database.predictions import latest_predictions
from src.database.schedule import EntryView, views
from src.database.signals import open_signals
from src.domain.learning import Freshness, PublishedPrediction
from src.domain.signal import Severity
from src.models.champion import Champion, read_champion
from src.pipeline.context import Context

#: How many coming predictions an overview shows.
NEXT = 3


@dataclass(frozen=True, kw_only=True)
class OpenSignal:
    """A signal nobody has resolved yet."""

    kind: str
    subject: str
    severity: Severity
    message: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Overview:
    """The state at `at`; `champion_error` says why there is no champion to show, where MLflow is away."""

    at: datetime
    rows: dict[str, int]
    fires: dict[str, dict[str, int]]
    flow_runs: dict[str, int]
    schedule: tuple[EntryView, ...]
    leader: census.Leader | None
    champion: Champion | None
    champion_error: str | None
    quality: census.QualityScore | None
    signals: tuple[OpenSignal, ...]
    next_predictions: tuple[PublishedPrediction, ...]
    freshness: Freshness

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-able mapping; times are ISO 8601 in UTC. The schedule has a page of its own."""
        plain = asdict(self)
        del plain["schedule"]
        told: dict[str, Any] = _jsonable(plain)
        return told


def overview(ctx: Context, *, predictions: int = NEXT) -> Overview:
    """Read the state of schedule, data, model and signals; raise Transient where Postgres is away.

    MLflow being away is told in `champion_error`, never raised.
    """
    now = ctx.clock.now()
    champion, champion_error = _champion(ctx)
    with ctx.database.session() as session:
        return Overview(
            at=now,
            rows=census.row_counts(session),
            fires=census.fires_by_state(session),
            flow_runs=census.flow_runs_by_state(session),
            schedule=tuple(views(session)),
            leader=census.leader(session),
            champion=champion,
            champion_error=champion_error,
            quality=census.last_quality(session),
            signals=tuple(
                OpenSignal(
                    kind=row.kind,
                    subject=row.subject,
                    severity=Severity(row.severity),
                    message=row.message,
                    since=row.created_at,
                )
                for row in open_signals(session)
            ),
            next_predictions=tuple(latest_predictions(session, now, predictions)),
            freshness=freshness(session, now),
        )


def _champion(ctx: Context) -> tuple[Champion | None, str | None]:
    try:
        return read_champion(ctx.settings.require_mlflow_tracking_uri()), None
    except (Transient, Misconfigured) as error:
        return None, str(error)


def _jsonable(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, dict):
        return {str(key): _jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(item) for item in value]
    return value
