"""Monitoring tasks."""

from typing import Any

from celery import Task

from src.pipeline.ask import ask_for
from src.pipeline.watch import emergency_retrain_check as needs_retraining
from src.pipeline.watch import monitor_performance
from src.tasks.celery_app import app
from src.tasks.fire_task import fire_context


@app.task(bind=True, name="monitoring.performance")
def performance(self: Task) -> dict[str, Any]:
    """Score stored predictions against results and the market, and look at the data's freshness."""
    return monitor_performance(fire_context(self))


@app.task(bind=True, name="monitoring.emergency_retrain_check")
def emergency_retrain_check(self: Task) -> dict[str, Any]:
    """Ask for an emergency retraining where the champion has fallen behind."""
    ctx = fire_context(self)
    found = needs_retraining(ctx)
    if found["retrain"]:
        asked = ask_for(ctx, "emergency-model-retraining", {"reason": found["reason"]})
        found["fire_id"] = str(asked.id)
    return found
