"""Quality tasks."""

from datetime import timedelta
from typing import Any

from celery import Task

from src.pipeline.check_quality import check_quality
from src.tasks.celery_app import app
from src.tasks.fire_task import fire_context


@app.task(bind=True, name="quality.check")
def check(self: Task, days_back: int = 30, days_ahead: int = 2) -> dict[str, Any]:
    """Run the quality rules over the matches from `days_back` days ago to `days_ahead` days on."""
    ctx = fire_context(self)
    now = ctx.clock.now()
    report = check_quality(ctx, since=now - timedelta(days=days_back), until=now + timedelta(days=days_ahead))
    return report.as_dict()
