"""Serves the measured flows, as Prefect's guide shows: `python -m benchmarks.bridge.serving`."""

from prefect import serve

from benchmarks.bridge.flows import quick
from benchmarks.bridge.ml_flows import ml

if __name__ == "__main__":
    serve(quick.to_deployment("serve-quick"), ml.to_deployment("serve-ml"), pause_on_shutdown=False)
