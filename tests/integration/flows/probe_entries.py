"""The entries of the probe flows, and where their functions are."""

from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

from src.core.settings import Settings
from src.domain.entry import ByHand, Entry, FlowRunner, Runner
from src.domain.policy import Policy
from src.orchestration.deployments import register
from src.scheduling.entrypoints import ENTRYPOINTS

_FILE = "tests/integration/flows/probe_flows.py"

QUICK = Entry(
    name="quick",
    cadence=ByHand(),
    runner=Runner.PREFECT,
    target="quick-deployment",
    queue="data_collection",
    priority=5,
    limit=timedelta(minutes=5),
)
FAILING = replace(QUICK, name="failing", target="failing-deployment")
WAITING = replace(QUICK, name="waiting", target="waiting-deployment")
HOLDING = replace(QUICK, name="holding", target="holding-deployment")
DYING = replace(QUICK, name="dying", target="dying-deployment")
DYING_ONCE = replace(QUICK, name="dying-once", target="dying-once-deployment", policy=Policy(retries=1))
LOOP = replace(QUICK, name="loop", target="loop-deployment")
POOLED = replace(QUICK, name="pooled", target="pooled-deployment", flow_runner=FlowRunner.POOL)

ABSENT = replace(QUICK, name="absent", target="absent-deployment")

PROBES = (QUICK, FAILING, WAITING, HOLDING, DYING, DYING_ONCE, LOOP, POOLED, ABSENT)

_FUNCTIONS = {"dying-once": "dying", "pooled": "quick", "absent": "quick"}
PROBE_ENTRYPOINTS = {e.target: f"{_FILE}:{_FUNCTIONS.get(e.name, e.name)}" for e in PROBES}


def register_probes(url: str) -> None:
    """Deploy the probe flows on the server at `url`; this process forgets afterwards that they are there."""
    with patch.dict(ENTRYPOINTS, PROBE_ENTRYPOINTS):
        register(Settings(_env_file=None, prefect_api_url=url), PROBES)  # type: ignore[call-arg]
