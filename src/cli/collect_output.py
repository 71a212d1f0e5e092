"""What the commands of `matchbeat collect` show: progress as it goes, numbers at the end, an exit code."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import typer
from sqlalchemy.orm import Session

from src.cli.output import complain, error_console, print_table
from src.core.errors import Transient
from src.core.logging import redact
from src.domain.summary import SourceSummary
from src.pipeline.context import Context
from src.pipeline.progress import Progress

#: The exit code where a source was given up before its end.
GIVEN_UP = 1

#: The counts of a summary, in the order of their columns.
NUMBERS = tuple(SourceSummary(source="").numbers())


class ShownProgress(Progress):
    """Progress of one run in the foreground; says on standard error, batch by batch, how far it is."""

    def mark(self, session: Session, items: Iterable[str], at: datetime) -> None:
        """Mark items as done, and say so."""
        super().mark(session, items, at)
        error_console().print(f"{self.step}: {len(self._done)} payloads are done", markup=False)


def progress_of(ctx: Context, step: str, *, quiet: bool) -> Progress:
    """Return the progress of a step in the foreground."""
    return (Progress if quiet else ShownProgress)(ctx.database, None, step)


def show_warnings() -> None:
    """Let what goes wrong with single payloads be seen on standard error, as it happens."""
    from src.core.logging import configure_logging

    configure_logging("WARNING")


def as_dict(outcomes: Mapping[str, SourceSummary]) -> dict[str, Any]:
    """Return the numbers by step, as the results of flows have them."""
    return {step: summary.as_dict() for step, summary in outcomes.items()}


def show_outcomes(outcomes: Mapping[str, SourceSummary]) -> None:
    """Print the numbers of each source, and what they add up to."""
    rows = [(step, *(getattr(it, name) for name in NUMBERS), it.error) for step, it in outcomes.items()]
    if len(rows) > 1:
        sums = (sum(getattr(it, name) for it in outcomes.values()) for name in NUMBERS)
        rows.append(("together", *sums, None))
    columns = ("source", *(name.replace("_", " ") for name in NUMBERS), "error")
    print_table(columns, [(*row[:-1], redact(row[-1] or "")) for row in rows], right=columns[1:-1])


def end(outcomes: Mapping[str, SourceSummary]) -> None:
    """End the command as its numbers say.

    Raises Transient where payloads were asked for and none arrived; exits with 1 where a source was given up.
    Single payloads that failed, and records that were quarantined, are in the numbers and no failure.
    """
    given_up = {step: summary.error for step, summary in outcomes.items() if summary.error}
    told = "; ".join(f"{step} failed ({error})" for step, error in given_up.items())
    requested = sum(summary.requested for summary in outcomes.values())
    if requested and not any(summary.arrived for summary in outcomes.values()):
        raise Transient(f"nothing was collected: {told}")
    if given_up:
        complain(told)
        raise typer.Exit(GIVEN_UP)
