"""The application with the probe flows, for a worker process of a test; one flow's module is broken there."""

from src.scheduling.entrypoints import ENTRYPOINTS
from src.tasks.celery_app import app
from tests.integration.flows.probe_entries import ABSENT, PROBE_ENTRYPOINTS

ENTRYPOINTS.update(PROBE_ENTRYPOINTS)
ENTRYPOINTS[ABSENT.target] = "tests/integration/flows/no_such_module.py:absent"

__all__ = ["app"]
