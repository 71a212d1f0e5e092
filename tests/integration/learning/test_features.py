from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from src.core.clock import FixedClock
from src.database.features import match_facts
from src.database.market_view import closing_views, opening_views
from src.database.tables.learning import FeatureRow
from src.database.tables.matches import CompetitionRow, MatchRow
from src.pipeline.context import Context
from src.pipeline.refresh import refresh_features
from tests.integration.learning.world import OTHER, PINNACLE, fill

pytestmark = pytest.mark.integration


def test_refreshing_twice_writes_once(context: Context) -> None:
    fill(context.database, context.clock.now(), finished=60, coming=6)
    first = refresh_features(context)
    assert (first["matches"], first["created"], first["updated"], first["coming"]) == (66, 66, 0, 6)
    second = refresh_features(context)
    assert (second["created"], second["updated"]) == (0, 0)


def test_rows_are_as_of_kickoff_and_of_now_for_what_is_to_come(context: Context) -> None:
    now = context.clock.now()
    fill(context.database, now, finished=12, coming=6)
    refresh_features(context)
    with context.database.session() as session:
        rows = session.execute(
            select(FeatureRow.as_of, MatchRow.kickoff_utc).join(MatchRow, MatchRow.id == FeatureRow.match_id)
        ).all()
    assert all(as_of == min(kickoff, now) for as_of, kickoff in rows)


def test_a_corrected_result_changes_only_what_came_after_it(context: Context) -> None:
    fill(context.database, context.clock.now(), finished=60)
    refresh_features(context)
    with context.database.session() as session:
        session.execute(update(MatchRow).where(MatchRow.id == 31).values(home_goals=9))
    summary = refresh_features(context)
    assert summary["created"] == 0
    # The 24 matches of the four rounds after it at most; the two teams play once a round.
    assert 2 <= summary["updated"] <= 24


def test_only_rows_since_are_written(context: Context) -> None:
    now = context.clock.now()
    fill(context.database, now, finished=60)
    summary = refresh_features(context, since=now - timedelta(days=3))
    assert summary["matches"] == 60
    assert summary["created"] == summary["checked"] < 60


def test_a_coming_match_gets_its_final_row_once_it_is_played(context: Context, clock: FixedClock) -> None:
    fill(context.database, clock.now(), finished=12, coming=6)
    refresh_features(context)
    clock.advance(timedelta(days=3))
    with context.database.session() as session:
        session.execute(
            update(MatchRow).where(MatchRow.id > 12).values(status="finished", home_goals=1, away_goals=0)
        )
    assert refresh_features(context)["updated"] == 6
    assert refresh_features(context)["updated"] == 0


def test_a_competition_that_is_not_watched_is_left_out(context: Context) -> None:
    fill(context.database, context.clock.now(), finished=12)
    with context.database.session() as session:
        session.execute(update(CompetitionRow).values(watched=False))
    assert refresh_features(context)["matches"] == 0


def test_postponed_and_awarded_matches_have_no_features(context: Context) -> None:
    fill(context.database, context.clock.now(), finished=12, coming=2)
    with context.database.session() as session:
        session.execute(update(MatchRow).where(MatchRow.id == 13).values(status="postponed"))
        session.execute(update(MatchRow).where(MatchRow.id == 1).values(status="abandoned"))
        session.execute(update(MatchRow).where(MatchRow.id == 2).values(status="awarded"))
    with context.database.session() as session:
        known = {fact.match_id for fact in match_facts(session, context.clock.now())}
    assert known == set(range(3, 13)) | {14}


