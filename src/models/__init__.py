"""Data set, training, search, evaluation, the gate and the registry."""
