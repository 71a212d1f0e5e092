"""Deleting old flow runs from Prefect; what the ledger tells of their fires stays."""

from datetime import datetime, timedelta
from typing import Any

from src.core.errors import Misconfigured
from src.core.settings import Settings
from src.orchestration.prefect_client import prefect_client

#: Prefect deletes no more at once.
_PAGE = 50
#: One call deletes no more: a server on SQLite serves nobody else meanwhile.
MOST = 10_000

_ENDED = ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"]


def clean(settings: Settings, days: int, now: datetime, most: int = MOST) -> int:
    """Delete the flow runs with the tag `matchbeat` that ended more than `days` days before `now`.

    Returns how many were deleted, at most about `most`: where it is as many, a second call goes on. Raises
    Misconfigured for less than one day, Transient where Prefect is away.
    """
    if days < 1:
        raise Misconfigured(f"days is {days}: it must be at least 1, for example 30")
    try:
        before = now - timedelta(days=days)
    except OverflowError:
        raise Misconfigured(f"{days} days ago is before the calendar begins; for example 30") from None
    body: dict[str, Any] = {
        "flow_runs": {
            "tags": {"all_": ["matchbeat"]},
            "state": {"type": {"any_": _ENDED}},
            "end_time": {"before_": before.isoformat()},
        },
        "limit": _PAGE,
    }
    deleted = 0
    with prefect_client(settings) as client:
        while deleted < most:
            answer = client.request("POST", "/flow_runs/bulk_delete", json=body)  # type: ignore[arg-type]
            page = len(answer.json()["deleted"])
            deleted += page
            if page == 0:
                break
    return deleted
