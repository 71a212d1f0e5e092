"""What Titan007's files and pages share: Beijing clocks, kick-off shifts, and names of lines."""

from datetime import datetime, timedelta

from src.sandbox.world.draws import drawn
from src.sandbox.world.fixture import Fixture, Moment
from src.sandbox.world.index import BEIJING

#: In one fixture of this many Titan007's kick-off is five minutes after FotMob's.
_LATER_ONE_IN = 30
_HALF_GOALS = ("平手", "半球", "一球", "球半", "两球", "两球半", "三球", "三球半", "四球")


def kickoff(fixture: Fixture, at: Moment) -> datetime:
    """Return the kick-off as Titan007 has it, aware UTC."""
    later = drawn(fixture.number, "titan kick-off") < 1 / _LATER_ONE_IN
    return at.kickoff + timedelta(minutes=5 if later else 0)


def beijing(at: datetime) -> datetime:
    """Return the instant on Beijing's clocks."""
    return at.astimezone(BEIJING)


def handicap_name(line: float) -> str:
    """Return the Chinese name of a handicap of `line` goals, without its sign: 1.75 is 球半/两球."""
    halves = abs(line) * 2
    low = int(halves)
    return _HALF_GOALS[low] if halves == low else f"{_HALF_GOALS[low]}/{_HALF_GOALS[low + 1]}"


def total_name(line: float) -> str:
    """Return a total as the pages print it: 2.75 is 2.5/3."""
    return f"{line:g}" if line * 2 % 1 == 0 else f"{line - 0.25:g}/{line + 0.25:g}"
