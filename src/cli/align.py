"""`matchbeat align`: which fixture of one source is which of another, and what a person has to decide."""

import typer

from src.cli.align_evaluate import SeveralFiles, evaluate

app = typer.Typer(help="Fixtures of different sources: links, doubts, aliases.", no_args_is_help=True)

app.command(cls=SeveralFiles)(evaluate)


@app.callback()
def _group() -> None:
    """Keep the commands a group."""
