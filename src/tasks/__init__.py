"""The Celery door: app, tasks and the Beat scheduler."""
