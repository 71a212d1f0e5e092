"""The same application under the name that `celery -A src.tasks.celery` looks for."""

from src.tasks.celery_app import app

__all__ = ["app"]
