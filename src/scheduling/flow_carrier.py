"""The carrier of flow runs: each fire becomes one flow run in Prefect, and runs where its entry says."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from src.core.errors import Misconfigured, Transient
from src.core.logging import get_logger
from src.domain.entry import Entry, FlowRunner, Runner
from src.domain.fire import Fire, FireId, FireState
from src.domain.policy import Policy
from src.domain.ports import Carrier, Closed, Sent, Unsent
from src.scheduling.bridge.client import PrefectClient
from src.scheduling.bridge.records import FlowRun, UnknownDeployment
from src.scheduling.dispatch import FLOW_QUEUE, FLOW_TASK

log = get_logger(__name__)

#: Every flow run of ours has this tag.
TAG = "matchbeat"

#: Prefect ends a flow at its own limit; a process that does not end then is killed so much later.
_KILL_AFTER = timedelta(minutes=1)

_NO_POLICY = Policy()


class _Run(NamedTuple):
    """A flow run in Prefect; `told` where a worker stands by with it."""

    id: str
    told: bool = False


class FlowCarrier:
    """Creates flow runs and, for entries whose flows run on Celery workers, sends the workers their ids.

    The fire's id is Prefect's idempotency key, so that a fire has one flow run however often it is sent. A
    run for a Celery worker is created as pending, which no worker of Prefect's takes; one for a work pool as
    scheduled. `celery` carries the messages. At most `writers` runs are created at a time. One thread calls
    it; `cancel` may be called from another.
    """

    def __init__(self, client: PrefectClient, celery: Carrier, writers: int = 1) -> None:
        self._client = client
        self._writers = writers
        self._celery = celery
        self._to_cancel: deque[FireId] = deque()
        #: The flow runs with which a worker stands by, by fire, and their parameters.
        self._standing_by: dict[FireId, tuple[str, dict[str, Any]]] = {}

    def send(self, fires: Sequence[Unsent], taken: Callable[[Sent], None]) -> list[Closed]:
        """See `Carrier.send`; a fire that Prefect refuses is missed, and the others go on."""
        refused = []
        away: Transient | None = None
        with ThreadPoolExecutor(self._writers, thread_name_prefix="prefect") as pool:
            ready = [(item, pool.submit(self._ready, item)) for item in fires]
            for item, run in ready:
                try:
                    taken(self._told(item, run.result()))
                except UnknownDeployment as error:
                    refused.append(_missed(item, error, fault=str(error)))
                except Misconfigured as error:
                    refused.append(_missed(item, error))
                except Transient as error:
                    away = error  # others may have been created, and are told of
        if away is not None:
            if refused:
                log.warning("fires_refused_again_later", fires=len(refused))
            raise away
        return refused

    def create(self, item: Unsent) -> FlowRun:
        """Return the one flow run of a fire, made where there is none.

        The parameters of the first call win in Prefect. A run that was made before an edit and has not begun
        gives way to a new one.
        """
        run = self._create(item)
        if not self._is_as_wanted(run, item) and run.state_type in {"PENDING", "SCHEDULED"}:
            log.info("flow_run_replaced", fire_id=str(item.fire.id), entry=item.entry.name)
            self._client.delete_flow_run(run.id)
            run = self._create(item)
        return run

    def _is_as_wanted(self, run: FlowRun, item: Unsent) -> bool:
        wanted = _parameters(item.fire)
        # Prefect adds the deployment's own parameters to ours.
        added = self._client.deployment(item.entry.target, entry=item.entry.name).parameters.keys()
        given = {name: value for name, value in run.parameters.items() if name in wanted or name not in added}
        return given == wanted

    def stand_by(self, item: Unsent, run_id: str, when: datetime) -> None:
        """Let a Celery worker stand by with a flow run that is due at `when`: it begins once that is claimed.

        Raises Transient where the broker is away.
        """
        self._message(item, run_id, when)
        self._standing_by[item.fire.id] = (run_id, item.fire.parameters)

    def forget(self, fire: FireId) -> None:
        """Count on nobody's standing by for this fire."""
        self._standing_by.pop(fire, None)

    def cancel(self, fires: Sequence[FireId]) -> None:
        """See `Carrier.cancel`: the next `end_cancelled` tells Prefect, so that nobody waits for it here."""
        self._to_cancel.extend(fires)

    def waiting(self) -> int | None:
        """See `Carrier.waiting`."""
        return self._celery.waiting()

    def end_cancelled(self) -> None:
        """Cancel what was asked for: a run without a process ends at once, one that runs is asked to.

        Raises Transient where Prefect is away; the next call goes on.
        """
        while self._to_cancel:
            for run in self._client.flow_runs(keys=[str(self._to_cancel[0])]):
                if not run.ended:
                    self._client.cancel(run.id)
            self._to_cancel.popleft()

    def _ready(self, item: Unsent) -> _Run:
        """Return the run of a fire, ready to begin; this is all that waits for Prefect."""
        run_id, parameters = self._standing_by.pop(item.fire.id, (None, None))
        # An edit just before the due time may have come too late for the run to be made anew.
        if run_id is not None and not item.attempts and parameters == item.fire.parameters:
            return _Run(run_id, told=True)
        return _Run(self._revived(item) or self.create(item).id)

    def _told(self, item: Unsent, run: _Run) -> Sent:
        if item.entry.flow_runner is FlowRunner.CELERY and not run.told:
            self._message(item, run.id, None)
        return Sent(id=item.fire.id, flow_run_id=run.id)

    def _message(self, item: Unsent, run_id: str, due_at: datetime | None) -> None:
        refused = self._celery.send([_as_task(item, run_id, due_at)], lambda _: None)
        for closed in refused:
            raise Misconfigured(closed.reason)

    def _revived(self, item: Unsent) -> str | None:
        """Make the run that the fire has ready to begin; None where Prefect has none, or none any more."""
        run = self._client.flow_run(item.flow_run_id) if item.flow_run_id else None
        if run is None:
            return None
        state = "PENDING" if item.entry.flow_runner is FlowRunner.CELERY else "SCHEDULED"
        # What is ready is left alone, and what a worker has just begun: it might end while we set a state.
        if (
            run.state_type != state
            and not _has_just_begun(run, item)
            and (not run.ended or run.state_type == "CRASHED")
        ):
            if run.state_type == "RUNNING":
                self._client.set_state(run.id, "CRASHED", message="its worker is gone", force=True)
            self._client.set_state(run.id, state, message="sent again by Matchbeat", force=True)
        return run.id

    def _create(self, item: Unsent) -> FlowRun:
        fire, entry = item.fire, item.entry
        on_celery = entry.flow_runner is FlowRunner.CELERY
        return self._client.create_flow_run(
            self._client.deployment(entry.target, entry=entry.name),
            key=str(fire.id),
            name=f"{entry.name}-{fire.due_at:%Y%m%dT%H%M%S}",
            parameters=_parameters(fire),
            tags=[TAG, f"entry:{entry.name}", f"fire:{fire.id}"],
            state="PENDING" if on_celery else "SCHEDULED",
            scheduled_at=fire.due_at,
        )


