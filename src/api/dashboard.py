"""The dashboard at `/`: one page, rendered here, that an operator can leave open."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.requests import Request

from src.api.pages import render
from src.api.parts import examine_all
from src.api.wiring import Ctx, redis_client
from src.core.errors import Transient
from src.core.settings import Settings
from src.domain.entry import ByHand
from src.models.champion import Champion
from src.pipeline.overview import Overview, overview
from src.scheduling.cadence import describe

router = APIRouter(include_in_schema=False)

#: How many coming matches the page shows.
_COMING = 12

#: Metrics worth a line: key of the model, key of the bookmaker on the same matches, label, digits.
_METRICS = (
    ("log_loss", "market_log_loss", "Log-loss", 4),
    ("rps", "market_rps", "RPS", 4),
    ("accuracy", "market_accuracy", "Accuracy", 3),
    ("ece", "market_ece", "ECE", 3),
)
_LABELS = {
    "raw_payloads": "Raw payloads",
    "team_stats": "Team figures",
    "odds_latest": "Odds, latest",
    "odds_history": "Odds, history",
    "quality_reports": "Quality reports",
}


@router.get("/", response_class=HTMLResponse)
def dashboard(request: Request, ctx: Ctx) -> HTMLResponse:
    """Show schedule, data, model, predictions and signals."""
    parts = examine_all(ctx, lambda: redis_client(request))
    shared: dict[str, Any] = {"now": ctx.clock.now(), "parts": parts, "links": _links(ctx.settings)}
    try:
        state = overview(ctx, predictions=_COMING)
    except Transient as error:
        return render("away.html", status=503, error=str(error), **shared)
    return render("dashboard.html", state=state, **_shown(state), **shared)


def _shown(state: Overview) -> dict[str, Any]:
    coming = [view for view in state.schedule if view.next_due is not None]
    by_hand = [view for view in state.schedule if view.next_due is None]
    return {
        "entries": sorted(coming, key=lambda view: (view.next_due, view.entry.name)) + by_hand,
        "cadence": _cadence,
        "rows": {_label(name): count for name, count in state.rows.items()},
        "metrics": _metrics(state.champion),
    }


def _cadence(view: Any) -> str:
    cadence = view.entry.cadence
    return "by hand" if isinstance(cadence, ByHand) else describe(cadence).removesuffix(" (UTC)")


def _label(table: str) -> str:
    return _LABELS.get(table, table.capitalize())


def _metrics(champion: Champion | None) -> list[tuple[str, str, str]]:
    """Return label, the model's figure and the bookmaker's, in text."""
    if champion is None:
        return []
    found = champion.metrics
    return [
        (label, _figure(found.get(ours), digits), _figure(found.get(theirs), digits))
        for ours, theirs, label, digits in _METRICS
        if ours in found
    ]


def _figure(value: float | None, digits: int) -> str:
    return "—" if value is None else f"{value:.{digits}f}"


def _links(settings: Settings) -> dict[str, str]:
    links = {
        "Flower": f"http://{settings.bind_host}:{settings.flower_port}",
        "API": "/docs",
        "Metrics": "/metrics",
    }
    if settings.mlflow_tracking_uri:
        links = {"MLflow": settings.mlflow_tracking_uri} | links
    if settings.prefect_api_url:
        links = {"Prefect": settings.prefect_api_url.removesuffix("/api")} | links
    return links
