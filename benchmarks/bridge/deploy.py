"""Makes all deployments on the server that PREFECT_API_URL names: `python -m benchmarks.bridge.deploy`.

In a process of its own, so that the one that measures holds none of Prefect.
"""

from pathlib import Path

from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.workers.process import ProcessWorker

from benchmarks.bridge.entries import BY_HAND
from benchmarks.bridge.prefork_worker import POOL, PreforkWorker
from src.core.settings import settings
from src.orchestration.deployments import register

ROOT = Path(__file__).parents[2]
#: The flows of the stock workers, by name, below the checkout.
FLOWS = {
    "quick": "benchmarks/bridge/flows.py:quick",
    "ml": "benchmarks/bridge/ml_flows.py:ml",
}
#: The work pools of the stock workers with the job variables of their deployments.
POOLS: dict[str, dict[str, str]] = {
    "stock": {},
    "tuned": {"command": "python -m prefect.engine"},
    POOL: {},
}


def main() -> None:
    """Make ours as `matchbeat flows register` does, the others as Prefect's guide says."""
    register(settings(), BY_HAND)
    with get_client(sync_client=True) as client:
        for pool in POOLS:
            worker = PreforkWorker if pool == POOL else ProcessWorker
            template = worker.get_default_base_job_template()
            client.create_work_pool(WorkPoolCreate(name=pool, type=worker.type, base_job_template=template))
    for name, entrypoint in FLOWS.items():
        for pool, variables in POOLS.items():
            flow = Flow.from_source(str(ROOT), entrypoint)
            flow.deploy(
                f"{pool}-{name}", work_pool_name=pool, job_variables=variables,
                print_next_steps=False, ignore_warnings=True,
            )  # fmt: skip


if __name__ == "__main__":
    main()
