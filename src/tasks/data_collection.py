"""Collection tasks, for guides and scripts that go through Celery; the schedule collects through Prefect."""

from datetime import timedelta
from typing import Any

from celery import Task

from src.tasks.celery_app import app
from src.tasks.fire_task import fire_context


@app.task(bind=True, name="data_collection.collect_daily_matches")
def collect_daily_matches(self: Task, days_back: int = 1, days_ahead: int = 7) -> dict[str, Any]:
    """Collect the fixtures from `days_back` days ago to `days_ahead` days on."""
    from src.pipeline.collect import collect_fixtures

    ctx = fire_context(self)
    today = ctx.clock.now().date()
    summary = collect_fixtures(
        ctx, since=today - timedelta(days=days_back), until=today + timedelta(days=days_ahead)
    )
    return summary.as_dict()
