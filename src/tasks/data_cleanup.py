"""Cleaning tasks."""

from celery import Task

from src.pipeline.clean import clean_old_data
from src.tasks.celery_app import app
from src.tasks.fire_task import fire_context


@app.task(bind=True, name="data_cleanup.cleanup_old_data")
def cleanup_old_data(self: Task, keep_days: int = 90, odds_days: int = 30) -> dict[str, int]:
    """Drop raw payloads older than `keep_days` and fine-grained odds older than `odds_days`."""
    return clean_old_data(fire_context(self), keep_days=keep_days, odds_days=odds_days)
