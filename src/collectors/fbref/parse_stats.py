"""Reads the figures of FBref's match pages (`/en/matches/{id}/…`); pure.

Each squad has a table a topic, `stats_{squad}_summary`, `…_passing`, `…_misc` and so on, whose foot sums its
players up; since January 2026 most topics are gone. Above them are bars and a list of counts, which older
pages have alone (`parse_bars`).
"""

import re
from dataclasses import dataclass

from lxml import etree, html

from src.collectors.fbref.figure import Figure
from src.collectors.fbref.page import cells_of, find, hidden_tables, match_id, read_page, squad_link, text_of
from src.collectors.fbref.parse_bars import bars, extras
from src.collectors.outcome import UNREADABLE
from src.collectors.text import storable
from src.core.errors import SourceChanged
from src.domain.match import SIDES, TeamSide
from src.domain.payload import Parsed, Rejected

_TABLE_ID = re.compile(r"(?:keeper_)?stats_([0-9a-f]{8})(?:_\w+)?")
_NUMBER = re.compile(r"-?\d{1,3}(?:,\d{3})+|-?\d+(?:\.\d+)?|-?\.\d+", re.ASCII)
#: Columns of a player that sum up to nothing.
_NOT_FIGURES = {"player", "nationality", "position", "age", "shirtnumber", "minutes", "header", ""}


@dataclass(frozen=True, kw_only=True)
class MatchPage:
    """A match's page: both squads' ids, the home side's first, and the figures of both."""

    match_id: str
    squads: tuple[str, str]
    figures: tuple[Figure, ...]


def parse_stats(body: bytes) -> Parsed[MatchPage]:
    """Read a match's page; raises BadData on an empty one and SourceChanged where it is no match's page.

    A figure that stands in several places counts once, the table's before the rounded one of a bar; one that
    is not told (an empty cell) is none.
    """
    page = read_page(body)
    number, squads = _match_id(page), _squads(page)
    tables = [table for table in hidden_tables(page) if _TABLE_ID.fullmatch(table.get("id", ""))]
    shown = find(page, '//div[@id="team_stats"]')
    if number is None or squads is None or not (tables or shown):
        raise SourceChanged("the FBref page has no match id, no score box or no table of figures")
    figures: dict[tuple[TeamSide, str], Figure] = {}
    rejected: list[Rejected] = []
    for table in tables:
        found = _TABLE_ID.fullmatch(table.get("id", ""))
        if found is None or found[1] not in squads:
            reason = "ValueError: a table of a squad that does not play"
            rejected.append(Rejected(key=table.get("id", "?"), reason=reason, record=_bytes(table)))
            continue
        _read_foot(table, SIDES[squads.index(found[1])], figures, rejected)
    above = [figure for element in shown for figure in bars(element, rejected)]
    for element in find(page, '//div[@id="team_stats_extra"]'):
        above += extras(element, rejected)
    for figure in above:
        figures.setdefault((figure.side, figure.name), figure)
    row = MatchPage(match_id=number, squads=squads, figures=tuple(figures.values()))
    return Parsed(rows=(row,), rejected=tuple(rejected))


def _match_id(page: html.HtmlElement) -> str | None:
    addresses = [link.get("href", "") for link in find(page, '//link[@rel="canonical"]')]
    addresses += [meta.get("content", "") for meta in find(page, '//meta[@property="og:url"]')]
    return next((found for address in addresses if (found := match_id(address))), None)


def _squads(page: html.HtmlElement) -> tuple[str, str] | None:
    ids: list[str] = []
    for box in find(page, '//div[contains(concat(" ", @class, " "), " scorebox ")]'):
        for cell in find(box, "./div"):
            try:
                number = squad_link(cell)[0]
            except ValueError:
                continue
            if number not in ids:
                ids.append(number)
    return (ids[0], ids[1]) if len(ids) == 2 else None


def _read_foot(
    table: html.HtmlElement,
    side: TeamSide,
    figures: dict[tuple[TeamSide, str], Figure],
    rejected: list[Rejected],
) -> None:
    for row in find(table, "./tfoot/tr"):
        for name, cell in cells_of(row).items():
            text = text_of(cell)
            if name in _NOT_FIGURES or not text:
                continue
            try:
                figure = Figure(side=side, name=storable(name), value=_number(text), percent="pct" in name)
            except UNREADABLE as error:
                key = f"{table.get('id', '?')}/{name}"
                rejected.append(
                    Rejected(key=key, reason=f"{type(error).__name__}: {error}", record=_bytes(cell))
                )
            else:
                figures.setdefault((side, figure.name), figure)


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"not a number: {text[:40]!r}")
    return float(text.replace(",", ""))


def _bytes(element: html.HtmlElement) -> bytes:
    return etree.tostring(element, encoding="utf-8", with_tail=False)
