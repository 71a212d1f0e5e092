"""The project's Celery app in the test's own process."""

import pytest
from celery import Celery

from src.core.settings import settings


@pytest.fixture
def app(redis_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Celery:
    """The app on the session's Valkey, as Beat uses it."""
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("DATABASE_URL", database_url)
    settings.cache_clear()
    from src.tasks.celery_app import app as celery_app

    celery_app.conf.update(broker_url=redis_url, result_backend=redis_url)
    return celery_app
