"""What the fork server imports, for all processes that it forks: Prefect's engine and the measured flows."""

import gc
from importlib import import_module

from benchmarks.bridge.flows import quick
from benchmarks.bridge.ml_flows import ml

#: The flows by name, which a worker puts into the environment of a run.
FLOWS = {flow.name: flow for flow in (quick, ml)}

# The last two are what a flow run would import as it begins.
for _module in ("prefect.flow_engine", "anyio._backends._asyncio", "rich._emoji_codes"):
    import_module(_module)
# The children share all this: their garbage collector is not to touch it.
gc.collect()
gc.freeze()
