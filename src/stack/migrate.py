"""The one-shot step that brings the schema to head: `python -m src.stack.migrate`."""

from src.core.settings import settings
from src.database.connection import Database
from src.database.migrate import upgrade


def main() -> None:
    """Upgrade the database that the settings name; running it again changes nothing."""
    database = Database(settings().require_database_url(), pool_size=1)
    try:
        upgrade(database)
    finally:
        database.close()


if __name__ == "__main__":
    main()
