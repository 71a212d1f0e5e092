"""The scheduler measured beside stock Celery Beat and RedBeat, in one run on one machine."""
