"""What a flow run's process is told from outside while it runs: cancel, pause, or that its worker stops."""

import os
import signal
import threading
import time
from collections.abc import Callable
from threading import Event, Thread

from src.core.errors import MatchbeatError
from src.core.logging import get_logger
from src.scheduling.bridge.client import PrefectClient
from src.scheduling.bridge.records import FlowRun
from src.tasks.flow_engine import CANCEL_SIGNAL

log = get_logger(__name__)

_LOOK_S = 1.0
_HEARTBEAT_S = 30.0

#: A run that is paused without a time limit is given this one.
PAUSE_S = 24 * 3600.0

#: A flow that was cancelled and does not end, because a thread of its own holds it up, loses its process.
CANCEL_PATIENCE_S = 15.0


class Watch:
    """A thread beside a flow run that reads its state once a second and acts on what it says.

    Cancelling raises RunCancelled on the main thread; where the run still holds on `CANCEL_PATIENCE_S` later,
    `give_up` is called and the process killed. A run that is paused in Prefect, and a worker that `stops`,
    call `suspend` with the reason: the flow ends at its next checkpoint. A run that Prefect has no more sets
    `gone`.
    """

    def __init__(
        self,
        run_id: str,
        client: PrefectClient,
        suspend: Callable[[str], None],
        stops: Callable[[], bool],
        give_up: Callable[[], None],
    ) -> None:
        self._run_id = run_id
        self._client = client
        self._suspend = suspend
        self._stops = stops
        self._give_up = give_up
        self._over = Event()
        self._cancelled_at: float | None = None
        self._next_heartbeat = time.monotonic() + _HEARTBEAT_S
        self.gone = False
        self.worker_stops = False
        self._thread = Thread(target=self._look_on, name="flow-watch", daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()

    @property
    def cancelled(self) -> bool:
        """Whether the run was cancelled while it ran."""
        return self._cancelled_at is not None

    def _look_on(self) -> None:
        while not self._over.wait(_LOOK_S):
            try:
                self._look()
            except MatchbeatError as error:
                log.debug("flow_watch_waits", flow_run_id=self._run_id, reason=str(error))

    def _look(self) -> None:
        if self._cancelled_at is not None:
            self._end_what_holds_on(self._cancelled_at)
            return
        if self._stops() and not self.worker_stops:
            self.worker_stops = True
            self._suspend("its worker stops")
        run = self._client.flow_run(self._run_id)
        if run is None:
            self.gone = True
        elif run.state_type in {"CANCELLING", "CANCELLED"}:
            self._cancelled_at = time.monotonic()
            log.info("flow_run_cancelled", flow_run_id=self._run_id)
            signal.pthread_kill(threading.main_thread().ident or 0, CANCEL_SIGNAL)
        elif run.state_type == "PAUSED":
            self._pause(run)
        else:
            self._send_heartbeat(run)

    def _pause(self, run: FlowRun) -> None:
        if run.state_name != "Suspended":
            # A plain pause keeps the process waiting, and resuming it starts none.
            self._client.suspend(self._run_id, PAUSE_S)
        self._suspend(run.message or "paused in Prefect")

    def _end_what_holds_on(self, since: float) -> None:
        if time.monotonic() - since > CANCEL_PATIENCE_S and not self._over.is_set():
            log.warning("flow_run_killed", flow_run_id=self._run_id, hint="it did not end when cancelled")
            self._give_up()
            os.kill(os.getpid(), signal.SIGKILL)

    def _send_heartbeat(self, run: FlowRun) -> None:
        """Tell Prefect's automations that the run lives, as its own engine does."""
        from prefect.events import emit_event

        if time.monotonic() < self._next_heartbeat or run.state_type != "RUNNING":
            return
        self._next_heartbeat = time.monotonic() + _HEARTBEAT_S
        resource = {"prefect.resource.id": f"prefect.flow-run.{run.id}", "prefect.resource.name": run.name}
        emit_event("prefect.flow-run.heartbeat", resource)
