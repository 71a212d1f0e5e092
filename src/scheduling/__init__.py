"""The scheduler's engine, without Celery's Beat."""
