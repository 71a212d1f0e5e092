"""Monitoring tasks."""

from typing import Any

from celery import Task

from src.pipeline.run_now import ask_for
from src.tasks.celery_app import app
from src.tasks.fire_task import fire_context


@app.task(bind=True, name="monitoring.performance")
def performance(self: Task) -> dict[str, Any]:
    """Score stored predictions against results and the market, and look at the data's freshness."""
    from src.pipeline.watch import monitor_performance

    return monitor_performance(fire_context(self)).as_dict()


@app.task(bind=True, name="monitoring.emergency_retrain_check")
def emergency_retrain_check(self: Task) -> dict[str, Any]:
    """Ask for an emergency retraining where the champion has fallen behind."""
    from src.pipeline.watch import emergency_retrain_check as needs_retraining

    ctx = fire_context(self)
    check = needs_retraining(ctx)
    if not check.decision.retrain:
        return check.as_dict()
    asked = ask_for(ctx, "emergency-model-retraining", {"reason": check.decision.reason})
    return {**check.as_dict(), "fire_id": str(asked.id)}
