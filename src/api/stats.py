"""Numbers on everything, in one answer."""

from typing import Any

from fastapi import APIRouter

from src.api.wiring import Ctx
from src.pipeline.overview import overview

router = APIRouter(tags=["stats"])


@router.get("/stats")
def stats(ctx: Ctx) -> dict[str, Any]:
    """Return rows, fires, flow runs, champion, quality, open signals and freshness."""
    return overview(ctx).as_dict()
