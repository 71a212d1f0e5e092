"""Made matches and quotes: as many as wanted, in the shapes that the sources' pages come to."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from src.database.connection import Database
from src.database.odds import LinkedQuote
from src.domain.match import Source
from src.domain.odds import Market, OddsQuote, Phase

BOOKMAKERS = 15
FIRST_KICKOFF = datetime(2026, 3, 7, 12, tzinfo=UTC)

_MATCHES = text("""
    with competition as (
        insert into competitions (source, source_id, name, gender, watched)
        values ('fotmob', '1', 'Made League', 'men', true) returning id
    ), made as (
        insert into teams (name) values ('Home'), ('Away') returning id
    )
    insert into matches (id, competition_id, season, kickoff_utc, home_team_id, away_team_id, status,
        raw_sha256, updated_at)
    select n, competition.id, '2025-2026', cast(:first as timestamptz) + n * interval '1 minute',
        (select min(id) from made), (select max(id) from made), 'scheduled', 'made',
        cast(:first as timestamptz)
    from generate_series(1, :matches) n, competition
""")


def empty(database: Database) -> None:
    """Empty the tables of all that is collected."""
    with database.session() as session:
        session.execute(text("truncate odds_latest, odds_history, odds_repeats, bookmakers, bookmaker_ids,"
                             " competitions, teams, matches, raw_payloads, quarantine, flow_checkpoints"
                             " cascade"))  # fmt: skip


def make_matches(database: Database, matches: int) -> None:
    """Empty the tables of what is collected, and write so many coming matches."""
    empty(database)
    with database.session() as session:
        session.execute(_MATCHES, {"first": FIRST_KICKOFF, "matches": matches})


def round_of_quotes(
    matches: int, minute: int, phase: Phase = Phase.PREMATCH, *, seed: int | None = None
) -> list[LinkedQuote]:
    """Return a quote of each market of each bookmaker on each match, a day and `minute` before kick-off.

    Rounds of one seed have the same prices.
    """
    drawn = random.Random(minute if seed is None else seed)
    at = FIRST_KICKOFF - timedelta(days=1) + timedelta(minutes=minute)
    return list(_quotes(matches, at, phase, drawn))


def _quotes(matches: int, at: datetime, phase: Phase, drawn: random.Random) -> Iterator[LinkedQuote]:
    for match in range(1, matches + 1):
        for bookmaker in range(1, BOOKMAKERS + 1):
            for market, outcomes, line in ((Market.ONE_X_TWO, 3, None), (Market.ASIAN_HANDICAP, 2, -0.5),
                                           (Market.OVER_UNDER, 2, 2.5)):  # fmt: skip
                yield LinkedQuote(
                    match_id=match,
                    quote=OddsQuote(
                        source=Source.TITAN007,
                        source_match_id=str(match),
                        bookmaker_namespace="titan-ah-ou",
                        bookmaker_id=str(bookmaker),
                        bookmaker_name=f"Bookmaker {bookmaker}",
                        market=market,
                        phase=phase,
                        line=line,
                        prices=tuple(round(1.5 + 2 * drawn.random(), 2) for _ in range(outcomes)),
                        source_time_utc=at,
                        captured_at=at,
                    ),
                )
