"""The Celery application that the measured schedulers send tasks of, and the host's clock they see."""

from datetime import UTC, datetime, timedelta

from celery import Celery

from benchmarks.scheduler.broker import QUEUE

TASK = "bench.nothing"


class HostClock:
    """The clock of Beat's host, which an administrator may set wrong by `shift`."""

    shift = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.shift  # noqa: TID251 - it stands for the machine's own


HOST_CLOCK = HostClock()


class _App(Celery):
    def now(self) -> datetime:
        """All that Beat and its schedules read of the wall clock."""
        return HOST_CLOCK.now()


def make_app(broker_url: str) -> Celery:
    """An application with one registered task; settings are Celery's defaults but for the queue's name."""
    app = _App("bench", broker=broker_url, set_as_current=True)
    app.conf.update(task_default_queue=QUEUE, enable_utc=True, timezone="UTC", result_expires=None)
    app.task(_nothing, name=TASK, ignore_result=True)
    return app


def _nothing(name: str) -> None:
    """Do nothing: no worker runs in these measurements."""
