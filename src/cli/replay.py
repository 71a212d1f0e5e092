"""`matchbeat replay`: reads kept payloads again, without asking any source."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from src.cli.instant import instant
from src.cli.output import AsJson, as_text, print_json, print_table, say

# Typer reads the options' types when a command is called.
from src.domain.match import Source

if TYPE_CHECKING:
    from src.domain.summary import SourceSummary
    from src.pipeline.replay.run import ReplaySummary


def replay(
    since: Annotated[str, typer.Option(help="Payloads fetched from then on, as 2026-11-20; UTC.")],
    source: Annotated[
        list[Source] | None, typer.Option(help="Only of this source; may be repeated (default: all).")
    ] = None,
    until: Annotated[str | None, typer.Option(help="And before then (default: up to now).")] = None,
    anew: Annotated[
        bool,
        typer.Option(
            "--anew", help="Put what is read of these matches' Titan007 odds in place of what is stored."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read kept payloads again, as their parsers are now: for after a fix.

    Nothing is fetched. Matches, links, figures and odds are added and corrected, what can be read now leaves
    the quarantine, and a second replay changes nothing. The collection may run meanwhile. A price that was
    read wrongly and stored stays beside the right one, unless odds are read --anew.

    Example: matchbeat replay --source fotmob --since 2026-11-20
    """
    from src.pipeline.context import context
    from src.pipeline.replay.anew import read_odds_anew
    from src.pipeline.replay.run import replay as read_again

    begin = instant("--since", since).astimezone(UTC)
    end = None if until is None else instant("--until", until).astimezone(UTC)
    sources = tuple(source or Source)
    if anew and Source.TITAN007 not in sources:
        raise typer.BadParameter("--anew is about Titan007's odds: leave --source out, or name titan007")
    report = None if as_json else _progress
    told = read_again(context(), since=begin, until=end, sources=sources, report=report)
    odds = read_odds_anew(context(), since=begin, until=end) if anew else None
    if as_json:
        parts = [{**part.summary.as_dict(), "left": part.left, "mended": part.mended} for part in told]
        print_json({"sources": parts, "odds_anew": odds})
        return
    _show(told)
    if odds is not None:
        say(
            f"odds of {odds.matches} matches read anew: {odds.taken} sightings taken away,"
            f" {odds.stored} changes stored"
        )
        if odds.kept:
            say(f"{odds.kept} matches have odds older than their payloads, and stay as they are", "yellow")


def _progress(source: Source, until: datetime, summary: "SourceSummary") -> None:
    done = f"{summary.requested} payloads, {summary.changed} rows written"
    say(f"{source.value:<14} until {as_text(until)}  {done}")


def _show(told: list["ReplaySummary"]) -> None:
    columns = ["payloads", "unreadable", "left", "records", "quarantined", "mended", "rows written"]
    print_table(
        ["source", *columns],
        [
            (
                part.summary.source, part.summary.requested, part.summary.unreadable, part.left,
                part.summary.parsed, part.summary.quarantined, part.mended, part.summary.changed,
            )
            for part in told
        ],
        right=columns,
    )  # fmt: skip
    if any(part.left for part in told):
        say("left: payloads of matches that have no link to ours yet", "yellow")
