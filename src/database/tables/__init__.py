"""The tables, one module per subject; importing this package declares them all."""

from src.database.tables import alignment, checkpoints, learning, matches, odds, schedule, sources
from src.database.tables.declarative import Base

__all__ = ["Base", "alignment", "checkpoints", "learning", "matches", "odds", "schedule", "sources"]
