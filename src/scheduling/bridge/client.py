"""Prefect's REST API, as far as Matchbeat needs it."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypeVar
from uuid import uuid4

from src.core.breaker import Breaker
from src.core.clock import Clock, SystemClock
from src.core.errors import Misconfigured
from src.core.logging import get_logger
from src.scheduling.bridge import records
from src.scheduling.bridge.records import Deployment, FlowRun, LogLine, Refused, UnknownDeployment, UnknownRun
from src.scheduling.bridge.rest import NotFound, Rest
from src.scheduling.catalog import nearest

log = get_logger(__name__)

T = TypeVar("T")

#: Prefect gives at most so many of anything in one answer.
_PAGE = 200

_OLDEST = (3, 0)
#: The newest version whose API has been read and found to have the fields that are used here.
_NEWEST = (3, 9)

#: What every call here goes to; an API without one of them is not one for us.
_NEEDED = ("/deployments/filter", "/flow_runs/filter", "/work_pools/filter", "/logs/filter")


class PrefectClient:
    """Reads and changes the deployments and flow runs of the server whose API is at `api_url` (…/api).

    Threads may share it; make it after a fork, not before. At most `concurrency` calls write at a time: a
    server on SQLite takes one. `auth` is PREFECT_API_AUTH_STRING, `user:password`. No call lasts longer than
    twice `timeout_s` for an answer plus three seconds of repeats. Every method raises Transient where Prefect
    is away, or failed five times in a row just now (`Breaker`), and Misconfigured where it refuses.
    """

    def __init__(
        self,
        api_url: str,
        auth: str | None = None,
        timeout_s: float = 10.0,
        *,
        concurrency: int = 1,
        breaker: Breaker | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._rest = Rest(api_url, auth, timeout_s, concurrency, breaker or Breaker())
        self._clock = clock or SystemClock()
        self._deployments: dict[str, Deployment] = {}

    def ping(self) -> None:
        """Ask for a sign of life, also while failed calls are left out; raise Transient without one."""
        self._rest.get("/health", anyway=True)

    def server_version(self) -> str:
        """Return the server's version, such as 3.8.8."""
        return str(self._rest.get("/admin/version", anyway=True))

    def check_server(self) -> str:
        """Return the server's version; raise Misconfigured where it is too old or lacks what we need."""
        try:
            version = self.server_version()
        except NotFound:
            raise Misconfigured(
                f"{self._rest.url} is not the API of a Prefect server: set PREFECT_API_URL to one that ends "
                "in /api, such as http://127.0.0.1:4200/api"
            ) from None
        numbers = _version(version)
        if numbers < _OLDEST:
            raise Misconfigured(f"the Prefect server is {version}; Matchbeat needs 3.0 or newer")
        if numbers > _NEWEST:
            log.warning("prefect_version_untested", version=version, newest_tested="3.9")
        for path in _NEEDED:
            self._check_for(path, version)
        return version

    def _check_for(self, path: str, version: str) -> None:
        try:
            self._rest.find(path, {"limit": 0})
        except NotFound:
            raise Misconfigured(f"the Prefect server {version} has no {path} in its API") from None

    def deployments(self) -> dict[str, Deployment]:
        """Ask for all deployments, by name, and remember them for `deployment`."""
        body = {"sort": "NAME_ASC"}
        pages = self._pages("/deployments/filter", body, records.deployment)
        self._deployments = {found.name: found for found in pages}
        return dict(self._deployments)

    def deployment(self, name: str, *, entry: str = "") -> Deployment:
        """Return a deployment as it was last read; Prefect is asked once where the name is unknown.

        Raises UnknownDeployment with the nearest names; `entry` is who wants it, for that text.
        """
        found = self._deployments.get(name) or self.deployments().get(name)
        if found is None:
            raise UnknownDeployment(
                f"{f'entry {entry!r}: ' if entry else ''}Prefect has no deployment {name!r}"
                f"{nearest(name, self._deployments)}; `matchbeat flows register` makes them"
            )
        return found

    def create_flow_run(
        self,
        deployment: Deployment,
        *,
        key: str,
        name: str,
        parameters: Mapping[str, Any],
        tags: Sequence[str],
        state: str,
        scheduled_at: datetime | None = None,
    ) -> FlowRun:
        """Create the flow run of `key`, or return the one that was created under it before.

        `state` is PENDING (left alone by stock workers) or SCHEDULED; `scheduled_at` is when it is due. The
        first call's parameters hold. Raises Misconfigured with the field where the parameters do not fit the
        flow's schema, UnknownDeployment where the deployment is there no more.
        """
        details = {"scheduled_time": scheduled_at.isoformat()} if scheduled_at else {}
        body = {
            "idempotency_key": key,
            "name": name,
            "parameters": dict(parameters),
            "tags": list(tags),
            "state": {"type": state, "state_details": details},
        }
        try:
            told = self._create(deployment, body)
        except NotFound:
            # It was made anew under another id since it was read, or it is gone.
            self._deployments = {}
            told = self._create(self.deployment(deployment.name), body)
        return self._rest.read(records.flow_run, told)

    def _create(self, deployment: Deployment, body: Mapping[str, Any]) -> Any:
        return self._rest.write("POST", f"/deployments/{deployment.id}/create_flow_run", body)

    def flow_run(self, run_id: str) -> FlowRun | None:
        """Return a flow run, None where Prefect has none of that id."""
        try:
            return self._rest.read(records.flow_run, self._rest.get(f"/flow_runs/{run_id}"))
        except NotFound:
            return None

    def flow_runs(
        self,
        *,
        ids: Iterable[str] | None = None,
        keys: Iterable[str] | None = None,
        tags: Sequence[str] = (),
        state_types: Iterable[str] = (),
        deployment_ids: Iterable[str] = (),
        since: datetime | None = None,
        limit: int = _PAGE,
    ) -> list[FlowRun]:
        """Return the flow runs that fit all that is given, the latest due first.

        `ids` and `keys` may be any number, and then `limit` does not count; empty ones fit no run. A run has
        all of `tags`, and was or is expected to start at `since` or later.
        """
        fits: dict[str, Any] = {}
        if tags:
            fits["tags"] = {"all_": list(tags)}
        if types := list(state_types):
            fits["state"] = {"type": {"any_": types}}
        if deployments := list(deployment_ids):
            fits["deployment_id"] = {"any_": deployments}
        if since:
            fits["expected_start_time"] = {"after_": since.isoformat()}
        if ids is None and keys is None:
            return list(islice(self._runs(fits), limit))
        parts = [
            fits | by_id | by_key for by_id in _parts("id", ids) for by_key in _parts("idempotency_key", keys)
        ]
        return [run for part in parts for run in self._runs(part)]

    def _runs(self, fits: Mapping[str, Any]) -> Iterator[FlowRun]:
        body = {"flow_runs": fits, "sort": "EXPECTED_START_TIME_DESC"}
        return self._pages("/flow_runs/filter", body, records.flow_run)

    def set_state(
        self,
        run_id: str,
        type_: str,
        *,
        name: str | None = None,
        message: str | None = None,
        details: Mapping[str, Any] | None = None,
        force: bool = False,
    ) -> str:
        """Propose a state; return what Prefect's rules say of it: ACCEPT, REJECT, ABORT or WAIT.

        `details` are Prefect's `state_details`; `force` leaves the rules out. A run may stand in another
        state after REJECT. Raises UnknownRun.
        """
        state = {"type": type_, "name": name, "message": message, "state_details": dict(details or {})}
        return self._propose(run_id, state, force=force)[0]

    def cancel(self, run_id: str, message: str = "ended by Matchbeat") -> None:
        """Ask a run to end; one that has no process ends at once, one that has ended stays as it is."""
        run = self.flow_run(run_id)
        if run is None or run.ended or run.state_type == "CANCELLING":
            return
        if run.state_type == "PENDING" and not run.has_process:
            # Prefect itself ends only a SCHEDULED one at once; a PENDING one would stay Cancelling.
            self.set_state(run_id, "CANCELLED", message=message)
        else:
            self.set_state(run_id, "CANCELLING", name="Cancelling", message=message)

    def suspend(self, run_id: str, timeout_s: float) -> str:
        """Suspend a run, which stops at its next checkpoint; return the name of its state.

        Prefect fails it where it is not resumed within `timeout_s` seconds. Raises Refused where it does not
        run, or has no deployment; UnknownRun.
        """
        until = self._clock.now() + timedelta(seconds=timeout_s)
        details = {"pause_timeout": until.isoformat(), "pause_reschedule": True, "pause_key": str(uuid4())}
        suspended = {"type": "PAUSED", "name": "Suspended", "state_details": details}
        status, state, reason = self._propose(run_id, suspended)
        if status != "ACCEPT":
            raise Refused(reason or f"Prefect answered {status}")
        return state

    def resume(self, run_id: str) -> str:
        """Resume a paused run; return the name of its state: Resuming where it was suspended, else Running.

        Raises Refused where it is not paused or its pause has timed out; UnknownRun.
        """
        if self.flow_run(run_id) is None:
            # Prefect answers 500 to a resume of what it does not have.
            raise UnknownRun(f"Prefect has no flow run {run_id}")
        status, state, reason = self._orchestrated(run_id, "resume", {})
        if status == "ACCEPT":
            return state
        run = self.flow_run(run_id)
        if run is not None and run.state_name == "Resuming":
            return run.state_name
        raise Refused(reason or f"Prefect answered {status}")

    def delete_flow_run(self, run_id: str) -> None:
        """Delete a run, which frees its key; one that is not there is fine."""
        try:
            self._rest.write("DELETE", f"/flow_runs/{run_id}")
        except NotFound:
            return

    def logs(self, run_id: str, *, limit: int = 1000, offset: int = 0) -> list[LogLine]:
        """Return lines of a run's log, oldest first, without the first `offset`."""
        body = {"logs": {"flow_run_id": {"any_": [run_id]}}, "sort": "TIMESTAMP_ASC"}
        return list(islice(self._pages("/logs/filter", body, records.log_line, offset), limit))

    def scheduled_runs(self, work_pool: str, before: datetime, limit: int = 100) -> list[FlowRun]:
        """Return the SCHEDULED runs of a work pool that are due before then, as its workers ask for them."""
        body = {"scheduled_before": before.isoformat(), "limit": limit}
        told = self._rest.find(f"/work_pools/{work_pool}/get_scheduled_flow_runs", body)
        ids = self._rest.read(lambda items: [str(item["flow_run"]["id"]) for item in items], told)
        # That answer leaves their states out.
        return self.flow_runs(ids=ids, state_types=["SCHEDULED"]) if ids else []

    def worker_heartbeat(self, work_pool: str, worker: str, interval_s: float) -> None:
        """Say that `worker` serves the pool and will say so again within `interval_s` (whole seconds)."""
        body = {"name": worker, "heartbeat_interval_seconds": max(1, round(interval_s))}
        self._rest.write("POST", f"/work_pools/{work_pool}/workers/heartbeat", body)

    def _propose(self, run_id: str, state: Mapping[str, Any], *, force: bool = False) -> tuple[str, str, str]:
        # By this id Prefect knows a proposal that is repeated because its answer was lost.
        details = {"transition_id": str(uuid4()), **state["state_details"]}
        body = {"state": {**state, "state_details": details}, "force": force}
        return self._orchestrated(run_id, "set_state", body)

    def _orchestrated(self, run_id: str, step: str, body: Mapping[str, Any]) -> tuple[str, str, str]:
        """Take a step; return the status, the name of the state and the reason."""
        try:
            told = self._rest.write("POST", f"/flow_runs/{run_id}/{step}", body)
        except NotFound:
            raise UnknownRun(f"Prefect has no flow run {run_id}") from None
        return self._rest.read(_verdict, told)

    def _pages(
        self, path: str, body: Mapping[str, Any], reader: Callable[[Any], T], offset: int = 0
    ) -> Iterator[T]:
        while True:
            told = self._rest.find(path, {**body, "limit": _PAGE, "offset": offset})
            page = self._rest.read(lambda items: [reader(item) for item in items], told)
            yield from page
            if len(page) < _PAGE:
                return
            offset += _PAGE


def _parts(field: str, values: Iterable[str] | None) -> list[dict[str, Any]]:
    """Return filters that together fit `values`, each short enough for one answer."""
    if values is None:
        return [{}]
    all_ = list(dict.fromkeys(values))
    return [{field: {"any_": all_[start : start + _PAGE]}} for start in range(0, len(all_), _PAGE)]


def _verdict(told: Mapping[str, Any]) -> tuple[str, str, str]:
    status, reason = str(told["status"]), str((told.get("details") or {}).get("reason") or "")
    if status == "REJECT" and "already made this state transition" in reason:
        status = "ACCEPT"  # by the first of two calls; its answer was lost
    return status, str((told.get("state") or {}).get("name") or ""), reason


def _version(text: str) -> tuple[int, int]:
    found = re.match(r"(\d+)\.(\d+)", text)
    if not found:
        raise Misconfigured(f"PREFECT_API_URL answers {text[:50]!r} as its version: is it a Prefect server?")
    return int(found[1]), int(found[2])
