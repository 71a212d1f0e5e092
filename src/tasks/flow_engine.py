"""Prefect's engine for one flow run in a process that stays: it begins when the ledger says so."""

import signal
from collections.abc import Callable
from types import FrameType
from typing import Any, NoReturn

from prefect import Flow
from prefect.client.schemas.objects import FlowRun, State
from prefect.flow_engine import FlowRunEngine
from prefect.states import Suspended

#: Tells the main thread that the run is to be cancelled, also while it waits in a system call.
CANCEL_SIGNAL = signal.SIGUSR2


class RunCancelled(BaseException):
    """Somebody cancelled the flow run; no Exception, so that no flow takes it for a failure of its own."""


class WarmEngine(FlowRunEngine[..., Any]):
    """Runs a flow run as `prefect.flow_engine.run_flow` does, with three differences.

    All that comes before the state Running is done first, then `gate` is called; what it raises leaves the
    run's state as it is. `RunCancelled` ends the run as cancelled. There is no thread for heartbeats, whose
    end the process would wait for: `Watch` sends them.
    """

    gate: Callable[[], None]
    #: Whether the flow's own code has begun, and whether it has come to its end.
    body_begun = False
    body_done = False

    @property
    def heartbeat_seconds(self) -> int | None:
        """None: another thread tells of life."""
        return None

    def suspend(self, why: str) -> None:
        """Make the flow stop at the next boundary of Prefect's engine, or pause point of its own."""
        self._flow_run_suspension_request.mark_requested(Suspended(message=why))

    def begin_run(self) -> State[Any]:
        """Wait at the gate, then propose the state Running."""
        self.gate()
        return super().begin_run()

    def call_flow_fn(self) -> Any:
        """Run the flow's own code."""
        self.body_begun = True
        return super().call_flow_fn()

    def handle_success(self, result: Any) -> Any:
        """Report the end of the flow's own code."""
        self.body_done = True
        return super().handle_success(result)

    def handle_crash(self, exc: BaseException) -> None:
        """End the run as crashed, or as cancelled where that is what ended it."""
        if isinstance(exc, RunCancelled):
            self.handle_cancellation(exc)
        else:
            super().handle_crash(exc)

    def run_to_end(self) -> State[Any]:
        """Run the flow run and return its last state.

        Call it on the main thread: a cancellation comes as a signal. Raises Prefect's Abort where its rules,
        or the gate, keep the run from beginning, its Pause where the run was suspended, and RunCancelled.
        """
        before = signal.signal(CANCEL_SIGNAL, _cancel)
        try:
            with self.start():
                while self.is_running():
                    with self.run_context():
                        self.call_flow_fn()
            return self.state
        finally:
            signal.signal(CANCEL_SIGNAL, before)


def engine_for(
    flow: Flow[..., Any], flow_run: FlowRun, parameters: dict[str, Any], gate: Callable[[], None]
) -> WarmEngine:
    """Return an engine for one flow run; `gate` returns once it may begin."""
    engine = WarmEngine(flow=flow, flow_run=flow_run, parameters=parameters)
    engine.gate = gate
    return engine


def _cancel(_number: int, _frame: FrameType | None) -> NoReturn:
    raise RunCancelled("the flow run was cancelled")
