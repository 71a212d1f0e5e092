"""The bridge to Prefect: its REST API over requests, so that Beat never imports Prefect."""
