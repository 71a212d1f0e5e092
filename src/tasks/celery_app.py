"""The Celery application: `celery -A src.tasks.celery_app worker|beat|inspect`."""

from celery import Celery

app = Celery("matchbeat", task_cls="src.tasks.fire_task:FireTask")
app.config_from_object("celeryconfig")
