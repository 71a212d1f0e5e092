"""Entries for the scheduler's tests."""

from dataclasses import replace
from datetime import timedelta

from src.domain.entry import Cron, Entry, Interval, Runner
from src.domain.policy import Policy

MINUTELY = Entry(
    name="minutely",
    cadence=Interval(every_s=60),
    runner=Runner.CELERY,
    target="quality.check",
    queue="quality",
    priority=6,
    limit=timedelta(minutes=5),
    policy=Policy(catch_up_window=timedelta(minutes=10)),
)
NIGHTLY = replace(
    MINUTELY,
    name="nightly",
    cadence=Cron(expression="0 2 * * *"),
    runner=Runner.PREFECT,
    target="nightly-deployment",
    queue="data_collection",
    priority=5,
    policy=Policy(),
)
