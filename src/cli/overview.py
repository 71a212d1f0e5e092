"""`matchbeat overview`: where everything stands, in one reading."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import typer

from src.cli.output import AsJson, print_json, print_table, say

_SCORES = ("log_loss", "rps", "accuracy", "ece")
#: Who is scored, and how the champion's metrics of it begin.
_SCORED = (("champion", ""), ("bookmaker", "market_"), ("base rate", "base_"))


def add_to(app: typer.Typer) -> None:
    """Put the command at the root of `app`."""
    app.command()(overview)


def overview(as_json: AsJson = False) -> None:
    """Show rows, fires, flow runs, the champion and the next predictions.

    Example: matchbeat overview --json
    """
    from src.pipeline.context import context
    from src.pipeline.overview import overview as read

    told = read(context()).as_dict()
    if as_json:
        print_json(told)
    else:
        show_overview(told)


def show_overview(told: Mapping[str, Any]) -> None:
    """Print an overview, as `Overview.as_dict` gives it, as tables."""
    print_table(["rows", ""], [[_words(name), count] for name, count in told["rows"].items()], right=[""])
    fires = [[entry, _counts(states)] for entry, states in told["fires"].items()]
    print_table(["fires", ""], [*fires, ["flow runs", _counts(told["flow_runs"])]], title="")
    _show_champion(told["champion"], told["champion_error"])
    if told["quality"]:
        quality = told["quality"]
        say(f"\nquality of {quality['subject']}: {quality['score']:.3f} of {quality['checked']} checks")
    for signal in told["signals"]:
        say(f"signal {signal['severity']}: {signal['message']}", "yellow")
    _show_predictions(told["next_predictions"])


def _show_champion(champion: Mapping[str, Any] | None, error: str | None) -> None:
    if champion is None:
        say(f"\nno champion yet{f': {error}' if error else ''}", "yellow")
        return
    metrics = champion["metrics"]
    rows = [
        [who, *(metrics.get(f"{start}{score}") for score in _SCORES)]
        for who, start in _SCORED
        if f"{start}log_loss" in metrics
    ]
    matches = f", scored on {metrics['n_eval']:.0f} matches" if "n_eval" in metrics else ""
    title = f"\n{champion['name']} version {champion['version']}{matches}"
    names = ["", *(_words(score) for score in _SCORES)]
    print_table(names, rows, title=title, right=names[1:])


def _show_predictions(predictions: list[dict[str, Any]]) -> None:
    if not predictions:
        say("\nno predictions yet", "yellow")
        return
    rows = [
        [
            datetime.fromisoformat(row["kickoff_utc"]).strftime("%Y-%m-%d %H:%M"),
            row["competition"], f"{row['home_team']} - {row['away_team']}",
            _three(row["model"]), _three(row["market"]),
        ]
        for row in predictions
    ]  # fmt: skip
    print_table(
        ["kick-off (UTC)", "competition", "match", "model 1 X 2", "market 1 X 2"], rows, title="\nnext"
    )


def _three(probabilities: Mapping[str, float] | None) -> str:
    names = ("home", "draw", "away")
    return " ".join(f"{probabilities[name]:.3f}" for name in names) if probabilities else ""


def _counts(states: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in states.items()) or "none"


def _words(name: str) -> str:
    return name.replace("_", " ")
