"""Runs one stack from its plan to its end."""

import asyncio
from collections.abc import Callable, Sequence

from src.core.clock import SystemClock
from src.core.errors import Misconfigured
from src.stack.events import Event, Kind, Report
from src.stack.plan import Plan
from src.stack.ports import check_ports
from src.stack.service import Service
from src.stack.services import addresses, declare, environment, select
from src.stack.supervisor import Supervisor

#: Called with the supervisor before it starts, by whoever needs to stop it.
Started = Callable[[Supervisor], None]


def run_stack(
    plan: Plan,
    *,
    report: Report,
    names: Sequence[str] = (),
    verbose: bool = False,
    started: Started | None = None,
) -> None:
    """Run the plan's stack, or the named services and what they need, until it is stopped by a signal.

    Raises Misconfigured where a stack already runs in this home or a port is taken; as `Supervisor.run`.
    """
    plan.home.make()
    with plan.home.lock() as lock_fd:
        services = chosen(plan, names)
        check_ports(services)
        check_source(plan, services)
        if plan.postgres is not None and plan.postgres_place.note:
            report(Event(kind=Kind.NOTE, text=plan.postgres_place.note))
        remembered: dict[str, object] = {
            "live": plan.live,
            "first_run": plan.first_run,
            "history": str(plan.history.absolute()) if plan.history else None,
            "names": list(names),
            "sandboxed": plan.sandboxed,
        }
        plan.home.write_addresses(addresses(plan))
        try:
            asyncio.run(_run(plan, services, lock_fd, report, verbose, remembered, started))
        finally:
            plan.home.remove_state()


def check_source(plan: Plan, services: Sequence[Service]) -> None:
    """Raise Misconfigured where this home was filled from another source: their matches would mix."""
    if plan.sandboxed and "sandbox" not in {service.name for service in services}:
        return
    mark = plan.home.path / "source"
    before = mark.read_text().strip() if mark.exists() else plan.source
    if before != plan.source:
        raise Misconfigured(
            f"{plan.home.path} holds data from {before}, and this start asks for {plan.source}: "
            "set MATCHBEAT_HOME to another folder, or delete this one"
        )
    mark.write_text(f"{plan.source}\n")


def chosen(plan: Plan, names: Sequence[str]) -> list[Service]:
    """Return the services to start; raise Misconfigured for a name that is none."""
    services = declare(plan)
    known = [service.name for service in services]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise Misconfigured(f"no service is called {', '.join(unknown)}; there are {', '.join(known)}")
    return select(services, list(names))


async def _run(
    plan: Plan,
    services: list[Service],
    lock_fd: int,
    report: Report,
    verbose: bool,
    remembered: dict[str, object],
    started: Started | None,
) -> None:
    supervisor = Supervisor(
        services,
        home=plan.home,
        env=environment(plan),
        lock_fd=lock_fd,
        clock=SystemClock(),
        report=report,
        start_timeout_s=plan.settings.start_timeout_s,
        verbose=verbose,
        remembered=remembered,
    )
    if started is not None:
        started(supervisor)
    await supervisor.run()
