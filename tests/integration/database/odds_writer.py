"""A process that stores one batch of quotes: `python -m tests.integration.database.odds_writer URL MATCH`."""

import sys

from src.database.connection import Database
from src.database.odds import LinkedQuote, store_quotes
from src.domain.odds import OddsQuote, Phase
from tests.integration.database.test_odds import quote


def batch() -> list[OddsQuote]:
    """Quotes that take every way into the tables: new lines, changes, repeats and late ones."""
    return [
        quote(0, phase=Phase.OPENING), quote(20, (1.8, 2.05)), quote(30, (1.8, 2.05)), quote(5),
        *(quote(minute, (2.0, 1.85), bookmaker=str(minute)) for minute in range(50, 90)),
    ]  # fmt: skip


def main() -> None:
    url, match = sys.argv[1:]
    database = Database(url)
    with database.session() as session:
        store_quotes(session, [LinkedQuote(match_id=int(match), quote=item) for item in batch()])
    database.close()


if __name__ == "__main__":
    main()
