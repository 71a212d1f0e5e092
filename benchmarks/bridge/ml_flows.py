"""The flow that imports what training needs, at the top of its module as most people write it."""

import mlflow
import pandas as pd
import sklearn.metrics
import xgboost as xgb
from prefect import flow

from benchmarks.bridge.flows import mark

IMPORTED = (mlflow, pd, sklearn.metrics, xgb)


@flow(name="bench-ml")
def ml(fire_id: str | None = None) -> None:
    """Say that it runs."""
    del fire_id
    mark()
