"""Renders the HTML pages; every value is escaped."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

_TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Return the page that `template` makes of `values`."""
    return HTMLResponse(_environment().get_template(template).render(**values), status_code=status)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"ago": ago, "clock": clock, "grouped": grouped, "percent": percent}
    return environment


def ago(at: datetime | None, now: datetime) -> str:
    """Return how far `at` is from `now`, as `3 min ago` or `in 2 h`; a dash for None."""
    if at is None:
        return "—"
    gap = at - now
    words = _span(abs(gap))
    if words == "now":
        return words
    return f"in {words}" if gap > timedelta(0) else f"{words} ago"


def _span(gap: timedelta) -> str:
    minutes = int(gap.total_seconds() // 60)
    if minutes < 1:
        return f"{int(gap.total_seconds())} s" if gap >= timedelta(seconds=1) else "now"
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {rest:02d} min" if hours < 6 and rest else f"{hours} h"
    days = hours // 24
    return f"{days} day" if days == 1 else f"{days} days"


def clock(at: datetime | None) -> str:
    """Return `at` as `Sun 1 Mar 15:30` in UTC; a dash for None."""
    if at is None:
        return "—"
    utc = at.astimezone(UTC)
    return f"{utc:%a} {utc.day} {utc:%b %H:%M}"


def grouped(number: float) -> str:
    """Return an integer with thin spaces between thousands."""
    return f"{int(number):,}".replace(",", "\u2009")


def percent(share: float) -> str:
    """Return a share as whole per cent."""
    return f"{share * 100:.0f} %"
