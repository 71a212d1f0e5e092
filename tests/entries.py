"""Entries for the scheduler's tests."""

from dataclasses import replace
from datetime import timedelta

from src.domain.entry import Cron, Entry, Interval, Runner

MINUTELY = Entry(
    name="minutely",
    cadence=Interval(every_s=60),
    runner=Runner.CELERY,
    target="quality.check",
    queue="quality",
    priority=6,
    limit=timedelta(minutes=5),
    catch_up=timedelta(minutes=10),
)
NIGHTLY = replace(
    MINUTELY,
    name="nightly",
    cadence=Cron(expression="0 2 * * *"),
    runner=Runner.PREFECT,
    target="nightly-deployment",
    queue="data_collection",
    priority=5,
    catch_up=timedelta(hours=1),
)
