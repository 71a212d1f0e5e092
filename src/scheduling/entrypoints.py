"""Where the flow of each Prefect deployment is, as paths: nothing is imported to tell."""

from pathlib import Path

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


def source_folder() -> Path:
    """Return the folder that holds the package `src`: the checkout, or where the wheel is installed."""
    return Path(__file__).resolve().parents[2]
