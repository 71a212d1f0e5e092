"""Shows on the console what the supervisor reports."""

from src.cli.output import console, error_console
from src.core.logging import redact
from src.stack.events import Event, Kind
from src.stack.service import State

_STYLES = {
    State.READY: "green",
    State.EXTERNAL: "green",
    State.DONE: "green",
    State.RESTARTING: "yellow",
    State.FAILED: "bold red",
}
#: States that a start passes through and nobody needs a line for.
_SILENT = {State.WAITING, State.STARTING, State.STOPPING}


class Progress:
    """Prints one line for each thing worth knowing; called by the supervisor."""

    def __init__(self, *, to_stderr: bool = False, width: int = 15) -> None:
        self._width = width
        self._console = error_console() if to_stderr else console()

    def __call__(self, event: Event) -> None:
        """Print the event, if it is worth a line."""
        name = event.service.name.ljust(self._width) if event.service else ""
        if event.kind is Kind.LINE:
            self._say(f"{name}| {redact(event.text)}")
        elif event.kind is Kind.NOTE:
            self._say(f"{name}{redact(event.text)}", "yellow")
        elif event.kind is Kind.STATE and event.state is not None and event.state not in _SILENT:
            self._state(name, event, event.state)

    def _state(self, name: str, event: Event, state: State) -> None:
        took = f" in {event.took_s:.1f} s" if event.took_s is not None else ""
        where = event.service.address if event.service and state.satisfied else ""
        line = "  ".join(part for part in (f"{state}{took}", where, redact(event.text)) if part)
        self._say(f"{name}{line}", _STYLES.get(state))

    def _say(self, text: str, style: str | None = None) -> None:
        self._console.print(text, style=style, markup=False)
