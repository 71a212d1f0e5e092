"""Times on the command line."""

from datetime import UTC, date, datetime

import typer

#: What a time looks like, for help and errors.
EXAMPLE = "2026-11-22T02:00:00"


def instant(name: str, text: str) -> datetime:
    """Return the time in `text`, UTC where it names no zone; refuse with an example what is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{name}: {text!r} is no time, for example {EXAMPLE}") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def day(name: str, text: str) -> date:
    """Return the date in `text`; refuse with an example what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{name}: {text!r} is no date, for example {EXAMPLE[:10]}") from None
