"""The Celery door: app, tasks and the Beat scheduler.

`scheduler_prefect` is what Beat runs; `fire_task` is what every task stands on: it claims the fire and
closes it; `signals` tells of what ends without it, `life` shows that a worker lives. Task modules import
heavy use cases when they run, for Beat imports the modules too.
"""
