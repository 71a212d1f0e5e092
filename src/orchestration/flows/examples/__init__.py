"""Flows to learn from: each is small, whole, runs as `python -m …` and is tested as it stands."""
