import pytest
from alembic import command
from sqlalchemy import text

from src.database.connection import Database
from src.database.migrate import alembic_config, drift, upgrade
from tests.conftest import NOW

pytestmark = pytest.mark.integration


def test_an_empty_database_comes_to_head_and_agrees_with_the_tables(database: Database) -> None:
    with database.session() as session:
        session.execute(text("drop schema public cascade"))
        session.execute(text("create schema public"))
    upgrade(database)
    assert drift(database) == []


def test_migrating_twice_changes_nothing(database: Database) -> None:
    upgrade(database)
    assert drift(database) == []


def test_sessions_work_in_utc(database: Database) -> None:
    with database.session() as session:
        assert session.scalar(text("show timezone")) == "UTC"
        assert session.scalar(text("select cast(:at as timestamptz)"), {"at": NOW}) == NOW


_FACTS = text("""
    insert into competitions (id, source, source_id, name, gender) values
        (1, 'fotmob', '47', 'Premier League', 'men'), (2, 'fotmob', '9', 'Premier League U18', 'men');
    insert into teams (id, name) values (1, 'Aldham'), (2, 'Brixworth');
    insert into team_links (source, source_team_id, team_id, name) values
        ('football-data', 'E/Aldham', 1, 'Aldham'), ('football-data', 'E/Brixworth', 2, 'Brixworth');
    insert into matches (id, competition_id, season, kickoff_utc, home_team_id, away_team_id, status,
        raw_sha256, updated_at) values
        (1, 1, '2003-2004', '2003-08-16 12:00Z', 1, 2, 'finished', '', :at),
        (2, 1, '2022-2023', '2022-08-14 12:00Z', 1, 2, 'finished', '', :at),
        (3, 2, '2003-2004', '2003-08-16 12:00Z', 1, 2, 'finished', '', :at);
    insert into match_links (source, source_match_id, match_id, method, confidence, linked_at) values
        ('football-data', 'a', 1, 'canonical', 1, :at), ('football-data', 'b', 2, 'canonical', 1, :at),
        ('fotmob', 'c', 3, 'canonical', 1, :at), ('football-data', 'c', 3, 'aligned', 1, :at);
    insert into team_stats (match_id, source, side, period, key, value, unit, updated_at)
        values (1, 'football-data', 'home', 'ft', 'shots', 7, 'count', :at);
""")


def test_what_0010_adds_is_filled_from_what_is_known_and_goes_again(database: Database) -> None:
    with database.engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0008")
        connection.execute(_FACTS, {"at": NOW})
    upgrade(database)
    assert drift(database) == []
    with database.session() as session:
        facts = session.execute(text("select id, time_known, squad_level from matches order by id")).all()
        assert [tuple(row) for row in facts] == [(1, False, "first"), (2, True, "first"), (3, True, "u18")]
        ids = text("select source_match_id, home_source_team_id, away_source_team_id from match_links"
                   " where method = 'canonical' order by 1")  # fmt: skip
        assert [tuple(row) for row in session.execute(ids)] == [
            ("a", "E/Aldham", "E/Brixworth"), ("b", "E/Aldham", "E/Brixworth"), ("c", None, None)
        ]  # fmt: skip
        assert session.scalar(text("select seen_at from team_stats")) == NOW
    with database.engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0008")
        assert connection.scalar(text("select updated_at from team_stats")) == NOW
    upgrade(database)
    assert drift(database) == []


def test_0007_goes_and_comes_back_and_leaves_links_alone(database: Database) -> None:
    with database.engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0008")
        connection.execute(_FACTS, {"at": NOW})
        command.downgrade(alembic_config(connection), "0006")
        kept = text("select count(*) from match_links")
        assert connection.scalar(kept) == 4
        for table in ("alignment_reviews", "team_aliases", "alignment_audit"):
            assert connection.scalar(text("select to_regclass(:table)"), {"table": table}) is None
    upgrade(database)
    assert drift(database) == []
    with database.session() as session:
        assert session.scalar(text("select count(*) from alignment_reviews")) == 0
