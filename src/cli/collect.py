"""`matchbeat collect`: one run of a collection, now and in the foreground, and how the odds stand."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from src.cli.instant import day, instant
from src.cli.output import AsJson

app = typer.Typer(
    help="Collect once, in the foreground, without Beat and Prefect; and how the odds stand.",
    no_args_is_help=True,
)

_SEASON = re.compile(r"\d{4}-\d{4}")


class ModeName(StrEnum):
    """A mode of odds collection."""

    REGULAR = "regular"
    LIVE = "live"
    HYBRID = "hybrid"
    SMART = "smart"


class MarketName(StrEnum):
    """A market whose changes are collected."""

    ONE_X_TWO = "1x2"
    ASIAN_HANDICAP = "ah"
    OVER_UNDER = "ou"


_Hours = Annotated[int | None, typer.Option(min=1, max=8784, help="Of live and smart; 2.")]
_RegularHours = Annotated[int | None, typer.Option(min=1, max=8784, help="Of hybrid; 1.")]
_LiveHours = Annotated[int | None, typer.Option(min=1, max=8784, help="Of hybrid; 2.")]
_Seasons = Annotated[
    list[str] | None, typer.Option("--season", help="As 2025-2026; may be repeated. The current one.")
]
_Since = Annotated[str | None, typer.Option(help="First kick-off, UTC; two days ago.")]
_Until = Annotated[str | None, typer.Option(help="Kick-offs before this, UTC; now.")]


@app.command("odds")
def odds(
    mode: Annotated[
        ModeName,
        typer.Option(
            help="regular: the coming days; live: what is about to start; hybrid: both, and a cleaning; "
            "smart: live, where the coming kick-offs ask for it now."
        ),
    ],
    days_ahead: Annotated[int | None, typer.Option(min=1, max=366, help="Of regular; 1.")] = None,
    hours_ahead: _Hours = None,
    regular_hours_ahead: _RegularHours = None,
    live_hours_ahead: _LiveHours = None,
    no_live: Annotated[bool, typer.Option("--no-live", help="Of hybrid: without the live window.")] = False,
    cleanup_days: Annotated[
        int | None, typer.Option(min=1, max=36_600, help="Of hybrid: older fine-grained odds go; 7.")
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(min=1, max=1000, help="So many payloads are written at a time.")
    ] = None,
    max_concurrency: Annotated[
        int | None,
        typer.Option(min=1, max=100, help="So many requests at once; TITAN_MAX_CONCURRENCY caps it."),
    ] = None,
    matches: Annotated[
        int | None, typer.Option(min=1, help="At most so many matches of a window, most imminent first.")
    ] = None,
    with_fixtures: Annotated[
        bool, typer.Option("--with-fixtures", help="Collect FotMob's day lists of the window first.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Collect Titan007's odds once; a match that fails does not stop the others.

    Exit code 1 where the source was given up on the way, 3 where nothing arrived; smart mode that has nothing
    to do says when it has, and ends with 0.

    Example: matchbeat collect odds --mode live --hours-ahead 3
    """
    from src.cli.collect_run import run_odds

    given: dict[str, Any] = {
        "days_ahead": days_ahead,
        "hours_ahead": hours_ahead,
        "regular_hours_ahead": regular_hours_ahead,
        "live_hours_ahead": live_hours_ahead,
        "enable_live": False if no_live else None,
        "cleanup_days": cleanup_days,
        "batch_size": batch_size,
        "max_concurrency": max_concurrency,
    }
    chosen = {name: value for name, value in given.items() if value is not None}
    run_odds(mode.value, chosen, most_matches=matches, with_fixtures=with_fixtures, as_json=as_json)


@app.command("fixtures")
def fixtures(
    since: Annotated[str | None, typer.Option(help="First UTC date; two days ago.")] = None,
    until: Annotated[str | None, typer.Option(help="Last UTC date; in ten days.")] = None,
    as_json: AsJson = False,
) -> None:
    """Collect FotMob's day lists: the matches that all else hangs on.

    Example: matchbeat collect fixtures --since 2026-03-01 --until 2026-03-08
    """
    from src.cli.collect_run import run_fixtures

    first = None if since is None else day("--since", since)
    last = None if until is None else day("--until", until)
    run_fixtures(first, last, as_json=as_json)


@app.command("details")
def details(since: _Since = None, until: _Until = None, as_json: AsJson = False) -> None:
    """Collect FotMob's figures of finished matches that have none yet.

    Example: matchbeat collect details --since 2026-03-01
    """
    from src.cli.collect_run import run_details

    run_details(*_window(since, until), as_json=as_json)


@app.command("reports")
def reports(since: _Since = None, until: _Until = None, as_json: AsJson = False) -> None:
    """Collect FBref's pages of played matches that have none yet, one every FBREF_INTERVAL_SECONDS.

    Example: matchbeat collect reports --since 2026-03-01
    """
    from src.cli.collect_run import run_reports

    run_reports(*_window(since, until), as_json=as_json)


@app.command("leagues")
def leagues(seasons: _Seasons = None, as_json: AsJson = False) -> None:
    """Collect whole seasons of the watched competitions from FotMob, one page each.

    Example: matchbeat collect leagues --season 2024-2025 --season 2025-2026
    """
    from src.cli.collect_run import run_leagues

    _check_seasons(seasons)
    run_leagues(seasons, as_json=as_json)


@app.command("changes")
def changes(
    since: _Since = None,
    until: _Until = None,
    markets: Annotated[
        list[MarketName] | None, typer.Option("--market", help="May be repeated. All of them.")
    ] = None,
    bookmakers: Annotated[
        list[str] | None,
        typer.Option(
            "--bookmaker",
            metavar="ID",
            help="Whose lines, by the number on Titan007's pages of lines; may be repeated. 47, 8 and 3.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Collect every change of Titan007's prices from opening to closing, on matches that are linked.

    A page for each match, line market and bookmaker, and a script with all bookmakers' 1x2.

    Example: matchbeat collect changes --since 2026-03-01 --market ah --bookmaker 47
    """
    from src.cli.collect_run import run_changes

    run_changes(*_window(since, until), markets or tuple(MarketName), bookmakers, as_json=as_json)


@app.command("schedules")
def schedules(seasons: _Seasons = None, as_json: AsJson = False) -> None:
    """Collect FBref's schedules, a page every FBREF_INTERVAL_SECONDS.

    Example: matchbeat collect schedules --season 2024-2025 --season 2025-2026
    """
    from src.cli.collect_run import run_schedules

    _check_seasons(seasons)
    run_schedules(seasons, as_json=as_json)


def _window(since: str | None, until: str | None) -> tuple[datetime | None, datetime | None]:
    """Read both ends of a window; None where one is not told."""
    return (
        None if since is None else instant("--since", since),
        None if until is None else instant("--until", until),
    )


def _check_seasons(seasons: list[str] | None) -> None:
    for season in seasons or ():
        if not _SEASON.fullmatch(season) or int(season[5:]) != int(season[:4]) + 1:
            raise typer.BadParameter(f"--season: {season!r} is no season, for example 2025-2026")


@app.command("status")
def status(
    runs: Annotated[int, typer.Option(min=1, max=1000, help="So many last runs of each entry.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Show what of the odds is due next and why, and what the last runs of each mode brought.

    Example: matchbeat collect status --runs 3
    """
    from src.cli.collect_status import show_status

    show_status(runs, as_json=as_json)
