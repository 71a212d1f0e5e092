"""The Beat seam: `celery beat --scheduler src.tasks.scheduler_prefect.PrefectFlowScheduler`."""

import os
import socket
import time
from collections.abc import Sequence
from typing import Any

from celery.beat import Scheduler
from kombu.exceptions import OperationalError

from src.core.errors import MatchbeatError, Misconfigured, Transient
from src.core.logging import get_logger
from src.core.metrics import LEADER
from src.database.leadership import LEASE_S, Leadership
from src.domain.entry import Entry
from src.pipeline.context import Context, context
from src.scheduling.bridge.connect import prefect_client
from src.scheduling.catalog import CATALOG, check_catalog
from src.tasks.term import Term
from src.tasks.waiting import wait_for

log = get_logger(__name__)

#: Beat looks at its shutdown flag and its liveness at least so often.
_LONGEST_WAIT_S = 1.0
#: A Beat that stands by looks so often whether the leader still gives signs of life.
_LEASE_LOOK_S = 2.0


class PrefectFlowScheduler(Scheduler):
    """Fires Celery tasks and Prefect deployments, each due time once, whichever Beat leads.

    Beat makes the scheduler twice, the first time `lazy` for its banner: nothing is connected before
    `setup_schedule`. Waiting happens inside `tick`, on the connection that holds the leadership, because
    Beat's own sleep cannot be woken. Of `celery beat`'s options `--max-interval` shortens that wait;
    `--schedule` names no file here, for the schedule is in Postgres.
    """

    max_interval = _LONGEST_WAIT_S
    #: What is declared; the stored schedule is brought to it whenever a Beat begins to lead.
    entries: Sequence[Entry] = CATALOG
    #: A leader that has been silent so long may be deposed by one that stands by.
    lease_s = LEASE_S
    _leadership: Leadership | None = None

    def __init__(self, *args: Any, schedule_filename: str | None = None, **kwargs: Any) -> None:
        self._schedule_file = schedule_filename
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        """Wait for Postgres and the broker, not for Prefect; end Beat clearly where it cannot run."""
        try:
            self._set_up(context())
        except MatchbeatError as error:
            raise SystemExit(f"Beat cannot start: {error}") from None

    def _set_up(self, work: Context) -> None:
        self._work = work
        self._term: Term | None = None
        self._heard: list[str] = []
        self._lease_look = 0.0
        self._refuse_other_schedules()
        if self._schedule_file not in {None, self.app.conf.beat_schedule_filename}:
            log.warning("schedule_file_unused", file=self._schedule_file, hint="the schedule is in Postgres")
        check_catalog(self.entries, tasks=self._task_names())
        self._prefect = prefect_client(work.settings)
        self._wait_for_parts(work)
        holder = f"{socket.gethostname()}:{os.getpid()}"
        self._leadership = Leadership(work.settings.require_database_url(), holder, self.lease_s)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Do what is due, then wait for the next due time or a change of the schedule; return 0."""
        if self._leadership is None:
            return float(super().tick(*args, **kwargs))
        longest = min(_LONGEST_WAIT_S, self.max_interval)
        try:
            term = self._leading_term(self._leadership)
            if term is None:
                self._stand_by(self._leadership, longest)
                return 0.0
            idle = term.step(self._heard)
            self._heard = self._leadership.wait(min(idle, longest))
        except Transient as error:
            log.warning("beat_stands_by", reason=str(error))
            self._stand_down()
            return longest
        return 0.0

    def close(self) -> None:
        """Give up the leadership, so that another Beat takes over at once."""
        if self._leadership is None:
            super().close()
        else:
            self._stand_down()

    @property
    def info(self) -> str:
        """What Beat's banner says of the scheduler."""
        return "    . ledger -> Postgres, flows -> Prefect"

    def _leading_term(self, leadership: Leadership) -> Term | None:
        if self._term is None and leadership.campaign():
            self._term = Term(leadership, self._work, self.app, self._prefect, self.entries)
            LEADER.set(1)
            log.info("beat_leads", epoch=leadership.epoch)
        return self._term

    def _stand_by(self, leadership: Leadership, seconds: float) -> None:
        """Wait in line for the lock; depose a leader whose lease has run out."""
        if time.monotonic() >= self._lease_look:
            self._lease_look = time.monotonic() + min(_LEASE_LOOK_S, self.lease_s / 4)
            if leadership.depose_silent():
                log.warning("silent_leader_deposed", hint="its lease had run out")
        leadership.wait(seconds)

    def _stand_down(self) -> None:
        if self._leadership is not None:
            self._leadership.resign()
        if self._term is not None:
            self._term.end()
        self._term, self._heard = None, []
        LEADER.set(0)

    def _refuse_other_schedules(self) -> None:
        if others := sorted(self.app.conf.beat_schedule):
            raise Misconfigured(
                f"beat_schedule: {', '.join(others)} would never fire;"
                " declare them in src/scheduling/catalog.py, where this scheduler reads what is due"
            )

    def _task_names(self) -> set[str]:
        self.app.loader.import_default_modules()
        return {name for name in self.app.tasks if not name.startswith("celery.")}

    def _wait_for_parts(self, work: Context) -> None:
        limit = work.settings.start_timeout_s
        wait_for("Postgres", "DATABASE_URL", work.database.ping, limit)
        wait_for("the broker", "REDIS_URL", self._ping_broker, limit)

    def _ping_broker(self) -> None:
        try:
            with self.app.connection_for_write() as connection:
                connection.ensure_connection(max_retries=1, timeout=2)
        except (OperationalError, OSError) as error:
            raise Transient(f"the broker is not answering: {type(error).__name__}") from error
