"""`matchbeat schedule backfill`: the due times of a range that never ran are claimed after all."""

from typing import Annotated, Any

import typer

from src.cli.instant import instant
from src.cli.output import AsJson, print_json, say, show
from src.cli.schedule_author import EntryName, Revision, Who, Why, author


def backfill(
    entry: EntryName,
    first: Annotated[str, typer.Option("--from", help="The first due time; UTC where it names no zone.")],
    until: Annotated[str, typer.Option("--to", help="The last due time, not in the future.")],
    why: Why,
    limit: Annotated[int, typer.Option(help="Refuse where more due times than this would be claimed.")] = 100,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be claimed.")] = False,
    who: Who = None,
    revision: Revision = None,
    as_json: AsJson = False,
) -> None:
    """Claim the due times of a range that never ran; those that ran are left alone.

    Example: matchbeat schedule backfill titan-regular --from 2026-11-20 --to 2026-11-22 --why "disk full"
    """
    from src.pipeline.backfill import backfill as claim
    from src.pipeline.context import context

    done = claim(
        context(), entry, instant("--from", first), instant("--to", until), author(who, why),
        limit=limit, dry_run=dry_run, revision=revision,
    )  # fmt: skip
    if as_json:
        print_json(done)
        return
    verb = "would be" if dry_run else "are"
    say(f"{len(done.claimed)} of {done.due} due times {verb} {done.state}, {done.left} left as they are")
    rows: list[dict[str, Any]] = [{"due": at, "state": done.state} for at in done.claimed]
    if rows:
        show(rows, as_json=False)