def _has_just_begun(run: FlowRun, item: Unsent) -> bool:
    """Whether a worker may have begun the run since the fire was read, and not one that died."""
    if run.state_type != "RUNNING" or item.silent_since is None:
        return False
    return run.state_at is None or run.state_at > item.silent_since


def _parameters(fire: Fire) -> dict[str, Any]:
    return {**fire.parameters, "fire_id": str(fire.id)}


def _as_task(item: Unsent, run_id: str, due_at: datetime | None) -> Unsent:
    """Return the fire as the Celery task that runs its flow."""
    told: dict[str, Any] = {"flow_run_id": run_id, "deployment": item.entry.target}
    if due_at is not None:
        told |= {"due_at": due_at.isoformat(), "parameters": item.fire.parameters}
    entry = Entry(
        name=item.entry.name,
        cadence=item.entry.cadence,
        runner=Runner.CELERY,
        target=FLOW_TASK,
        queue=FLOW_QUEUE,
        priority=item.entry.priority,
        limit=item.entry.limit + _KILL_AFTER,
        policy=_NO_POLICY,
    )
    return replace(item, fire=replace(item.fire, parameters=told), entry=entry)


def _missed(item: Unsent, error: Exception, fault: str | None = None) -> Closed:
    reason = f"refused: {error}"[:500]
    return Closed(id=item.fire.id, state=FireState.MISSED, reason=reason, fault=fault)
