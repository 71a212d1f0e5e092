"""The bridge to Prefect: its REST API over requests, so that Beat never imports Prefect."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_exponential

from src.core.errors import MatchbeatError, Misconfigured, Transient
from src.domain.entry import Entry
from src.domain.fire import Fire, FireId, FireState
from src.domain.ports import Closed, Sent, Unsent
from src.scheduling.catalog import nearest

#: Prefect's state types (its REST API, `StateType`) in the words of the ledger; the rest is still under way.
_STATES = {
    "RUNNING": FireState.STARTED,
    "PAUSED": FireState.STARTED,
    "CANCELLING": FireState.STARTED,
    "COMPLETED": FireState.SUCCEEDED,
    "FAILED": FireState.FAILED,
    "CRASHED": FireState.FAILED,
    "CANCELLED": FireState.REVOKED,
}

_ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}

_PAGE = 200


@dataclass(frozen=True, kw_only=True)
class FlowRunState:
    """A flow run as Prefect tells it, in the ledger's words; times are aware."""

    flow_run_id: str
    state: FireState
    message: str | None
    started_at: datetime | None
    finished_at: datetime | None


class Busy(Transient):
    """Prefect's database was locked, as SQLite's is for moments: the same call is made again."""


class PrefectBridge:
    """Creates flow runs of deployments and reads their states.

    `api_url` ends in `/api`. Raises Transient where Prefect is away or answers 5xx, Misconfigured where it
    knows no such deployment or refuses the credentials. One call at a time: a server on SQLite breaks under
    concurrent creates.
    """

    def __init__(self, api_url: str, auth: str | None = None, timeout_s: float = 10.0) -> None:
        self._url = api_url.rstrip("/")
        self._timeout = timeout_s
        self._http = requests.Session()
        if auth:
            user, _, password = auth.partition(":")
            self._http.auth = (user, password)
        self._deployment_ids: dict[str, str] = {}

    def send(self, fires: Sequence[Unsent], taken: Callable[[Sent], None]) -> list[Closed]:
        """See `Carrier.send`; a fire that Prefect refuses is missed, and the others go on."""
        refused = []
        for item in fires:
            try:
                sent = self._create(item.fire, item.entry)
            except Misconfigured as error:
                refused.append(
                    Closed(id=item.fire.id, state=FireState.MISSED, reason=f"refused: {error}"[:500])
                )
                continue
            taken(sent)
        return refused

    def cancel(self, fires: Sequence[FireId]) -> None:
        """See `Carrier.cancel`; Prefect ends at once what has no process yet, and asks the process otherwise.

        A run that has ended stays as it is. Raises Transient where Prefect is away; a second call asks again.
        """
        keys = [str(fire) for fire in fires]
        for start in range(0, len(keys), _PAGE):
            body = {"flow_runs": {"idempotency_key": {"any_": keys[start : start + _PAGE]}}, "limit": _PAGE}
            for run in self._call("POST", "/flow_runs/filter", body):
                if (run.get("state") or {}).get("type") not in {*_ENDED, "CANCELLING"}:
                    state = {"type": "CANCELLING", "name": "Cancelling", "message": "ended by Matchbeat"}
                    self._call("POST", f"/flow_runs/{run['id']}/set_state", {"state": state})

    def _create(self, fire: Fire, entry: Entry) -> Sent:
        """Create the flow run of `fire`, once: its id is Prefect's idempotency key."""
        body = {
            "idempotency_key": str(fire.id),
            "name": f"{entry.name}-{fire.due_at:%Y%m%dT%H%M%S}",
            "parameters": {**fire.parameters, "fire_id": str(fire.id)},
            "tags": ["matchbeat", f"entry:{entry.name}", f"fire:{fire.id}"],
            "state": {
                "type": "SCHEDULED",
                "state_details": {"scheduled_time": fire.due_at.isoformat()},
            },
        }
        run = self._call("POST", f"/deployments/{self._deployment_id(entry)}/create_flow_run", body)
        return Sent(id=fire.id, flow_run_id=str(run["id"]))

    def ping(self) -> None:
        """Ask for a sign of life; raise Transient without one."""
        self._call("GET", "/health")

    def deployments(self) -> dict[str, str]:
        """Return the ids of all deployments by name."""
        found: dict[str, str] = {}
        while page := self._call("POST", "/deployments/filter", {"limit": _PAGE, "offset": len(found)}):
            found |= {str(item["name"]): str(item["id"]) for item in page}
            if len(page) < _PAGE:
                break
        return found

    def states(self, flow_run_ids: Iterable[str]) -> list[FlowRunState]:
        """Return the states of these runs; a run that Prefect has deleted is left out."""
        ids = list(flow_run_ids)
        found: list[FlowRunState] = []
        for start in range(0, len(ids), _PAGE):
            body = {"flow_runs": {"id": {"any_": ids[start : start + _PAGE]}}, "limit": _PAGE}
            found += [_state(run) for run in self._call("POST", "/flow_runs/filter", body)]
        return found

    def _deployment_id(self, entry: Entry) -> str:
        if entry.target not in self._deployment_ids:
            self._deployment_ids = self.deployments()
        try:
            return self._deployment_ids[entry.target]
        except KeyError:
            raise Misconfigured(
                f"entry {entry.name!r}: Prefect has no deployment {entry.target!r}"
                f"{nearest(entry.target, self._deployment_ids)}; `matchbeat flows register` makes them"
            ) from None

    @retry(
        retry=retry_if_exception_type(Busy),
        stop=stop_after_attempt(6),
        wait=wait_exponential(multiplier=0.1, max=1),
        reraise=True,
    )
    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        try:
            answer = self._http.request(method, self._url + path, json=body, timeout=self._timeout)
        except requests.RequestException as error:
            raise Transient(f"Prefect is not answering at {self._url}: {type(error).__name__}") from error
        if answer.status_code == 503:
            raise Busy(f"Prefect answered 503 to {method} {path}, again and again")
        if answer.status_code >= 500 or answer.status_code == 429:
            raise Transient(f"Prefect answered {answer.status_code} to {method} {path}")
        if answer.status_code == 404:
            self._deployment_ids.clear()
        if answer.status_code >= 400:
            raise _refused(answer, method, path)
        try:
            return answer.json() if answer.content else None
        except requests.JSONDecodeError as error:
            raise Transient(f"{self._url} does not answer as Prefect does to {method} {path}") from error


def _refused(answer: requests.Response, method: str, path: str) -> MatchbeatError:
    if answer.status_code in {401, 403}:
        return Misconfigured("Prefect refuses our credentials: set PREFECT_API_AUTH_STRING=user:password")
    return Misconfigured(f"Prefect refused {method} {path} with {answer.status_code}: {answer.text[:300]}")


def _state(run: Mapping[str, Any]) -> FlowRunState:
    state = run.get("state") or {}
    return FlowRunState(
        flow_run_id=str(run["id"]),
        state=_STATES.get(str(state.get("type")), FireState.SENT),
        message=state.get("message"),
        started_at=_time(run.get("start_time")),
        finished_at=_time(run.get("end_time")) or _time(state.get("timestamp")),
    )


def _time(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value.replace("Z", "+00:00")) if value else None
