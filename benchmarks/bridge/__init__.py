"""How soon flows start: Matchbeat's warm Celery workers beside Prefect's own workers, in one run."""
