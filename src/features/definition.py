"""The features of the 1x2 model: their names, groups and version.

Change a feature's meaning or the set and raise VERSION: rows of two versions live side by side, and a model
reads only the version it was trained on.
"""

VERSION = "1x2-v1"

RATINGS = ("elo_home", "elo_away", "elo_diff", "pi_home", "pi_away", "pi_goal_difference")
FORM = tuple(
    f"{side}_{name}"
    for side in ("home", "away")
    for name in (
        "points_5", "scored_5", "conceded_5", "points_10", "scored_10", "conceded_10",
        "venue_points_5", "venue_scored_5", "venue_conceded_5",
    )
)  # fmt: skip
SHOTS = ("home_shots_for_5", "home_shots_against_5", "away_shots_for_5", "away_shots_against_5")
CALENDAR = ("home_rest_days", "away_rest_days", "rest_days_diff", "home_matchday", "away_matchday")
MARKET = ("market_home", "market_draw", "market_away")

#: The columns a model learns from. The market enters a model as its base margin, never as columns: as
#: columns it costs .0021 of log-loss (five leagues, 2021-23).
COLUMNS = RATINGS + FORM + SHOTS + CALENDAR

#: A group is missing from a row when all its values are. A stale or missing group is what costs a model most.
GROUPS = {"ratings": RATINGS, "form": FORM, "shots": SHOTS, "calendar": CALENDAR, "market": MARKET}
