"""Days of the made world go by: fixtures are predicted, played, scored, put off and played after all."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from src.core.clock import FixedClock
from src.database.odds import store_quotes
from src.database.predictions import latest_predictions
from src.domain.odds import Market
from src.models.registry_memory import MemoryRegistry
from src.pipeline import collect_odds as odds_module
from src.pipeline.collect import collect_fixtures, collect_odds
from src.pipeline.context import Context
from src.pipeline.predict import predict_upcoming
from src.pipeline.refresh import refresh_features
from src.pipeline.train import retrain
from src.pipeline.watch import monitor_performance
from tests.integration.pipeline_collect.test_against_sandbox import made_world, rows

__all__ = ["made_world"]

pytestmark = pytest.mark.integration

TABLES = ("matches", "teams", "match_links", "odds_latest", "odds_history", "odds_repeats")


def sizes(ctx: Context) -> list[tuple[object, ...]]:
    return [row for table in TABLES for row in rows(ctx, f"select count(*) from {table}")]


def test_two_runs_at_once_end_as_one_does(made_world: Context, clock: FixedClock) -> None:
    now = clock.now()
    since, until = now - timedelta(days=4), now + timedelta(days=3)

    def run(_: int) -> list[str | None]:
        told = [
            collect_fixtures(made_world, since=since.date(), until=until.date()),
            collect_odds(made_world, since=since, until=until),
        ]
        return [part.error for part in told]

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(run, range(2))) == [[None, None], [None, None]]
    before = sizes(made_world)
    assert run(0) == [None, None]
    assert sizes(made_world) == before
    assert rows(made_world, "select 1 from match_links group by source, match_id having count(*) > 1") == []


def test_a_run_that_breaks_in_the_middle_is_made_good_by_the_next(
    made_world: Context, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    since, until = now - timedelta(days=4), now + timedelta(days=3)
    collect_fixtures(made_world, since=since.date(), until=until.date())
    calls: list[int] = []

    def failing(*args: object) -> int:
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("killed")
        return store_quotes(*args)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(odds_module, "store_quotes", failing)
        with pytest.raises(RuntimeError, match="killed"):
            collect_odds(made_world, since=since, until=until)
    assert collect_odds(made_world, since=since, until=until).error is None
    missing = (
        "select m.id from matches m join competitions c on c.id = m.competition_id and c.watched"
        " where m.status in ('scheduled', 'finished')"
        f" and m.kickoff_utc >= '{since.isoformat()}' and m.kickoff_utc < '{until.isoformat()}'"
        " and not exists (select from odds_latest o where o.match_id = m.id and o.market = '1x2')"
    )
    assert rows(made_world, missing) == []


def test_days_go_by(made_world: Context, clock: FixedClock) -> None:
    registry = MemoryRegistry()
    begin = clock.now()
    collect_fixtures(
        made_world, since=(begin - timedelta(days=150)).date(), until=(begin + timedelta(days=10)).date()
    )
    played = "select count(*) from matches where status = 'finished'"
    at_first = rows(made_world, played)
    for day in range(6):
        now = clock.now()
        collect_fixtures(
            made_world, since=(now - timedelta(days=2)).date(), until=(now + timedelta(days=10)).date()
        )
        since, until = now - timedelta(days=1), now + timedelta(days=3)
        collect_odds(made_world, since=since, until=until, markets=[Market.ONE_X_TWO])
        refresh_features(made_world)
        if day == 0:
            assert retrain(made_world, reason="first", registry=registry).promoted
        assert predict_upcoming(made_world, registry=registry)["skipped"] == 0
        report = monitor_performance(made_world, registry=registry)
        with made_world.database.session() as session:
            shown = latest_predictions(session, now, 1000)
        assert len({p.match_id for p in shown}) == len(shown) > 0
        assert all(p.status == "scheduled" and p.kickoff_utc >= now for p in shown)
        clock.advance(timedelta(hours=21))
    assert rows(made_world, played) != at_first
    assert report.state.matches > 0
    assert rows(made_world, "select 1 from predictions p join matches m on m.id = p.match_id"
                " where p.predicted_at > m.kickoff_utc and m.status = 'finished'") == []  # fmt: skip
    assert rows(made_world, "select count(*) from predictions group by match_id having count(*) > 1") != []
    twins = "select 1 from matches group by season, home_team_id, away_team_id having count(*) > 1"
    assert rows(made_world, twins) == []
