"""Turns FBref's rows into matches, fixtures to align, and figures."""

import re
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from src.collectors.alignment.align import Fixture
from src.collectors.fbref.figure import Figure
from src.collectors.fbref.parse_schedule import ScheduledMatch, Squad
from src.collectors.fbref.parse_stats import MatchPage
from src.collectors.registry import BY_FBREF_ID, FBREF_WOMEN, FBREF_YOUTH, season_of
from src.collectors.squads import gender_of, squad_level
from src.domain.match import (
    SIDES,
    Gender,
    MatchStatus,
    Source,
    SourceCompetition,
    SourceMatch,
    TeamStat,
)
from src.domain.payload import Parsed
from src.domain.team import SourceTeam, SquadLevel

#: What the notes say of a match that did not run its course; the first that is found counts.
_BY_NOTE = (
    (re.compile(r"\bcancel", re.IGNORECASE), MatchStatus.CANCELLED),
    (re.compile(r"\bpostpon", re.IGNORECASE), MatchStatus.POSTPONED),
    (re.compile(r"\baward|\bforfeit|\bwalkover", re.IGNORECASE), MatchStatus.AWARDED),
    (re.compile(r"\babandon|\bsuspend", re.IGNORECASE), MatchStatus.ABANDONED),
)
_EXTRA_TIME = re.compile(r"extra time|\ba\.?e\.?t\b", re.IGNORECASE)
#: A shoot-out straight after 90 minutes.
_NORMAL_TIME = re.compile(r"normal time", re.IGNORECASE)
_KEYS = {
    "cards_yellow": "yellow_cards",
    "cards_red": "red_cards",
    "cards_yellow_red": "second_yellow_cards",
    "xg": "expected_goals",
    "npxg": "expected_goals_non_penalty",
    "xg_assist": "expected_assists",
    "passes_completed": "accurate_passes",
    "passes_pct": "accurate_passes_percent",
    "gk_saves": "keeper_saves",
    "corner_kicks": "corners",
}


def matches(rows: Parsed[ScheduledMatch], raw_sha256: str) -> Parsed[SourceMatch]:
    """Return a schedule's matches; what is none of ours is rejected."""
    return rows.into(
        lambda row: [to_match(row, raw_sha256)],
        lambda row: row.id or f"{row.day}/{row.home.id}/{row.away.id}",
    )


def to_match(row: ScheduledMatch, raw_sha256: str) -> SourceMatch:
    """Return the match; raises ValueError where the page tells neither its time nor its day.

    A match without a page yet goes by both squads' ids and its day, and one without a time stands at noon
    UTC of its day with `time_known` false. A match that was not played to its end has no score, whatever
    the page shows.
    """
    kickoff = row.kickoff_utc or _noon(row)
    status = status_of(row)
    with_score = status.has_result or status is MatchStatus.AWARDED
    gender = _gender(row)
    return SourceMatch(
        source=Source.FBREF,
        source_match_id=row.id or f"{row.home.id}-{row.away.id}-{row.day or kickoff.date()}",
        competition=_competition(row, gender),
        season=row.season or season_of(kickoff),
        stage=row.stage,
        kickoff_utc=kickoff,
        time_known=row.kickoff_utc is not None,
        venue_timezone=_zone(row),
        home=_team(row.home),
        away=_team(row.away),
        status=status,
        score_90=row.score if _ended_after_90(row, status) else None,
        score_final=row.score if with_score else None,
        penalties=row.penalties if status.has_result else None,
        gender=gender,
        squad_level=_level(row),
        raw_sha256=raw_sha256,
    )


def status_of(row: ScheduledMatch) -> MatchStatus:
    """Return the state: FBref tells it by its notes, or by there being a score."""
    for note, status in _BY_NOTE:
        if note.search(row.notes):
            return status
    if row.score is None:
        return MatchStatus.SCHEDULED
    if row.penalties is not None:
        return MatchStatus.AFTER_PENALTIES
    return MatchStatus.AFTER_EXTRA_TIME if _EXTRA_TIME.search(row.notes) else MatchStatus.FINISHED


def _ended_after_90(row: ScheduledMatch, status: MatchStatus) -> bool:
    straight = status is MatchStatus.AFTER_PENALTIES and _NORMAL_TIME.search(row.notes) is not None
    return status is MatchStatus.FINISHED or straight


def _noon(row: ScheduledMatch) -> datetime:
    if row.day is None:
        raise ValueError("neither a kick-off nor a day")
    return datetime.combine(row.day, time(12), UTC)


def _competition(row: ScheduledMatch, gender: Gender) -> SourceCompetition:
    if row.competition_id is None:
        raise ValueError("neither the table nor the page tells which competition this is")
    return SourceCompetition(
        source=Source.FBREF,
        source_id=row.competition_id,
        name=row.competition or row.competition_id,
        gender=gender,
    )


def _gender(row: ScheduledMatch) -> Gender:
    if row.competition_id in FBREF_WOMEN:
        return Gender.WOMEN
    # `Chelsea` plays for both; the page of the squad tells which (`Chelsea-Women-Stats`).
    pages = (page.replace("-", " ") for page in (row.home.page, row.away.page))
    return gender_of(row.competition or "", row.home.name, row.away.name, *pages)


def _level(row: ScheduledMatch) -> SquadLevel:
    known = FBREF_YOUTH.get(row.competition_id or "")
    return known or squad_level(row.competition or "", row.home.name, row.away.name)


def _zone(row: ScheduledMatch) -> str | None:
    """Return the zone of the competition where the venue's own clock, as the page tells it, agrees."""
    competition = BY_FBREF_ID.get(row.competition_id or "")
    if competition is None or row.kickoff_utc is None or row.venue_time is None:
        return None
    local = row.kickoff_utc.astimezone(ZoneInfo(competition.timezone))
    return competition.timezone if f"{local:%H:%M}" == row.venue_time else None


def _team(squad: Squad) -> SourceTeam:
    return SourceTeam(name=squad.name, source_id=squad.id)


def to_fixture(row: ScheduledMatch) -> Fixture | None:
    """Return what alignment needs; None for a match that has no page or no time yet."""
    if row.id is None or row.kickoff_utc is None:
        return None
    return Fixture(key=row.id, kickoff_utc=row.kickoff_utc, home=(row.home.name,), away=(row.away.name,))


def to_stats(row: ScheduledMatch) -> list[TeamStat]:
    """Return both sides' expected goals, where the page still has them."""
    return [
        TeamStat(
            source=Source.FBREF, source_match_id=row.id, side=side, period="ft",
            key="expected_goals", value=squad.xg, unit="xg",
        )
        for side, squad in zip(SIDES, (row.home, row.away), strict=True)
        if row.id is not None and squad.xg is not None
    ]  # fmt: skip


def stats(pages: Parsed[MatchPage]) -> Parsed[TeamStat]:
    """Return the figures of a match's page, under our names where we have them."""
    rows = tuple((page.match_id, figure) for page in pages.rows for figure in page.figures)
    return Parsed(rows=rows, rejected=pages.rejected).into(
        lambda pair: [_stat(*pair)], lambda pair: f"{pair[1].side}/{pair[1].name}"
    )


def _stat(match_id: str, figure: Figure) -> TeamStat:
    key = _KEYS.get(figure.name, figure.name)
    expected = key.startswith("expected_") or "xg" in key
    return TeamStat(
        source=Source.FBREF,
        source_match_id=match_id,
        side=figure.side,
        period="ft",
        key=key,
        value=figure.value,
        unit="percent" if figure.percent else "xg" if expected else "count",
    )
