"""The states of a match, as Titan007's lists word and its scripts number them."""

import re

from src.domain.match import MatchStatus

_BY_WORD = {
    "": MatchStatus.SCHEDULED,
    "未": MatchStatus.SCHEDULED,
    "完": MatchStatus.FINISHED,
    "完场": MatchStatus.FINISHED,
    "推迟": MatchStatus.POSTPONED,
    "待定": MatchStatus.POSTPONED,
    "取消": MatchStatus.CANCELLED,
    "腰斩": MatchStatus.ABANDONED,
    # It may go on: only an abandoned match is over.
    "中断": MatchStatus.LIVE,
}
#: First half, half time, second half, extra time, penalties, or the minute that is being played.
_IN_PLAY = re.compile(r"上|下|中|中场|加|加时|点|点球|\d{1,3}(?:\+\d{0,2})?'?")

_BY_NUMBER = {
    "-14": MatchStatus.POSTPONED,
    "-13": MatchStatus.LIVE,
    "-12": MatchStatus.ABANDONED,
    "-11": MatchStatus.POSTPONED,
    "-10": MatchStatus.CANCELLED,
    "-1": MatchStatus.FINISHED,
    "0": MatchStatus.SCHEDULED,
    "1": MatchStatus.LIVE,
    "2": MatchStatus.LIVE,
    "3": MatchStatus.LIVE,
    "4": MatchStatus.LIVE,
    "5": MatchStatus.LIVE,
}


def status_of(state: str) -> MatchStatus:
    """Return the status that a list's word or a script's number stands for; raise ValueError on another."""
    known = _BY_WORD.get(state) or _BY_NUMBER.get(state)
    if known is not None:
        return known
    if _IN_PLAY.fullmatch(state):
        return MatchStatus.LIVE
    raise ValueError(f"not a state of a match: {state[:20]!r}")
