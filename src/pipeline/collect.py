"""The collection use cases, one a source and kind; each returns numbers that add up."""

from src.pipeline.collect_changes import collect_changes
from src.pipeline.collect_leagues import collect_leagues
from src.pipeline.collect_matches import collect_details, collect_fixtures
from src.pipeline.collect_odds import collect_odds
from src.pipeline.collect_reports import collect_reports
from src.pipeline.collect_schedules import collect_schedules

__all__ = [
    "collect_changes",
    "collect_details",
    "collect_fixtures",
    "collect_leagues",
    "collect_odds",
    "collect_reports",
    "collect_schedules",
]
