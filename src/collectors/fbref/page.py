"""What all of FBref's pages share: how they are read, their links, texts and comments; pure."""

import re
from typing import cast

from lxml import etree, html

from src.collectors.wholeness import check_whole
from src.core.errors import BadData, SourceChanged

_SQUAD = re.compile(r"/en/squads/([0-9a-f]{8})(?:/(?:[^/?#]*/)*([^/?#]*))?")
_FORMER_COLUMNS = {
    "squad_a": "home_team", "squad_b": "away_team", "time": "start_time",
    "xg_a": "home_xg", "xg_b": "away_xg",
}  # fmt: skip
_MATCH = re.compile(r"/en/matches/([0-9a-f]{8})(?:[/?#]|$)")


def read_page(body: bytes) -> html.HtmlElement:
    """Return the page; raise BadData where it is empty or cut short, SourceChanged where it is no page."""
    if not body.strip(b"\xef\xbb\xbf \r\n\t\0"):
        raise BadData("the FBref page is empty")
    # lxml closes what was left open, and would make a shorter page of half a one.
    check_whole(body, "the FBref page")
    try:
        # FBref writes UTF-8, whatever a page says or leaves out.
        return html.fromstring(body, parser=html.HTMLParser(encoding="utf-8", huge_tree=True))
    except (etree.LxmlError, ValueError) as error:
        raise SourceChanged(f"the FBref page cannot be read as HTML: {error}") from error


def find(element: html.HtmlElement, path: str) -> list[html.HtmlElement]:
    """Return the elements at an XPath."""
    return cast("list[html.HtmlElement]", element.xpath(path))


def text_of(element: html.HtmlElement | None) -> str:
    """Return an element's text with single spaces (FBref has no-break ones too); empty for None."""
    return " ".join(element.text_content().split()) if element is not None else ""


def cells_of(row: html.HtmlElement) -> dict[str, html.HtmlElement]:
    """Return the cells of a row by their `data-stat`, a schedule's of 2019 by those of today."""
    cells = ((cell.get("data-stat", ""), cell) for cell in find(row, "./*[@data-stat]"))
    return {_FORMER_COLUMNS.get(name, name): cell for name, cell in cells}


def squad_link(cell: html.HtmlElement) -> tuple[str, str, str]:
    """Return a squad's id, its name, and the last part of its address; raise ValueError without one."""
    for link in cell.iterfind(".//a"):
        if found := _SQUAD.search(link.get("href", "")):
            return found[1], text_of(link), found[2] or ""
    raise ValueError("a team without a link to its squad")


def match_id(address: str) -> str | None:
    """Return the id of the match that an address is of."""
    found = _MATCH.search(address)
    return found[1] if found else None


def hidden_tables(page: html.HtmlElement) -> list[html.HtmlElement]:
    """Return the tables of a page, those inside comments too: FBref has scripts put them in place."""
    tables = find(page, "//table")
    for comment in cast("list[html.HtmlElement]", page.xpath("//comment()[contains(., '<table')]")):
        try:
            hidden = html.fromstring(f"<div>{comment.text}</div>")
        except (etree.LxmlError, ValueError):
            continue
        tables += find(hidden, ".//table")
    return tables
