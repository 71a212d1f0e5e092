"""Data set, training, search, evaluation, the gate and the registry.

In the order of a training: `dataset`, `prior`, `search`, `train`, `evaluate` (with `scores`), `gate`, `card`,
`registry`. `inference` predicts; `champion` reads what the dashboard shows, without importing MLflow.
"""
