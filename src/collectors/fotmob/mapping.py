"""Turns FotMob's rows into domain records."""

import re

from src.collectors.fotmob.document import MatchRow, Side
from src.collectors.fotmob.parse_details import Details, StatRow
from src.collectors.registry import season_of, zone_of
from src.collectors.squads import gender_of, squad_level
from src.domain.match import (
    SIDES,
    Gender,
    MatchStatus,
    Score,
    Source,
    SourceCompetition,
    SourceMatch,
    StatPeriod,
    TeamSide,
    TeamStat,
)
from src.domain.payload import Parsed
from src.domain.team import SourceTeam

_BY_REASON = {
    "FT": MatchStatus.FINISHED,
    "AET": MatchStatus.AFTER_EXTRA_TIME,
    "Pen": MatchStatus.AFTER_PENALTIES,
    "PP": MatchStatus.POSTPONED,
    "Can": MatchStatus.CANCELLED,
    "Ab": MatchStatus.ABANDONED,
    "AW": MatchStatus.AWARDED,
}
_PERIODS: dict[str, StatPeriod] = {
    "All": "ft",
    "FirstHalf": "h1",
    "SecondHalf": "h2",
    "FirstExtraHalf": "et1",
    "SecondExtraHalf": "et2",
}
#: FotMob's own spelling is kept in `BallPossesion`.
_KEYS = {
    "BallPossesion": "possession",
    "ShotsOnTarget": "shots_on_target",
    "ShotsOffTarget": "shots_off_target",
    "Offsides": "offsides",
    "total_shots": "shots",
    "big_chance": "big_chances",
    "big_chance_missed_title": "big_chances_missed",
    "matchstats.headers.tackles": "tackles",
    "tackles_succeeded": "tackles_won",
    # Made of titles, as figures before 2023 have no keys.
    "ball_possession": "possession",
    "ball_possesion": "possession",
    "tackled_succeeded": "tackles_won",
    "pass_success": "accurate_passes_percent",
    "inside_box": "shots_inside_box",
    "outside_box": "shots_outside_box",
}
_FIGURE = re.compile(r"(-?\d+(?:\.\d+)?)\s*(%)?(?:\s*\((\d+(?:\.\d+)?)%\))?", re.ASCII)


def matches(rows: Parsed[MatchRow], raw_sha256: str) -> Parsed[SourceMatch]:
    """Return the matches of a day list or a league; what is none of ours is rejected."""
    return rows.into(lambda row: [to_match(row, raw_sha256)], lambda row: row.id)


def to_match(row: MatchRow, raw_sha256: str) -> SourceMatch:
    """Return the match; a state that has no result has no score, whatever the list shows."""
    status = status_of(row)
    with_score = status.has_result or status is MatchStatus.AWARDED
    final = _score(row.home.score, row.away.score) if with_score else None
    names = (row.competition, row.home.long_name, row.away.long_name, row.home.name, row.away.name)
    gender = Gender.WOMEN if row.women else gender_of(*names)
    return SourceMatch(
        source=Source.FOTMOB,
        source_match_id=row.id,
        competition=SourceCompetition(
            source=Source.FOTMOB,
            source_id=row.competition_id,
            name=row.competition,
            country=row.country,
            gender=gender,
        ),
        season=row.season or season_of(row.kickoff_utc),
        stage=row.stage,
        kickoff_utc=row.kickoff_utc,
        venue_timezone=zone_of(row.venue_country),
        home=_team(row.home),
        away=_team(row.away),
        status=status,
        score_90=_after_90(row, status, final),
        score_final=final,
        penalties=_score(row.home.penalties, row.away.penalties) if status.has_result else None,
        gender=gender,
        squad_level=squad_level(row.competition, row.home.long_name, row.away.long_name),
        raw_sha256=raw_sha256,
    )


def status_of(row: MatchRow) -> MatchStatus:
    """Return the state by FotMob's reason, and by its flags where it gives none or one we do not know."""
    told = row.state
    if told.awarded:
        return MatchStatus.AWARDED
    known = _BY_REASON.get(told.reason or "")
    if known is not None:
        return known
    if told.cancelled:
        return MatchStatus.CANCELLED
    if told.finished:
        return MatchStatus.FINISHED
    return MatchStatus.LIVE if told.started else MatchStatus.SCHEDULED


def _after_90(row: MatchRow, status: MatchStatus, final: Score | None) -> Score | None:
    # Some cups go from 90 minutes straight to penalties; the payload then shows no half of extra time.
    straight = status is MatchStatus.AFTER_PENALTIES and not row.state.extra_time
    if row.after_90 is not None and status.has_result and status is not MatchStatus.FINISHED:
        return Score(home=row.after_90[0], away=row.after_90[1])
    return final if status is MatchStatus.FINISHED or straight else None


def _team(side: Side) -> SourceTeam:
    return SourceTeam(name=side.long_name, short_name=side.name, source_id=side.id)


def _score(home: int | None, away: int | None) -> Score | None:
    return None if home is None or away is None else Score(home=home, away=away)


def stats(details: Parsed[Details]) -> Parsed[TeamStat]:
    """Return the figures of both sides; `"510 (84%)"` makes two, a count and a percentage.

    A figure that cannot be read is rejected, one that is not told (null) is none.
    """
    rows = [(row.match_id, stat) for row in details.rows for stat in row.stats]
    figures = Parsed(rows=tuple(rows), rejected=details.rejected)
    return figures.into(lambda pair: _figures(*pair), lambda pair: f"{pair[1].period}/{pair[1].key}")


def _figures(match_id: str, row: StatRow) -> list[TeamStat]:
    return [
        stat
        for side, text in zip(SIDES, (row.home, row.away), strict=True)
        if text
        for stat in _side_figures(match_id, row, side, text)
    ]


def _side_figures(match_id: str, row: StatRow, side: TeamSide, text: str) -> list[TeamStat]:
    found = _FIGURE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"not a figure: {text[:40]!r}")
    if row.period not in _PERIODS:
        raise ValueError(f"not a period: {row.period[:40]!r}")
    key = _KEYS.get(row.key, row.key)
    told = [(key, float(found[1]), _unit(key, bool(found[2])))]
    if found[3]:
        told.append((f"{key}_percent", float(found[3]), "percent"))
    return [
        TeamStat(
            source=Source.FOTMOB,
            source_match_id=match_id,
            side=side,
            period=_PERIODS[row.period],
            key=name,
            value=value,
            unit=unit,
        )
        for name, value, unit in told
    ]


def _unit(key: str, percent: bool) -> str:
    if percent or key == "possession":
        return "percent"
    return "xg" if key.startswith("expected_goals") else "count"
