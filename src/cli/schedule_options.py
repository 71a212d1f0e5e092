"""The options of `matchbeat schedule edit` that make a cadence or a policy, and what they mean together."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from src.cli.instant import instant

if TYPE_CHECKING:
    from src.domain.entry import Cadence, DensityStep

#: What takes back an earlier edit of a policy's field; `--catch-up none` is a policy of its own.
_BACK = {"none", "declared"}
_BACK_OF_CATCH_UP = {"declared"}

_STEPS = "20/3600/120,5/3600/300,1/7200/600"


def _option(flag: str, text: str, back: str = "none") -> Any:
    return typer.Option(flag, help=f"{text}; `{back}` takes back an earlier edit.", rich_help_panel="Policy")


Cron = Annotated[str | None, typer.Option(help="Five fields, or six with seconds in front.")]
Timezone = Annotated[str, typer.Option(help="IANA zone of --cron.")]
Every = Annotated[float | None, typer.Option(help="Interval in seconds.")]
At = Annotated[str | None, typer.Option(help="Once, at this time; UTC where it names no zone.")]
DensitySteps = Annotated[
    str | None,
    typer.Option(
        "--density", help=f"Steps matches/within/every (seconds), the first that holds: {_STEPS!r}."
    ),
]

OverlapWord = Annotated[
    str | None,
    _option("--overlap", "While an earlier fire is open: allow, skip, buffer_one, buffer_all, cancel_other"),
]
BufferLimit = Annotated[str | None, _option("--buffer-limit", "So many fires at most wait in line")]
CatchUpWord = Annotated[
    str | None, _option("--catch-up", "What passed unled: none, latest or all", "declared")
]
CatchUpWindow = Annotated[str | None, _option("--catch-up-window", "Older due times are missed, seconds")]
CatchUpLimit = Annotated[str | None, _option("--catch-up-limit", "So many due times at most are caught up")]
PauseAfter = Annotated[str | None, _option("--pause-after", "Pause after so many failures in a row")]
Jitter = Annotated[str | None, _option("--jitter", "Delay each due time by up to so many seconds")]
Start = Annotated[str | None, _option("--start", "Nothing is due before this time")]
End = Annotated[str | None, _option("--end", "Nothing is due after this time")]
Retries = Annotated[str | None, _option("--retries", "Run again so often where its worker crashed")]
MaxFires = Annotated[str | None, _option("--max-fires", "So many fires from now on, then no more")]
Expires = Annotated[str | None, _option("--expires", "A fire not begun within so many seconds expires")]


def cadence_of(
    cron: str | None, timezone: str, every: float | None, at: str | None, density: str | None
) -> "Cadence | None":
    """Return the cadence that the options ask for, None where there are none; refuse two at once."""
    from src.domain.entry import Cron, Density, Interval, OneOff

    given = {"--cron": cron, "--every": every, "--at": at, "--density": density}
    named = [flag for flag, value in given.items() if value is not None]
    if len(named) > 1:
        raise typer.BadParameter(f"give {' or '.join(named)}, not both, for example --every 600")
    if cron is None and timezone != "UTC":
        raise typer.BadParameter("--timezone belongs to --cron, for example --cron '0 2 * * *'")
    if cron is not None:
        return Cron(expression=cron, timezone=timezone)
    if at is not None:
        return OneOff(at=instant("--at", at))
    if density is not None:
        return Density(steps=tuple(_step(part) for part in density.split(",")))
    return None if every is None else Interval(every_s=every)


def policy_of(given: Mapping[str, str | None]) -> dict[str, Any] | None:
    """Return the policy's fields as they are stored; `given` are the options' texts by field."""
    fields: dict[str, Any] = {}
    for name, text in given.items():
        if text is not None:
            back = _BACK_OF_CATCH_UP if name == "catch_up" else _BACK
            fields[name] = None if text.lower() in back else _READ[name](name, text)
    return fields or None


def _step(text: str) -> "DensityStep":
    from src.domain.entry import DensityStep

    try:
        matches, within_s, every_s = text.split("/")
        return DensityStep(matches=int(matches), within_s=float(within_s), every_s=float(every_s))
    except ValueError:
        raise typer.BadParameter(
            f"--density: {text!r} is no matches/within/every, for example {_STEPS!r}"
        ) from None


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _word(_name: str, text: str) -> str:
    return text


def _count(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(f"{_flag(name)}: {text!r} is no whole number, for example 10") from None


def _seconds(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise typer.BadParameter(f"{_flag(name)}: {text!r} are no seconds, for example 600") from None


def _moment(name: str, text: str) -> str:
    return instant(_flag(name), text).isoformat()


_READ: dict[str, Callable[[str, str], Any]] = {
    "overlap": _word,
    "buffer_limit": _count,
    "catch_up": _word,
    "catch_up_window": _seconds,
    "catch_up_limit": _count,
    "pause_after": _count,
    "jitter": _seconds,
    "start": _moment,
    "end": _moment,
    "max_fires": _count,
    "retries": _count,
    "expires": _seconds,
}
