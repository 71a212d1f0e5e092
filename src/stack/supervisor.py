"""Starts services in the order of their dependencies, keeps them running, and ends them in reverse order."""

import asyncio
import signal
import time
from collections.abc import Mapping, Sequence

import psutil

from src.core.clock import Clock
from src.core.errors import MatchbeatError, Transient
from src.core.logging import redact
from src.stack.events import Event, Kind, Report
from src.stack.health import START_MARK
from src.stack.home import Home
from src.stack.logs import Tail, last_lines, trim
from src.stack.service import Service, State, Wish
from src.stack.unit import Backoff, Unit, adopt_orphans, kill_orphans

_POLL_S = 0.1


class Supervisor:
    """Runs `services` until it is told to stop; `run` is called once, on the main thread.

    Guarantees: a service starts after all that it depends on are ready; one that ends is started again with
    back-off; when `run` returns, or raises, no process of any service is left.
    """

    def __init__(
        self,
        services: Sequence[Service],
        *,
        home: Home,
        env: Mapping[str, str],
        lock_fd: int,
        clock: Clock,
        report: Report,
        start_timeout_s: float = 120,
        verbose: bool = False,
        remembered: Mapping[str, object] | None = None,
    ) -> None:
        self._home, self._env, self._lock_fd, self._report = home, env, lock_fd, report
        self._start_timeout_s, self._verbose = start_timeout_s, verbose
        self._remembered = dict(remembered or {})
        self._units = {service.name: Unit(service, home, clock) for service in services}
        self._stop = asyncio.Event()
        self._failure: BaseException | None = None
        self._ready = False
        self._began = time.monotonic()
        self._created = psutil.Process().create_time()

    def stop(self) -> None:
        """Ask for the end; asked again, the services are killed without their grace."""
        if self._stop.is_set():
            for unit in self._units.values():
                unit.signal(signal.SIGQUIT)
        self._stop.set()

    async def run(self) -> None:
        """Start everything, stay until `stop`, end everything.

        Raises Transient where a server of the user's own does not answer in time, MatchbeatError where a
        service does not start.
        """
        self._listen()
        adopt_orphans()
        self._write_state()
        tasks = [asyncio.create_task(self._live(unit)) for unit in self._units.values()]
        for task in tasks:
            task.add_done_callback(self._note_failure)
        background = [asyncio.create_task(self._echo()), asyncio.create_task(self._trim_logs())]
        try:
            await self._stop.wait()
        finally:
            for task in (*tasks, *background):
                task.cancel()
            await asyncio.gather(*tasks, *background, return_exceptions=True)
            await asyncio.gather(*(self._end(unit) for unit in self._units.values()))
        if self._failure is not None:
            raise self._failure

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.stop)
        loop.add_signal_handler(signal.SIGCHLD, self._poll_children)
        loop.add_signal_handler(signal.SIGUSR1, self._read_requests)

    def _poll_children(self) -> None:
        for unit in self._units.values():
            unit.poll()

    def _note_failure(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and task.exception() is not None:
            self._failure = self._failure or task.exception()
            self._stop.set()

    async def _live(self, unit: Unit) -> None:
        for need in unit.service.depends_on:
            if need in self._units:
                await self._units[need].satisfied.wait()
        if unit.service.external:
            await self._await_external(unit)
            return
        backoff = Backoff()
        attempts = 0
        while True:
            backoff.started()
            self._enter(unit, State.STARTING)
            if unit.service.prepare is not None:
                await asyncio.to_thread(unit.service.prepare)
            unit.spawn(self._env, self._lock_fd)
            if await self._becomes_ready(unit):
                if unit.service.one_shot:
                    return
                attempts = -1  # it has been ready once: from now on it is started again for ever
                await unit.ended.wait()
            kill_orphans({each.pid for each in self._units.values() if each.pid})
            if not unit.wanted.is_set():
                self._enter(unit, State.STOPPED, f"stopped on request; `matchbeat up {unit.service.name}`")
                await unit.wanted.wait()
                continue
            attempts += attempts >= 0
            if attempts >= unit.service.attempts and self._gives_up(unit):
                return
            await self._pause(unit, backoff)

    async def _becomes_ready(self, unit: Unit) -> bool:
        """Wait until the service is ready (or, for a one-shot, done) or has ended; tell which."""
        began = time.monotonic()
        if unit.service.one_shot:
            await unit.ended.wait()
            if unit.exit_code == 0:
                self._enter(unit, State.DONE, took_s=time.monotonic() - began)
            return unit.exit_code == 0
        while not await self._answers(unit):
            if await unit.ended_within(_POLL_S):
                return False
            if time.monotonic() - began > self._start_timeout_s and not unit.satisfied.is_set():
                raise MatchbeatError(
                    f"{unit.service.name} was not ready within {self._start_timeout_s:g} s "
                    f"({unit.detail}): see {unit.log}"
                )
        self._enter(unit, State.READY, took_s=time.monotonic() - began)
        return True

    async def _answers(self, unit: Unit) -> bool:
        if unit.service.check is None:
            return True
        try:
            await asyncio.to_thread(unit.service.check)
        except ImportError:
            raise  # no waiting will mend that
        except Exception as error:  # any client's error means: not yet; the reason is kept for the time-out
            unit.detail = redact((str(error).strip().splitlines() or [type(error).__name__])[0])[:200]
            return False
        return not unit.ended.is_set() or unit.service.external

    async def _await_external(self, unit: Unit) -> None:
        began = time.monotonic()
        next_note = 0.0
        self._enter(unit, State.STARTING, "runs elsewhere; asking whether it answers")
        while not await self._answers(unit):
            waited_s = time.monotonic() - began
            if waited_s >= next_note:
                next_note = waited_s + 5
                left_s = max(0.0, self._start_timeout_s - waited_s)
                self._note(unit, f"waiting for {unit.service.address}, {left_s:.0f} s more: {unit.detail}")
            if waited_s > self._start_timeout_s:
                raise Transient(
                    f"{unit.service.name} at {unit.service.address} did not answer within "
                    f"{self._start_timeout_s:g} s ({unit.detail}): {unit.service.advice}"
                )
            await asyncio.sleep(0.5)
        self._enter(unit, State.EXTERNAL, took_s=time.monotonic() - began)

    def _gives_up(self, unit: Unit) -> bool:
        """Settle a service that never became ready: note an optional one's failure, or fail the start."""
        lines = [line for line in last_lines(self._home.log_file(unit.service.name), 6) if line.strip()]
        what = f"{unit.service.name} ended with code {unit.exit_code} before it was ready"
        if not unit.service.optional:
            raise MatchbeatError("\n    ".join([f"{what}: see {unit.log}", *lines]))
        self._enter(unit, State.FAILED, f"{what}: see {unit.log}")
        return True

    async def _pause(self, unit: Unit, backoff: Backoff) -> None:
        unit.restarts += 1
        if unit.restart_wanted:
            unit.restart_wanted = False
            self._enter(unit, State.RESTARTING, "restarted on request")
            return
        wait_s = backoff.failed()
        self._enter(unit, State.RESTARTING, f"ended with code {unit.exit_code}; starts again in {wait_s:g} s")
        await asyncio.sleep(wait_s)

    def _read_requests(self) -> None:
        """Do what the files in the home's requests folder ask, each for the service of its name."""
        for file in self._home.requests.iterdir():
            wish = Wish(file.read_text() or Wish.RESTART)
            file.unlink(missing_ok=True)
            if (unit := self._units.get(file.name)) is None:
                continue
            if wish is Wish.STOP:
                unit.wanted.clear()
            else:
                unit.wanted.set()
            if wish is not Wish.START and unit.pid is not None:
                unit.restart_wanted = wish is Wish.RESTART
                unit.signal(signal.SIGTERM)

    async def _end(self, unit: Unit) -> None:
        """End one service after all that depend on it."""
        for other in self._units.values():
            if unit.service.name in other.service.depends_on:
                await other.stopped.wait()
        if unit.pid is not None:
            self._enter(unit, State.STOPPING)
            await unit.stop()
            self._enter(unit, State.STOPPED)
        unit.stopped.set()

    def _enter(self, unit: Unit, state: State, detail: str = "", took_s: float | None = None) -> None:
        unit.enter(state, detail)
        self._write_state()
        self._report(Event(kind=Kind.STATE, service=unit.service, state=state, text=detail, took_s=took_s))
        required = [each for each in self._units.values() if not each.service.optional]
        if not self._ready and all(each.satisfied.is_set() for each in required):
            self._ready = True
            self._write_state()
            self._report(Event(kind=Kind.READY, took_s=time.monotonic() - self._began))

    def _note(self, unit: Unit, text: str) -> None:
        self._report(Event(kind=Kind.NOTE, service=unit.service, text=text))

    def _write_state(self) -> None:
        phase = "stopping" if self._stop.is_set() else "ready" if self._ready else "starting"
        self._home.write_state(
            {
                "pid": psutil.Process().pid,
                "created": self._created,
                "phase": phase,
                **self._remembered,
                "services": [unit.as_dict() for unit in self._units.values()],
            }
        )

    async def _echo(self) -> None:
        """Report the lines that services log: all of them, or those of services that ask for it."""
        mark = START_MARK.decode()
        tails = {
            unit: Tail(self._home.log_file(name))
            for name, unit in self._units.items()
            if self._verbose or unit.service.echo
        }
        while tails:
            await asyncio.sleep(_POLL_S)
            for unit, tail in tails.items():
                for line in tail.read():
                    if not line.startswith(mark):
                        self._report(Event(kind=Kind.LINE, service=unit.service, text=line))

    async def _trim_logs(self) -> None:
        while True:
            await asyncio.sleep(60)
            for name in self._units:
                trim(self._home.log_file(name))
