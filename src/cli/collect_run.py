"""What the commands of `matchbeat collect` do once their options are read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import typer

from src.cli.collect_output import as_dict, end, progress_of, show_outcomes, show_warnings
from src.cli.output import as_text, print_json, say
from src.domain.odds import Market
from src.domain.summary import SourceSummary
from src.pipeline.collect import (
    collect_changes,
    collect_details,
    collect_fixtures,
    collect_leagues,
    collect_reports,
    collect_schedules,
)
from src.pipeline.collect_mode import ModeRun, collect_mode
from src.pipeline.context import Context, context
from src.pipeline.odds_modes import Hybrid, Live, Mode, OddsWindow, Regular
from src.pipeline.smart import Verdict, collect_smart

#: The steps' names, as the results of flows have them.
_ODDS, _FIXTURES, _DETAILS = "titan007", "fotmob-fixtures", "fotmob-details"
_SCHEDULES, _REPORTS, _CHANGES = "fbref", "fbref-reports", "titan007-changes"
_LEAGUES = "fotmob-leagues"

_SMART = "smart"
_MODES: dict[str, type[Mode]] = {"regular": Regular, "live": Live, "hybrid": Hybrid, _SMART: Live}

#: What the daily collection asks for, in days.
_DAYS_BACK, _DAYS_AHEAD = 2, 10


def run_odds(
    name: str, given: Mapping[str, Any], *, most_matches: int | None, with_fixtures: bool, as_json: bool
) -> None:
    """Run a mode of odds collection, with `given` in place of its own numbers."""
    mode = _mode(name, given)
    show_warnings()
    ctx = context()
    outcomes: dict[str, SourceSummary] = {}
    if with_fixtures:
        outcomes[_FIXTURES] = _fixtures_of(ctx, mode.windows(ctx.clock.now()), quiet=as_json)
    progress = partial(progress_of, ctx, quiet=as_json)
    verdict: Verdict | None = None
    run: ModeRun | None
    if name == _SMART:
        smart = collect_smart(ctx, given, most_matches=most_matches, progress=progress)
        verdict, run = smart.verdict, smart.run
    else:
        run = collect_mode(ctx, mode, most_matches=most_matches, progress=progress)
    if run is not None:
        outcomes[_ODDS] = run.summary
    if as_json:
        windows = [{"since": window.since, "until": window.until} for window in run.windows] if run else []
        told = {"mode": name, "windows": windows, "sources": as_dict(outcomes)}
        print_json({**told, "cleaned": run and run.cleaned, "smart": verdict})
    else:
        _show(name, outcomes, run, verdict)
    end(outcomes)


def run_fixtures(since: date | None, until: date | None, *, as_json: bool) -> None:
    """Collect FotMob's day lists, both days included."""
    show_warnings()
    ctx = context()
    today = ctx.clock.now().date()
    first, last = since or today - timedelta(days=_DAYS_BACK), until or today + timedelta(days=_DAYS_AHEAD)
    _check_order(first, last)
    progress = progress_of(ctx, _FIXTURES, quiet=as_json)
    _finish(_FIXTURES, collect_fixtures(ctx, since=first, until=last, progress=progress), as_json=as_json)


def run_details(since: datetime | None, until: datetime | None, *, as_json: bool) -> None:
    """Collect FotMob's figures of matches that kicked off in the window."""
    _run_played(_DETAILS, collect_details, since, until, as_json=as_json)


def run_reports(since: datetime | None, until: datetime | None, *, as_json: bool) -> None:
    """Collect FBref's pages of matches that kicked off in the window."""
    _run_played(_REPORTS, collect_reports, since, until, as_json=as_json)


