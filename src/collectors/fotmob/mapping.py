"""Turns FotMob's rows into domain records."""

import re

from src.collectors.fotmob.parse import DayMatch, Details, Side, StatRow
from src.collectors.registry import season_of
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
_WOMEN = re.compile(r"\(W\)|\bwomen|\bfeminin|\bfemenin|\bfrauen|\bkvinn|\bdamallsv", re.IGNORECASE)
_PERIODS: dict[str, StatPeriod] = {
    "All": "ft",
    "FirstHalf": "h1",
    "SecondHalf": "h2",
    "FirstExtraHalf": "et1",
    "SecondExtraHalf": "et2",
}
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
}
_FIGURE = re.compile(r"(-?\d+(?:\.\d+)?)\s*(%)?(?:\s*\((\d+(?:\.\d+)?)%\))?")


def to_match(row: DayMatch, raw_sha256: str) -> SourceMatch:
    """Return the match; a state that has no result has no score, whatever the list shows."""
    status = status_of(row)
    final = _score(row.home.score, row.away.score) if status.has_result or status is _AWARDED else None
    return SourceMatch(
        source=Source.FOTMOB,
        source_match_id=row.id,
        competition=SourceCompetition(
            source=Source.FOTMOB,
            source_id=row.competition_id,
            name=row.competition,
            country=row.country,
            gender=_gender(row),
        ),
        season=season_of(row.kickoff_utc),
        stage=row.stage,
        kickoff_utc=row.kickoff_utc,
        home=_team(row.home),
        away=_team(row.away),
        status=status,
        score_90=final if _ended_in_90(row, status) else None,
        score_final=final,
        penalties=_score(row.home.penalties, row.away.penalties),
        gender=_gender(row),
        raw_sha256=raw_sha256,
    )


_AWARDED = MatchStatus.AWARDED


def status_of(row: DayMatch) -> MatchStatus:
    """Return the state by FotMob's reason, and by its flags where it gives none or one we do not know."""
    if row.awarded:
        return MatchStatus.AWARDED
    known = _BY_REASON.get(row.reason or "")
    if known is not None:
        return known
    if row.cancelled:
        return MatchStatus.CANCELLED
    if row.finished:
        return MatchStatus.FINISHED
    return MatchStatus.LIVE if row.started else MatchStatus.SCHEDULED


def _ended_in_90(row: DayMatch, status: MatchStatus) -> bool:
    # Some cups go from 90 minutes straight to penalties; the list then shows no half of extra time.
    return status is MatchStatus.FINISHED or (status is MatchStatus.AFTER_PENALTIES and not row.extra_time)


def _gender(row: DayMatch) -> Gender:
    names = (row.competition, row.home.name, row.away.name)
    return Gender.WOMEN if any(_WOMEN.search(name) for name in names) else Gender.MEN


def _team(side: Side) -> SourceTeam:
    return SourceTeam(name=side.long_name, short_name=side.name, source_id=side.id)


def _score(home: int | None, away: int | None) -> Score | None:
    return None if home is None or away is None else Score(home=home, away=away)


def to_stats(details: Details) -> list[TeamStat]:
    """Return the figures of both sides; `"510 (84%)"` makes two, a count and a percentage."""
    return [
        stat
        for row in details.stats
        for side, text in zip(SIDES, (row.home, row.away), strict=True)
        for stat in _figures(details.match_id, row, side, text)
    ]


def _figures(match_id: str, row: StatRow, side: TeamSide, text: str) -> list[TeamStat]:
    found = _FIGURE.fullmatch(text.strip())
    if found is None:
        return []
    key = _KEYS.get(row.key, row.key)
    unit = (
        "percent"
        if found[2] or key == "possession"
        else "xg"
        if key.startswith("expected_goals")
        else "count"
    )
    figures = [(key, float(found[1]), unit)]
    if found[3]:
        figures.append((f"{key}_percent", float(found[3]), "percent"))
    return [
        TeamStat(
            source=Source.FOTMOB,
            source_match_id=match_id,
            side=side,
            period=_PERIODS[row.period],
            key=name,
            value=value,
            unit=unit_of,
        )
        for name, value, unit_of in figures
    ]