def test_the_opening_view_is_pinnacles_first_price_before_kickoff(context: Context) -> None:
    fill(context.database, context.clock.now(), finished=2)
    with context.database.session() as session:
        session.execute(text("delete from odds_history"))
        session.execute(
            text(
                """
                insert into odds_history (match_id, bookmaker_id, market, period, line_rank, phase, prices,
                                          observed_at, captured_at, source, suspended)
                select m.id, q.bookmaker, '1x2', 'ft', 1, q.phase, q.prices::float[],
                       m.kickoff_utc + q.after, now(), 'titan007', q.suspended
                  from matches m
                  join (values
                    (1, :pinnacle, 'opening', '{4,4,2}', interval '-2 days', false),
                    (1, :pinnacle, 'opening', '{2,4,4}', interval '-3 days', false),
                    (1, :pinnacle, 'opening', '{9,9,9}', interval '-4 days', true),
                    (1, :other, 'opening', '{3,3,3}', interval '-3 days', false),
                    (2, :pinnacle, 'opening', '{2,4,4}', interval '1 minute', false),
                    (2, :other, 'opening', '{3,3,3}', interval '-1 hours', false),
                    (2, :pinnacle, 'prematch', '{4,4,2}', interval '-1 hours', false),
                    (2, :other, 'inplay', '{2,4,4}', interval '-2 hours', false)
                  ) as q (match_id, bookmaker, phase, prices, after, suspended) on q.match_id = m.id
                """
            ),
            {"pinnacle": PINNACLE, "other": OTHER},
        )
        views = opening_views(session)
    assert (views[1].home, views[1].draw, views[1].away) == (0.5, 0.25, 0.25)
    assert views[2].home == pytest.approx(1 / 3)


def test_a_price_captured_after_kickoff_is_no_view_whatever_its_label(context: Context) -> None:
    """A kick-off that turns out to be earlier leaves in-play prices among the pre-match ones."""
    fill(context.database, context.clock.now(), finished=2)
    with context.database.session() as session:
        session.execute(
            text(
                "update odds_history h set observed_at = m.kickoff_utc + interval '40 minutes',"
                " captured_at = m.kickoff_utc + interval '40 minutes'"
                " from matches m where m.id = h.match_id and m.id = 1"
            )
        )
        assert set(opening_views(session)) == {2}
        assert set(closing_views(session)) == {2}


def test_a_match_in_play_or_without_its_result_still_counts_as_a_fixture(
    context: Context, clock: FixedClock
) -> None:
    """Else the next match of its teams would rest longer and be a matchday earlier until it is collected."""
    calendar = ("home_rest_days", "away_rest_days", "home_matchday", "away_matchday")

    def coming() -> dict[int, list[float]]:
        refresh_features(context)
        with context.database.session() as session:
            rows = session.execute(
                select(FeatureRow.match_id, FeatureRow.values).where(FeatureRow.match_id > 66)
            )
            return {row.match_id: [row.values[name] for name in calendar] for row in rows}

    fill(context.database, clock.now(), finished=60, coming=12)
    before = coming()
    clock.advance(timedelta(days=1, hours=4))
    assert coming() == before
    with context.database.session() as session:
        session.execute(update(MatchRow).where(MatchRow.id.between(61, 63)).values(status="live"))
    assert coming() == before
    with context.database.session() as session:
        session.execute(
            update(MatchRow)
            .where(MatchRow.id.between(61, 66))
            .values(status="finished", home_goals=1, away_goals=0)
        )
    assert coming() == before


def test_features_of_a_coming_match_are_those_it_has_once_played(context: Context, clock: FixedClock) -> None:
    fill(context.database, clock.now(), finished=60, coming=6)

    def values() -> dict[int, object]:
        refresh_features(context)
        with context.database.session() as session:
            rows = session.execute(
                select(FeatureRow.match_id, FeatureRow.values).where(FeatureRow.match_id > 60)
            )
            return {row.match_id: row.values for row in rows}

    kickoff = clock.now().replace(hour=15, minute=0) + timedelta(days=1)
    clock.at = kickoff - timedelta(seconds=1)
    served = values()
    clock.at = kickoff + timedelta(days=2)
    with context.database.session() as session:
        session.execute(
            update(MatchRow).where(MatchRow.id > 60).values(status="finished", home_goals=7, away_goals=0)
        )
    assert values() == served
