"""The Celery application of the measured worker and Beat: the project's own, with the measured flows."""

from benchmarks.bridge import entries
from src.tasks.celery_app import app

__all__ = ["app", "entries"]
