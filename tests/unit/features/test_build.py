from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from src.domain.learning import FeatureSet, MatchFacts
from src.domain.prediction import Probabilities
from src.features.build import RESULT_KNOWN_AFTER, build_features
from src.features.definition import COLUMNS, GROUPS, MARKET, VERSION
from tests.unit.features.made import NOW, START, played

TEAMS = st.integers(1, 6)


@st.composite
def histories(draw: st.DrawFn) -> list[MatchFacts]:
    matches = []
    for number in range(draw(st.integers(2, 30))):
        home, away = draw(st.permutations(range(1, 7)))[:2]
        goals = draw(st.one_of(st.none(), st.tuples(st.integers(0, 6), st.integers(0, 6))))
        shots = draw(st.one_of(st.none(), st.tuples(st.floats(0, 20), st.floats(0, 20))))
        matches.append(played(number, home, away, goals, hours=draw(st.integers(0, 40)), shots=shots))
    return matches


def by_match(built: list[FeatureSet]) -> dict[int, FeatureSet]:
    return {features.match_id: features for features in built}


@settings(max_examples=150, deadline=None)
@given(histories(), st.data())
def test_later_rows_change_nothing(matches: list[MatchFacts], data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from(matches))
    before = by_match(build_features(matches, now=NOW))[chosen.match_id]

    def rewritten(match: MatchFacts) -> MatchFacts | None:
        """What is not known at the chosen kick-off is dropped, or says the opposite."""
        if match.kickoff_utc >= chosen.kickoff_utc and match.match_id != chosen.match_id:
            return data.draw(
                st.sampled_from([None, replace(match, home_goals=9, away_goals=0, home_shots_on_target=99.0)])
            )
        if match.kickoff_utc + RESULT_KNOWN_AFTER > chosen.kickoff_utc:
            return replace(match, home_goals=0, away_goals=9, away_shots_on_target=99.0)
        return match

    changed = [match for match in map(rewritten, matches) if match is not None]
    assert by_match(build_features(changed, now=NOW))[chosen.match_id] == before


@settings(max_examples=50, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(matches: list[MatchFacts], random: object) -> None:
    shuffled = list(matches)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert build_features(shuffled, now=NOW) == build_features(matches, now=NOW)


def test_matches_that_kick_off_together_do_not_see_one_another() -> None:
    first = played(1, 1, 2, (3, 0), hours=0)
    together = [played(2, 1, 3, (5, 0), hours=100), played(3, 4, 1, (0, 5), hours=100)]
    alone = [build_features([first, match], now=NOW)[1] for match in together]
    assert build_features([first, *together], now=NOW)[1:] == alone


def test_a_result_is_used_once_it_is_known_and_not_before() -> None:
    known_h = RESULT_KNOWN_AFTER / timedelta(hours=1)
    first = played(1, 1, 2, (3, 0), hours=0)
    early = build_features([first, played(2, 1, 3, (0, 0), hours=known_h - 0.1)], now=NOW)[1]
    late = build_features([first, played(2, 1, 3, (0, 0), hours=known_h)], now=NOW)[1]
    assert early.values["home_scored_5"] is None
    assert late.values["home_scored_5"] == 3


def test_as_of_is_the_kickoff_or_now_for_what_is_to_come() -> None:
    now = START + timedelta(hours=50)
    past, coming = build_features(
        [played(1, 1, 2, (1, 1), hours=0), played(2, 1, 2, None, hours=60)], now=now
    )
    assert past.as_of == START
    assert coming.as_of == now
    assert coming.values["home_points_5"] == 1


def test_every_named_feature_is_built_and_none_besides() -> None:
    view = Probabilities(home=0.5, draw=0.3, away=0.2)
    built = build_features([played(1, 1, 2, (1, 1), hours=0, market=view)], now=NOW)[0]
    assert set(built.values) == set(COLUMNS) | set(MARKET)
    assert {name for group in GROUPS.values() for name in group} == set(built.values)
    assert built.version == VERSION
    assert [built.values[name] for name in MARKET] == [0.5, 0.3, 0.2]


def test_form_is_the_mean_of_the_last_matches_by_side_and_venue() -> None:
    matches = [
        played(1, 1, 2, (2, 0), hours=0, shots=(6, 2)),
        played(2, 3, 1, (1, 1), hours=24),
        played(3, 1, 4, None, hours=72),
    ]
    values = build_features(matches, now=NOW)[2].values
    assert values["home_points_5"] == 2.0
    assert values["home_scored_5"] == 1.5
    assert values["home_venue_points_5"] == 3.0
    assert values["home_shots_for_5"] == 6.0
    assert values["home_rest_days"] == 2.0
    assert values["home_matchday"] == 3.0
    assert values["away_points_5"] is None
    assert values["elo_diff"] is None


def test_rest_counts_the_fixture_list_and_is_capped() -> None:
    matches = [
        played(1, 1, 2, None, hours=0),
        played(2, 1, 3, None, hours=48),
        played(3, 1, 2, None, hours=2000),
    ]
    built = build_features(matches, now=START - timedelta(days=1))
    assert [features.values["home_rest_days"] for features in built] == [None, 2.0, 30.0]
