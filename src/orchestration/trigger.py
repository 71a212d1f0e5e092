"""A run of a deployment by hand."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from src.core.errors import Misconfigured
from src.core.settings import Settings
from src.orchestration.named import entry_called, stored_entries, unknown
from src.orchestration.prefect_client import prefect_client
from src.pipeline.context import Context
from src.pipeline.run_now import ask_for

_PAGE = 200


@dataclass(frozen=True, kw_only=True)
class Triggered:
    """What was asked for: a fire of the ledger, or a flow run where no entry has the deployment."""

    deployment: str
    entry: str | None
    fire: str | None
    flow_run: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-able mapping."""
        return asdict(self)


def trigger(ctx: Context, name: str, parameters: Mapping[str, Any]) -> Triggered:
    """Ask for one run of the deployment called `name`, or of that of the entry called so.

    It goes through the ledger, and the leading Beat sends it; what no entry has is left to Prefect. Raises
    Misconfigured with the nearest names where nothing is called so, Refused for wrong parameters.
    """
    stored = [view.entry for view in stored_entries(ctx.database)]
    entry = entry_called(name, stored)
    if entry is None:
        flow_run = _run_of_prefect(ctx.settings, name, parameters)
        if flow_run is None:
            raise unknown(name, stored)
        return Triggered(deployment=name, entry=None, fire=None, flow_run=flow_run)
    fire = ask_for(ctx, entry.name, parameters)
    return Triggered(deployment=entry.target, entry=entry.name, fire=str(fire.id), flow_run=None)


def _run_of_prefect(settings: Settings, name: str, parameters: Mapping[str, Any]) -> str | None:
    """Create a run of a deployment that only Prefect knows; None where it knows none of that name."""
    from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName

    named = DeploymentFilter(name=DeploymentFilterName(any_=[name]))
    with prefect_client(settings) as client:
        found = client.read_deployments(deployment_filter=named, limit=_PAGE)
        if len(found) > 1:
            raise Misconfigured(f"{len(found)} flows have a deployment {name!r}: run it in Prefect")
        if not found:
            return None
        run = client.create_flow_run_from_deployment(
            found[0].id, parameters=dict(parameters), tags=["matchbeat"]
        )
    return str(run.id)
