"""Training tasks, for guides and scripts that go through Celery; the schedule trains through Prefect."""

from typing import Any

from celery import Task

from src.tasks.celery_app import app
from src.tasks.fire_task import fire_context


@app.task(bind=True, name="model_training.update_models")
def update_models(self: Task, reason: str = "by hand") -> dict[str, Any]:
    """Train a candidate; it becomes champion only through the gate."""
    from src.pipeline.train import retrain

    return retrain(fire_context(self), reason=reason).as_dict()
