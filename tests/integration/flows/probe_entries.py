"""The entries of the probe flows, and where those are; importing it makes them known to this process."""

from dataclasses import replace
from datetime import timedelta

from src.domain.entry import ByHand, Entry, FlowRunner, Runner
from src.domain.policy import Policy
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
ENTRYPOINTS.update({e.target: f"{_FILE}:{_FUNCTIONS.get(e.name, e.name)}" for e in PROBES})
