"""The Prefect door: flows and deployments."""
