"""What all of FotMob's JSON shares: its wrappings, ids, goals, times and states."""

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from src.collectors.text import storable
from src.core.errors import BadData, SourceChanged
from src.domain.payload import Rejected

_SCORE = re.compile(r"(\d{1,2})\s*-\s*(\d{1,2})")
_NEXT_DATA = re.compile(rb"<script[^>]*\bid=[\"']?__NEXT_DATA__[\"']?[^>]*>(.*?)</script", re.DOTALL)
#: Around what the API answers: the page's own data, the answer to its script, what recorders put around it.
_WRAPPINGS = ("props", "pageProps", "l2_json")


@dataclass(frozen=True, kw_only=True)
class Side:
    """One side of a match; `penalties` is the shoot-out alone."""

    id: str
    name: str
    long_name: str
    score: int | None
    penalties: int | None


@dataclass(frozen=True, kw_only=True)
class State:
    """How FotMob says that a match stands.

    `reason` is its short word for the state (`FT`, `AET`, `Pen`, `PP`, `Can`, `Ab`, `AW`) or None.
    """

    reason: str | None
    finished: bool
    started: bool
    cancelled: bool
    awarded: bool
    extra_time: bool


@dataclass(frozen=True, kw_only=True)
class MatchRow:
    """A match as a day list, a league's page or its own page tells it.

    `competition_id` is the competition, `stage_id` FotMob's own id of its stage. `season` is None where the
    payload does not tell it. `after_90` is the score after 90 minutes, where goals come with their minutes.
    `women` is whether the payload says that women play; day lists and those before 2026 say nothing of it.
    """

    id: str
    competition_id: str
    competition: str
    country: str | None
    stage_id: str
    stage: str | None
    season: str | None
    kickoff_utc: datetime
    home: Side
    away: Side
    state: State
    after_90: tuple[int, int] | None = None
    venue_country: str | None = None
    women: bool = False


def read_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a payload; raise BadData where it is broken, SourceChanged where it is none.

    A page of `/_next/data` wraps what the API answers in `pageProps`, other recorders do so in `l2_json`. The
    page that a browser shows has it too, in a script.
    """
    told = next_data(body) if body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<" else None
    try:
        document = json.loads(
            (told or body).decode("utf-8-sig", "surrogateescape"), parse_constant=_no_number
        )
    except (ValueError, RecursionError) as error:
        raise BadData(f"broken JSON: {error}") from error
    for wrapping in _WRAPPINGS:
        if isinstance(document, dict) and wrapping in document:
            document = document[wrapping]
            if isinstance(document, str):
                return read_object(document.encode(errors="surrogatepass"))
    if not isinstance(document, dict):
        raise SourceChanged("the FotMob answer is not a JSON object")
    return document


def next_data(page: bytes) -> bytes | None:
    """Return the JSON that a page of FotMob carries in its script `__NEXT_DATA__`, None where it has none."""
    found = _NEXT_DATA.search(page)
    return found[1] if found else None


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def within(told: object, *names: str) -> Any:
    """Return what stands under names, one within the other; None where there is another shape."""
    for name in names:
        told = told.get(name) if isinstance(told, Mapping) else None
    return told


def identity(value: object) -> str:
    """Return an id as text: one payload may carry the same one as a number and as a text."""
    text = str(value).strip()
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,18}", text):
        raise ValueError(f"not an id: {text[:40]!r}")
    return text


def goals(value: object) -> int | None:
    """Return a number of goals, None for none told."""
    if value is None or value == "":
        return None
    number = int(str(value))
    if not 0 <= number <= 99:
        raise ValueError(f"not a number of goals: {number}")
    return number


def utc(value: object) -> datetime:
    """Return the UTC time of `2025-11-30T12:00:00.000Z`; one that tells no zone raises ValueError."""
    moment = datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        raise ValueError(f"a time without its zone: {str(value)[:40]!r}")
    return moment.astimezone(UTC)


def kickoff(status: Mapping[str, Any], milliseconds: object) -> datetime:
    """Return the kick-off that a `status` tells, or else the list beside it, as all do before 2022."""
    told = status.get("utcTime")
    if told:
        return utc(told)
    if type(milliseconds) is not int:
        raise ValueError("neither `utcTime` nor `timeTS` tells the kick-off")
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def some(value: object) -> str | None:
    """Return a text that may be stored, None for an empty or an absent one."""
    text = storable(str(value).strip()) if value is not None else ""
    return text or None


def named(value: object) -> str:
    """Return a text that has to be there."""
    text = some(value)
    if text is None:
        raise ValueError("a name is empty")
    return text


def side(told: Mapping[str, Any], score: object = None, penalties: object = None) -> Side:
    """Return a side with its score: its own, or else the given one."""
    name = named(told["name"])
    return Side(
        id=identity(told["id"]),
        name=some(told.get("shortName")) or name,
        long_name=some(told.get("longName")) or name,
        score=goals(score if told.get("score") is None else told["score"]),
        penalties=goals(penalties if told.get("penScore") is None else told["penScore"]),
    )


def state(status: Mapping[str, Any]) -> State:
    """Return the state that a `status` tells."""
    reason = status.get("reason") or {}
    return State(
        reason=some(reason.get("short")),
        finished=bool(status.get("finished")),
        started=bool(status.get("started")),
        cancelled=bool(status.get("cancelled")),
        awarded=bool(status.get("awarded")),
        # Details name all halves that there can be, and leave those empty that there were not.
        extra_time=bool((status.get("halfs") or {}).get("firstExtraHalfStarted")),
    )


def told_scores(status: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return both sides' goals of a `scoreStr` as `2 - 1`, for lists whose sides carry none."""
    found = _SCORE.fullmatch(str(status.get("scoreStr") or "").strip())
    return (found[1], found[2]) if found else (None, None)


def told_penalties(status: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return both sides' goals of a shoot-out as details tell them, in the reason of the state."""
    told = (status.get("reason") or {}).get("penalties")
    return (told[0], told[1]) if isinstance(told, list) and len(told) == 2 else (None, None)


def rejected(record: object, error: Exception, key: str | None = None) -> Rejected:
    """Return a record that could not be read, under its own id where it has one."""
    return Rejected(
        key=key or key_of(record),
        reason=f"{type(error).__name__}: {error}",
        record=json.dumps(record, ensure_ascii=False).encode(errors="backslashreplace"),
    )


def key_of(record: object) -> str:
    """Return what finds a record in its payload: its id, its key, or a number made of all of it."""
    found = record.get("id") or record.get("key") if isinstance(record, dict) else None
    return str(found or f"unnamed-{zlib.crc32(repr(record).encode(errors='backslashreplace')):08x}")
