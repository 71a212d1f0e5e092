"""The made world: repeatable, in mid-season, and with a market that knows more than it could."""

from collections import Counter
from datetime import timedelta
from math import log

from src.domain.odds import Market
from src.sandbox.made import goals
from src.sandbox.made.made_world import MadeWorld
from src.sandbox.world.competitions import COMPETITIONS
from tests.unit.sandbox.worlds import NOW, made_world


def test_the_same_seed_gives_the_same_world_and_another_seed_another() -> None:
    again, other = MadeWorld(7, NOW), made_world(8)
    assert again.fixtures == made_world().fixtures
    assert [f.score for f in other.fixtures] != [f.score for f in again.fixtures]
    assert all(
        again.quotes(f, market) == made_world().quotes(f, market)
        for f in again.fixtures[:40]
        for market in Market
    )


def test_every_id_is_the_only_one_of_its_kind() -> None:
    fixtures = made_world().fixtures
    for name in ("number", "fotmob_id", "titan_id", "fbref_id"):
        assert len({getattr(f, name) for f in fixtures}) == len(fixtures)
    clubs = {club.key: club for f in fixtures for club in (f.home, f.away)}
    for name in ("fotmob_id", "titan_id", "fbref_id", "titan_name", "fotmob_long_name"):
        assert len({getattr(club, name) for club in clubs.values()}) == len(clubs)


def test_each_season_is_a_double_round_robin() -> None:
    seasons = Counter((f.competition.code, f.season) for f in made_world().fixtures)
    assert len(seasons) == 20
    for competition in COMPETITIONS:
        matches = competition.clubs * (competition.clubs - 1)
        assert {n for (code, _), n in seasons.items() if code == competition.code} == {matches}
    pairs = Counter((f.season, f.home.key, f.away.key) for f in made_world().fixtures)
    assert set(pairs.values()) == {1}


def test_three_clubs_change_every_summer() -> None:
    clubs = {
        season: {
            f.home.key for f in made_world().fixtures if f.competition.code == "E0" and f.season == season
        }
        for season in ("2024-2025", "2025-2026")
    }
    assert len(clubs["2025-2026"] - clubs["2024-2025"]) == 3


def test_now_is_in_mid_season_and_busy() -> None:
    fixtures = made_world().fixtures
    for competition in COMPETITIONS:
        kickoffs = [f.kickoff for f in fixtures if f.competition is competition]
        assert sum(NOW - timedelta(days=7) <= k < NOW for k in kickoffs) >= 6
        assert sum(NOW <= k < NOW + timedelta(days=10) for k in kickoffs) >= 6
    assert fixtures[-1].kickoff - NOW > timedelta(weeks=12)
    assert NOW - fixtures[0].kickoff > timedelta(days=1000)


def test_no_club_plays_twice_on_a_day() -> None:
    played = Counter((club.key, f.kickoff.date()) for f in made_world().fixtures for club in (f.home, f.away))
    assert max(played.values()) == 1


def test_a_few_matches_are_postponed_and_some_stand_so_now_and_then() -> None:
    postponed = [f for f in made_world().fixtures if f.postponed_from]
    assert 0.004 < len(postponed) / len(made_world().fixtures) < 0.02


def test_prices_carry_each_bookmakers_margin() -> None:
    for fixture in made_world().fixtures[::500]:
        for quote in made_world().quotes(fixture, Market.ONE_X_TWO):
            overround = sum(1 / price for price in quote.closing.prices) - 1
            assert abs(overround - quote.bookmaker.margin) < 0.03


def test_the_truth_beats_the_closing_price_which_beats_the_opening_one() -> None:
    world = made_world()
    loss = Counter[str]()
    for fixture in world.fixtures:
        home, away = fixture.score
        result = 0 if home > away else 1 if home == away else 2
        quote = world.quotes(fixture, Market.ONE_X_TWO)[1]
        loss["truth"] -= log(goals.outcome(goals.grid(*world._means[fixture.number]))[result])
        for name, prices in (("closing", quote.closing.prices), ("opening", quote.opening.prices)):
            loss[name] -= log(1 / prices[result] / sum(1 / price for price in prices))
    matches = len(world.fixtures)
    assert 0.93 < loss["truth"] / matches < 1.02
    assert loss["truth"] < loss["closing"] < loss["opening"] < loss["truth"] * 1.01
