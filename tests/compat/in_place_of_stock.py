"""A pytest plugin: Celery's tests see our scheduler where they look for `celery.beat.Scheduler`.

Only the step that connects is left out: these tests know no Postgres, and a scheduler that was never set up
does what stock Beat does. `PersistentScheduler` is put on our class too, as a user's own subclass would be.
"""

import celery.beat

from src.tasks.scheduler_prefect import PrefectFlowScheduler

_Stock = celery.beat.Scheduler


class Unwired(PrefectFlowScheduler):
    """Our scheduler without its connections."""

    def setup_schedule(self) -> None:
        _Stock.setup_schedule(self)


celery.beat.Scheduler = Unwired
celery.beat.PersistentScheduler.__bases__ = (Unwired,)
