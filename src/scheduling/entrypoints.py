"""Where the flow of each Prefect deployment is, and where it runs, as names: nothing is imported to tell."""

from pathlib import Path

from src.domain.entry import Entry, FlowRunner

#: Flows with `flow_runner=pool`: the stock workers of this Prefect work pool take them.
WORK_POOL = "matchbeat"
#: Flows with `flow_runner=celery`: the leading Beat polls this work pool, and no stock worker does.
CELERY_WORK_POOL = "matchbeat-celery"

_DAILY = "src/orchestration/flows/daily_data_collection_flow.py"
_WEEKLY = "src/orchestration/flows/weekly_model_retraining_flow.py"
_TITAN = "src/orchestration/flows/titan_flows.py"
#: Deployment name → file and function of its flow, below the source folder.
ENTRYPOINTS = {
    "daily-data-collection-deployment": f"{_DAILY}:daily_data_collection_flow",
    "manual-data-collection-deployment": f"{_DAILY}:manual_data_collection_flow",
    "weekly-model-retraining-deployment": f"{_WEEKLY}:weekly_model_retraining_flow",
    "emergency-model-retraining-deployment": f"{_WEEKLY}:emergency_model_retraining_flow",
    "titan-regular-deployment": f"{_TITAN}:titan_regular_flow",
    "titan-live-deployment": f"{_TITAN}:titan_live_flow",
    "titan-hybrid-deployment": f"{_TITAN}:titan_hybrid_flow",
}


def work_pool_of(entry: Entry) -> str:
    """Return the name of the Prefect work pool that the entry's deployment belongs to."""
    return WORK_POOL if entry.flow_runner is FlowRunner.POOL else CELERY_WORK_POOL


def source_folder() -> Path:
    """Return the folder that holds the package `src`: the checkout, or where the wheel is installed."""
    return Path(__file__).resolve().parents[2]