def run_changes(
    since: datetime | None,
    until: datetime | None,
    markets: Sequence[str],
    bookmakers: Sequence[str] | None,
    *,
    as_json: bool,
) -> None:
    """Collect the changes of Titan007's prices on matches that kick off in the window."""
    chosen: dict[str, Any] = {"markets": [Market(market) for market in dict.fromkeys(markets)]}
    if bookmakers:
        chosen["bookmakers"] = list(dict.fromkeys(bookmakers))
    _run_played(_CHANGES, partial(collect_changes, **chosen), since, until, as_json=as_json)


def _run_played(
    step: str,
    collect: Callable[..., SourceSummary],
    since: datetime | None,
    until: datetime | None,
    *,
    as_json: bool,
) -> None:
    show_warnings()
    ctx = context()
    now = ctx.clock.now()
    first, last = since or now - timedelta(days=_DAYS_BACK), until or now
    _check_order(first, last)
    progress = progress_of(ctx, step, quiet=as_json)
    _finish(step, collect(ctx, since=first, until=last, progress=progress), as_json=as_json)


def run_leagues(seasons: Sequence[str] | None, *, as_json: bool) -> None:
    """Collect FotMob's leagues in some seasons, without any the current one's."""
    _run_seasons(_LEAGUES, collect_leagues, seasons, as_json=as_json)


def run_schedules(seasons: Sequence[str] | None, *, as_json: bool) -> None:
    """Collect FBref's schedules of some seasons, without any the current one's."""
    _run_seasons(_SCHEDULES, collect_schedules, seasons, as_json=as_json)


def _run_seasons(
    step: str, collect: Callable[..., SourceSummary], seasons: Sequence[str] | None, *, as_json: bool
) -> None:
    show_warnings()
    ctx = context()
    progress = progress_of(ctx, step, quiet=as_json)
    _finish(step, collect(ctx, seasons=seasons or None, progress=progress), as_json=as_json)


def _mode(name: str, given: Mapping[str, Any]) -> Mode:
    kind = _MODES[name]
    takes = [field.name for field in fields(kind)]
    if foreign := [option for option in given if option not in takes]:
        told, known = (", ".join(map(_flag, names)) for names in (foreign, takes))
        raise typer.BadParameter(f"{told}: not an option of --mode {name}, which takes {known}")
    return kind(**given)


def _flag(option: str) -> str:
    return "--no-live" if option == "enable_live" else f"--{option.replace('_', '-')}"


def _check_order(since: date, until: date) -> None:
    if since > until:
        raise typer.BadParameter(f"--since {since} is after --until {until}")


def _fixtures_of(ctx: Context, windows: Sequence[OddsWindow], *, quiet: bool) -> SourceSummary:
    return collect_fixtures(
        ctx,
        since=min(window.since for window in windows).date(),
        until=max(window.until for window in windows).date(),
        progress=progress_of(ctx, _FIXTURES, quiet=quiet),
    )


def _finish(step: str, summary: SourceSummary, *, as_json: bool) -> None:
    outcomes = {step: summary}
    print_json({"sources": as_dict(outcomes)}) if as_json else show_outcomes(outcomes)
    end(outcomes)


def _show(
    name: str, outcomes: Mapping[str, SourceSummary], run: ModeRun | None, verdict: Verdict | None
) -> None:
    if verdict is not None:
        say(("due: " if run else "not due: ") + verdict.reason)
        say(f"{verdict.cadence}; {verdict.kickoffs}")
        say(f"next due {as_text(verdict.next_due)} UTC" if verdict.next_due else "nothing is due next")
    for window in run.windows if run else ():
        say(f"{name}: kick-offs from {as_text(window.since)} to {as_text(window.until)} UTC")
    if outcomes:
        show_outcomes(outcomes)
    if run is not None and not run.summary.requested:
        say(
            "nothing to ask for: no known match of these kick-offs still lacks its closing odds"
            " (`matchbeat collect fixtures` brings the matches that are missing)",
            "yellow",
        )
    if run is not None and run.cleaned is not None:
        say("cleaned: " + ", ".join(f"{table} {rows}" for table, rows in run.cleaned.items()))
