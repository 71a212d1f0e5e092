"""Loading flows as Prefect's engine will, by file and function; a broken module stops its own entries."""

import traceback
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from src.core.errors import Misconfigured
from src.core.logging import redact
from src.domain.entry import Entry
from src.scheduling.catalog import nearest
from src.scheduling.entrypoints import ENTRYPOINTS, source_folder

if TYPE_CHECKING:
    from prefect import Flow


@dataclass(frozen=True, kw_only=True)
class BrokenModule:
    """A flow module that fails to import: its file, the error with its line, and the deployments it stops."""

    module: str
    error: str
    deployments: list[str]

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-able mapping."""
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.module} does not import ({self.error}): it stops {', '.join(self.deployments)}"


class FlowUnloadable(Misconfigured):
    """The module of a flow fails to import, or holds no such flow."""


def load_flows(entries: Iterable[Entry]) -> tuple[dict[str, "Flow[..., Any]"], list[BrokenModule]]:
    """Return the flow of each Prefect entry by target, and the modules that do not import.

    Raises Misconfigured naming every entry that names no flow, or that its flow would refuse.
    """
    faults: list[str] = []
    flows: dict[str, Flow[..., Any]] = {}
    broken: dict[tuple[str, str], list[str]] = {}
    for entry in entries:
        if entry.target not in ENTRYPOINTS:
            hint = nearest(entry.target, ENTRYPOINTS)
            faults.append(f"entry {entry.name!r}: unknown deployment {entry.target!r}{hint}")
            continue
        try:
            flow = flows[entry.target] = flows.get(entry.target) or load_flow(entry.target)
        except FlowUnloadable as error:
            broken.setdefault((_module(entry.target), str(error)), []).append(entry.target)
            continue
        fault = parameter_fault(flow, entry.parameters)
        if fault:
            faults.append(f"entry {entry.name!r}: {fault}")
    if faults:
        raise Misconfigured("the schedule is wrong:\n  " + "\n  ".join(faults))
    return flows, [
        BrokenModule(module=module, error=error, deployments=sorted(set(names)))
        for (module, error), names in broken.items()
    ]


def load_flow(deployment: str) -> "Flow[..., Any]":
    """Return the flow of a deployment; raise FlowUnloadable with error and line where it does not import."""
    from prefect.exceptions import MissingFlowError, ScriptError
    from prefect.flows import load_flow_from_entrypoint

    entrypoint = str(source_folder() / ENTRYPOINTS[deployment])
    try:
        # Without the last argument Prefect would make a flow of the file's text, and hide the error.
        return load_flow_from_entrypoint(entrypoint, use_placeholder_flow=False)
    except ScriptError as error:
        raise FlowUnloadable(_told(error.user_exc)) from error
    except (MissingFlowError, OSError, SystemExit) as error:
        raise FlowUnloadable(f"{type(error).__name__}: {error}".strip()) from error


def parameter_fault(flow: "Flow[..., Any]", parameters: dict[str, Any]) -> str | None:
    """Return what the flow would refuse about `parameters`, or None."""
    from prefect.exceptions import ParameterTypeError

    known = list(flow.parameters.properties)
    unknown = [name for name in parameters if name not in known]
    if unknown:
        return f"parameter {unknown[0]!r} is not one of {flow.name}{nearest(unknown[0], known)}"
    missing = [name for name in flow.parameters.required if name not in parameters]
    if missing:
        return f"{flow.name} needs the parameter {missing[0]!r}"
    try:
        flow.validate_parameters(parameters)
    except ParameterTypeError as error:
        return f"{flow.name} refuses its parameters: {' '.join(str(error).split())}"
    return None


def _module(deployment: str) -> str:
    return ENTRYPOINTS[deployment].partition(":")[0]


def _told(error: BaseException) -> str:
    """Return an error in one line with the place in our own files, the deepest one, where it was raised."""
    text = redact(" ".join(f"{type(error).__name__}: {error}".split()))
    if isinstance(error, SyntaxError) and error.filename:
        return text  # it names the file and the line itself
    frames = traceback.extract_tb(error.__traceback__)
    folder = str(source_folder())
    ours = [frame for frame in frames if frame.filename.startswith(folder) and ".venv" not in frame.filename]
    place = (ours or list(frames))[-1:]
    return text + "".join(f", {_below(frame.filename, folder)} line {frame.lineno}" for frame in place)


def _below(file: str, folder: str) -> str:
    return file.removeprefix(folder).lstrip("/") if file.startswith(folder) else file
