"""Finds the fire on whose behalf a flow run works."""

from typing import TYPE_CHECKING
from uuid import UUID

from src.domain.fire import FireId

if TYPE_CHECKING:
    from prefect.client.schemas.objects import FlowRun

#: The tag that names the fire of a flow run, followed by its id.
FIRE_TAG = "fire:"


def fire_of_run(flow_run: "FlowRun") -> FireId | None:
    """Return the fire of a flow run: its parameter `fire_id`, else its tag; None where it has neither."""
    told = (flow_run.parameters or {}).get("fire_id")
    named = (
        [told] if told else [tag.removeprefix(FIRE_TAG) for tag in flow_run.tags if tag.startswith(FIRE_TAG)]
    )
    return next((fire for text in named if (fire := _fire(str(text)))), None)


def _fire(text: str) -> FireId | None:
    try:
        return FireId(UUID(text))
    except ValueError:
        return None
