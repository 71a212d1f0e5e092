"""What a process reads once and keeps: settings, database and context."""

from src.core.settings import settings
from src.database.connection import get_database
from src.pipeline.context import context


def forget() -> None:
    """Let this process read its environment anew, as a new process would."""
    for cached in (settings, get_database, context):
        cached.cache_clear()
