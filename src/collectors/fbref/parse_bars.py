"""Reads the figures above the tables of FBref's match pages, the bars and the list below them; pure.

Pages of competitions and seasons that FBref does not follow by player have these alone.
"""

import re
from collections.abc import Iterator, Sequence

from lxml import etree, html

from src.collectors.fbref.figure import Figure
from src.collectors.fbref.page import find, text_of
from src.collectors.text import storable
from src.domain.match import SIDES, TeamSide
from src.domain.payload import Rejected

_OF = re.compile(r"(\d+) of (\d+)", re.ASCII)
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)%", re.ASCII)
_COUNT = re.compile(r"\d{1,3}(?:,\d{3})+|\d+", re.ASCII)
_CARDS = {"yellow_card": "cards_yellow", "red_card": "cards_red", "yellow_red_card": "cards_yellow_red"}
#: What `430 of 524 — 82%` is under FBref's own names: what succeeded, all that were tried, the share.
_OF_NAMES = {
    "passing_accuracy": ("passes_completed", "passes", "passes_pct"),
    "shots_on_target": ("shots_on_target", "shots", "shots_on_target_pct"),
    "saves": ("gk_saves", "gk_shots_on_target_against", "gk_save_pct"),
}
_OTHER_NAMES = {"corners": "corner_kicks"}


def bars(element: html.HtmlElement, rejected: list[Rejected]) -> Iterator[Figure]:
    """Read the bars of both teams: a head with the figure's name, then a row with a cell a side."""
    name = ""
    for row in find(element, ".//tr"):
        heads, cells = find(row, "./th"), find(row, "./td")
        if len(heads) == 1 and not cells:
            name = _name(text_of(heads[0]))
            continue
        if len(cells) != 2 or not name:
            continue
        if name == "cards":
            yield from _cards(cells)
            continue
        for side, cell in zip(SIDES, cells, strict=True):
            told = list(_bar(side, name, text_of(cell)))
            if not told and text_of(cell):
                rejected.append(_refused(name, side, cell))
            yield from told


def extras(element: html.HtmlElement, rejected: list[Rejected]) -> Iterator[Figure]:
    """Read the list below the bars: columns of the home side's count, a name, the away side's count."""
    for column in find(element, ".//div[div]"):
        cells = [cell for cell in find(column, "./div") if "th" not in (cell.get("class") or "").split()]
        for home, name, away in zip(cells[::3], cells[1::3], cells[2::3], strict=False):
            told = _name(text_of(name))
            for side, cell in zip(SIDES, (home, away), strict=True):
                text = text_of(cell)
                if told and _COUNT.fullmatch(text):
                    figure = _OTHER_NAMES.get(told, told)
                    yield Figure(side=side, name=storable(figure), value=float(text.replace(",", "")))
                elif text:
                    rejected.append(_refused(told, side, cell))


def _name(text: str) -> str:
    return "_".join(text.lower().split())


def _bar(side: TeamSide, name: str, text: str) -> Iterator[Figure]:
    name = storable(name)
    won, tried, share = _OF_NAMES.get(name, (f"{name}_won", f"{name}_of", name))
    if counted := _OF.search(text):
        yield Figure(side=side, name=won, value=float(counted[1]))
        yield Figure(side=side, name=tried, value=float(counted[2]))
    if told := _PERCENT.search(text):
        yield Figure(side=side, name=share, value=float(told[1]), percent=True)


def _cards(cells: Sequence[html.HtmlElement]) -> Iterator[Figure]:
    """Count the cards that are drawn; none at all are also drawn for a match that was not played."""
    shown = [
        [name for card in find(cell, ".//span[@class]") for name in (card.get("class") or "").split()]
        for cell in cells
    ]
    if not any(mark in names for names in shown for mark in _CARDS):
        return
    for side, names in zip(SIDES, shown, strict=True):
        for mark, name in _CARDS.items():
            yield Figure(side=side, name=name, value=float(names.count(mark)))


def _refused(name: str, side: TeamSide, cell: html.HtmlElement) -> Rejected:
    return Rejected(
        key=f"team_stats/{name[:100] or '?'}/{side}",
        reason=f"ValueError: not a figure: {text_of(cell)[:40]!r}",
        record=etree.tostring(cell, encoding="utf-8", with_tail=False),
    )
