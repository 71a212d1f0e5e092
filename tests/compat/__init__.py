"""Celery's own tests, run against our classes."""
