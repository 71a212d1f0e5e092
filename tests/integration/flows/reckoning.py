"""What must be true of ledger and Prefect when all is well again, whatever happened before."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from src.database.tables.schedule import FireRow
from src.domain.fire import OPEN, FireId, FireState
from src.scheduling.bridge.client import PrefectClient
from src.scheduling.bridge.records import FlowRun
from src.scheduling.flow_carrier import TAG
from tests.integration.flows.beat_entries import FAULTS

#: In which of Prefect's states a flow run may have ended whose fire ended so.
_AGREE = {
    FireState.SUCCEEDED: {"COMPLETED"},
    FireState.FAILED: {"FAILED", "CRASHED"},
    FireState.LOST: {"CRASHED"},
    FireState.REVOKED: {"CANCELLED"},
    # It was sent, and nobody began it in time.
    FireState.MISSED: {"CANCELLED"},
}

_MOST = {entry.name: 1 + entry.policy.retries for entry in FAULTS}


def reckon(
    rows: list[FireRow], client: PrefectClient, effects: Mapping[FireId, int]
) -> tuple[Counter[str], list[str]]:
    """Return how many fires ended how, and what is wrong."""
    by_key: dict[str, list[FlowRun]] = defaultdict(list)
    for run in client.flow_runs(tags=[TAG], limit=100_000):
        by_key[str(run.key)].append(run)
    wrong = []
    for row in rows:
        runs = by_key.pop(str(row.id), [])
        faults = [*_faults(row, runs), *_too_many(row, effects.get(FireId(row.id), 0))]
        wrong += [f"{row.entry} {row.due_at:%X} {row.state} ({row.reason}): {fault}" for fault in faults]
    strays = [run for runs in by_key.values() for run in runs]
    wrong += [f"a run without a fire: {run.name} {run.state_type}" for run in strays]
    return Counter(_end(row) for row in rows), wrong


def _faults(row: FireRow, runs: list[FlowRun]) -> Iterator[str]:
    if row.state in OPEN:
        yield "it is open"
        return
    if row.flow_run_id is None:
        if not row.reason:
            yield "neither a flow run nor a reason"
        yield from (f"its run {run.id} waits {run.state_type}" for run in runs if not run.ended)
        return
    if [run.id for run in runs] != [row.flow_run_id]:
        yield f"{len(runs)} flow runs"
        return
    (run,) = runs
    if run.state_type not in _AGREE.get(FireState(row.state), set()):
        yield f"its flow run is {run.state_type} {run.state_name} ({run.message})"


def _too_many(row: FireRow, count: int) -> Iterator[str]:
    if count > _MOST[row.entry]:
        yield f"it had its effect {count} times"
    if count == 0 and row.state == FireState.SUCCEEDED:
        yield "it had no effect"


def _end(row: FireRow) -> str:
    reason = (row.reason or "")[:60]
    return f"{row.entry}: {row.state}" + (f" ({reason})" if reason else "")
