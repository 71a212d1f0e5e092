"""A fixture of a world, and what can be seen of it at an instant."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from src.sandbox.world.clubs import Club
from src.sandbox.world.competitions import Competition
from src.sandbox.world.draws import generator

FIRST_HALF = timedelta(minutes=47)
HALF_TIME_ENDS = timedelta(minutes=62)
FULL_TIME = timedelta(minutes=110)
#: A postponement is told this long before kick-off, and the new date this long after the old one.
POSTPONED_NOTICE = timedelta(hours=6)
NEW_DATE_AFTER = timedelta(days=21)


@dataclass(frozen=True, slots=True, kw_only=True)
class SideFigures:
    """What one side did in a match; `xg` in goals, the rest counts."""

    shots: int
    on_target: int
    fouls: int
    corners: int
    yellow: int
    red: int
    xg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixture:
    """One match of a world, its result already known; `kickoff` and `postponed_from` are aware UTC.

    `fotmob_id` and `titan_id` derive from `number`, which is unique in the world and stable across restarts.
    """

    number: int
    fotmob_id: int
    titan_id: int
    fbref_id: str
    competition: Competition
    season: str
    round: int
    kickoff: datetime
    postponed_from: datetime | None = None
    home: Club
    away: Club
    score: tuple[int, int]
    half_time: tuple[int, int]
    figures: tuple[SideFigures, SideFigures]


class Phase(StrEnum):
    """Where a match stands."""

    SCHEDULED = "scheduled"
    FIRST_HALF = "first half"
    HALF_TIME = "half time"
    SECOND_HALF = "second half"
    FINISHED = "finished"
    POSTPONED = "postponed"

    @property
    def live(self) -> bool:
        """Whether the match has begun and not ended."""
        return self in {Phase.FIRST_HALF, Phase.HALF_TIME, Phase.SECOND_HALF}

    @property
    def started(self) -> bool:
        """Whether the match has begun, ended or not."""
        return self.live or self is Phase.FINISHED


@dataclass(frozen=True, slots=True)
class Moment:
    """A fixture as the world shows it at one instant; `minute` is the match clock, 0 before kick-off."""

    phase: Phase
    kickoff: datetime
    minute: int
    score: tuple[int, int]


def moment(fixture: Fixture, now: datetime) -> Moment:
    """Return what is known of `fixture` at `now` (aware UTC)."""
    kickoff = fixture.kickoff
    first = fixture.postponed_from
    if first is not None and now < first + NEW_DATE_AFTER:
        phase = Phase.SCHEDULED if now < first - POSTPONED_NOTICE else Phase.POSTPONED
        return Moment(phase, first, 0, (0, 0))
    elapsed = now - kickoff
    if elapsed < timedelta(0):
        return Moment(Phase.SCHEDULED, kickoff, 0, (0, 0))
    if elapsed >= FULL_TIME:
        return Moment(Phase.FINISHED, kickoff, 90, fixture.score)
    minutes = int(elapsed.total_seconds() // 60)
    if elapsed < FIRST_HALF:
        phase, minute = Phase.FIRST_HALF, min(minutes + 1, 45)
    elif elapsed < HALF_TIME_ENDS:
        phase, minute = Phase.HALF_TIME, 45
    else:
        phase, minute = Phase.SECOND_HALF, min(46 + minutes - 62, 90)
    return Moment(phase, kickoff, minute, _score_at(fixture, minute, phase))


def goal_minutes(fixture: Fixture) -> list[tuple[int, bool]]:
    """Return (minute, by the home side) of every goal in order; half-time and final scores agree with it."""
    random = generator(fixture.number, "goals")
    goals = [
        (random.randint(*span), home)
        for home, total, first in (
            (True, fixture.score[0], fixture.half_time[0]),
            (False, fixture.score[1], fixture.half_time[1]),
        )
        for span, count in (((1, 45), first), ((46, 90), total - first))
        for _ in range(count)
    ]
    return sorted(goals)


def _score_at(fixture: Fixture, minute: int, phase: Phase) -> tuple[int, int]:
    if phase is Phase.HALF_TIME:
        return fixture.half_time
    scored = [home for at, home in goal_minutes(fixture) if at <= minute]
    return scored.count(True), scored.count(False)
