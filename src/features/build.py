"""Builds features in one pass over the matches in kick-off order; nothing later than `as_of` enters a row."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from src.domain.devig import outcome
from src.domain.learning import FeatureSet, MatchFacts
from src.domain.prediction import Probabilities
from src.features.definition import MARKET, RATINGS, VERSION
from src.features.form import Form, Key, Played
from src.features.ratings import Elo, PiRatings

#: A result counts as known this long after kick-off: extra time, penalties and a late whistle included.
RESULT_KNOWN_AFTER = timedelta(hours=3)
_LONGEST_REST_DAYS = 30.0
_POINTS = ((3, 0), (1, 1), (0, 3))


@dataclass
class _Known:
    """What is known so far. Results wait here until their time; the fixture list is known ahead."""

    elo: Elo = field(default_factory=Elo)
    pi: PiRatings = field(default_factory=PiRatings)
    form: Form = field(default_factory=Form)
    last_kickoff: dict[int, datetime] = field(default_factory=dict)
    matchday: dict[tuple[int, str, int], int] = field(default_factory=dict)
    waiting: deque[MatchFacts] = field(default_factory=deque)


def build_features(matches: Iterable[MatchFacts], *, now: datetime) -> list[FeatureSet]:
    """Return the features of every match, as of its kick-off or, for one still to come, as of `now`.

    Matches that kick off together do not see one another, and a result is used only once it is known
    (RESULT_KNOWN_AFTER). Rest days and matchdays count fixtures before this one, played or not.
    """
    known = _Known()
    built: list[FeatureSet] = []
    ordered = sorted(matches, key=lambda match: (match.kickoff_utc, match.match_id))
    for kickoff, together in groupby(ordered, key=lambda match: match.kickoff_utc):
        group = list(together)
        as_of = min(kickoff, now)
        _learn_results(known, as_of)
        built += [
            FeatureSet(match_id=m.match_id, version=VERSION, as_of=as_of, values=_describe(known, m))
            for m in group
        ]
        _note_fixtures(known, group)
    return built


def _learn_results(known: _Known, as_of: datetime) -> None:
    while known.waiting and known.waiting[0].kickoff_utc + RESULT_KNOWN_AFTER <= as_of:
        match = known.waiting.popleft()
        if match.home_goals is None or match.away_goals is None:
            continue
        home, away = match.home_team_id, match.away_team_id
        known.elo.learn(match.competition_id, home, away, match.home_goals, match.away_goals)
        known.pi.learn(match.competition_id, home, away, match.home_goals, match.away_goals)
        home_side, away_side = _sides(match, match.home_goals, match.away_goals)
        known.form.learn((match.competition_id, home), home_side, home=True)
        known.form.learn((match.competition_id, away), away_side, home=False)


def _sides(match: MatchFacts, home_goals: int, away_goals: int) -> tuple[Played, Played]:
    home_points, away_points = _POINTS[outcome(home_goals, away_goals)]
    home_shots, away_shots = match.home_shots_on_target, match.away_shots_on_target
    return (
        Played(home_points, home_goals, away_goals, home_shots, away_shots),
        Played(away_points, away_goals, home_goals, away_shots, home_shots),
    )


def _note_fixtures(known: _Known, group: Sequence[MatchFacts]) -> None:
    for match in group:
        known.waiting.append(match)
        for team in (match.home_team_id, match.away_team_id):
            known.last_kickoff[team] = match.kickoff_utc
            season = (match.competition_id, match.season, team)
            known.matchday[season] = known.matchday.get(season, 0) + 1


def _describe(known: _Known, match: MatchFacts) -> dict[str, float | None]:
    home: Key = (match.competition_id, match.home_team_id)
    away: Key = (match.competition_id, match.away_team_id)
    values: dict[str, float | None] = {
        **_ratings(known, home, away),
        **known.form.describe("home", home, home=True),
        **known.form.describe("away", away, home=False),
        **_calendar(known, match),
        **_market(match.market),
    }
    return {name: None if value is None else round(value, 6) for name, value in values.items()}


def _market(view: Probabilities | None) -> dict[str, float | None]:
    if view is None:
        return dict.fromkeys(MARKET)
    return {"market_home": view.home, "market_draw": view.draw, "market_away": view.away}


def _ratings(known: _Known, home: Key, away: Key) -> dict[str, float | None]:
    if home not in known.form.anywhere or away not in known.form.anywhere:
        return dict.fromkeys(RATINGS)
    elo_home, elo_away = known.elo.get(*home), known.elo.get(*away)
    return {
        "elo_home": elo_home,
        "elo_away": elo_away,
        "elo_diff": elo_home - elo_away,
        "pi_home": known.pi.at_home(*home),
        "pi_away": known.pi.away_from_home(*away),
        "pi_goal_difference": known.pi.expected_difference(home[0], home[1], away[1]),
    }


def _calendar(known: _Known, match: MatchFacts) -> dict[str, float | None]:
    home, away = _rest_days(known, match, match.home_team_id), _rest_days(known, match, match.away_team_id)
    season = (match.competition_id, match.season)
    return {
        "home_rest_days": home,
        "away_rest_days": away,
        "rest_days_diff": None if home is None or away is None else home - away,
        "home_matchday": float(known.matchday.get((*season, match.home_team_id), 0) + 1),
        "away_matchday": float(known.matchday.get((*season, match.away_team_id), 0) + 1),
    }


def _rest_days(known: _Known, match: MatchFacts, team: int) -> float | None:
    last = known.last_kickoff.get(team)
    if last is None:
        return None
    return min((match.kickoff_utc - last) / timedelta(days=1), _LONGEST_REST_DAYS)
