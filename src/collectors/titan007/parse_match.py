"""Reads the head of Titan007's page of one match (`detail/{id}…`); pure."""

import re
from datetime import datetime

from src.collectors.text import storable
from src.collectors.titan007.parse_day import ListedMatch
from src.collectors.titan007.text import beijing_time, decode, plain
from src.collectors.wholeness import check_whole
from src.core.errors import BadData, SourceChanged
from src.domain.payload import Parsed

_SCALAR = re.compile(r"\bvar\s+(scheduleID|state|strTime)\s*=\s*['\"]?([^'\";\r\n]*?)['\"]?\s*;")
_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_TEAMS = re.compile(r"(.+?)\s+VS\.?\s+(.+?)\s*[(\uff08](.*)[)\uff09]", re.IGNORECASE | re.DOTALL)
_LEAGUE = re.compile(r"<a\b[^>]*\bclass=['\"]?LName\b[^>]*>.*?</a>", re.IGNORECASE | re.DOTALL)
_LEAGUE_ID = re.compile(r"sclassid=(\d+)|/(?:league|cup|subleague)/(?:[\d-]+/)?(\d+)", re.IGNORECASE)
_LONGEST_TITLE = 500
_SEASON = re.compile(r"(\d{4}(?:-\d{4})?)\s*赛季")


def parse_match(body: bytes) -> Parsed[ListedMatch]:
    """Read a match's page; raises SourceChanged where it is none, BadData where it is cut or unreadable."""
    check_whole(body, "the Titan007 page of a match")
    text = decode(body)
    told = dict(_SCALAR.findall(text))
    if not {"scheduleID", "state", "strTime"} <= told.keys():
        raise SourceChanged("the Titan007 page of a match has no scheduleID, state or strTime")
    title = _TITLE.search(text)
    teams = _TEAMS.search(plain(title[1][:_LONGEST_TITLE])) if title else None
    if teams is None:
        raise SourceChanged("the title of the Titan007 page of a match does not tell the teams")
    league = _LEAGUE.search(text)
    league_id = _LEAGUE_ID.search(league[0]) if league else None
    try:
        season = _SEASON.search(teams[3])
        row = ListedMatch(
            id=_id(told["scheduleID"]),
            league_id=(league_id[1] or league_id[2]) if league_id else "unknown",
            league=storable(plain(league[0])) if league else storable(teams[3].strip()),
            kickoff_utc=_kickoff(told["strTime"]),
            state=storable(told["state"].strip()),
            home=storable(teams[1].strip()),
            away=storable(teams[2].strip()),
            season=season[1] if season else None,
        )
    except (ValueError, OverflowError) as error:
        raise BadData(f"the Titan007 page of match {told['scheduleID'][:20]!r}: {error}") from error
    return Parsed(rows=(row,))


def _id(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,12}", text.strip()):
        raise ValueError(f"not a match id: {text[:20]!r}")
    return text.strip()


def _kickoff(text: str) -> datetime:
    moment = beijing_time(text[:16])
    if moment is None:
        raise ValueError("no kick-off time yet")
    return moment
