"""A supervisor with a real Postgres, a real Valkey and two dummies, run as a process of its own."""

import asyncio
import sys
from pathlib import Path

from src.core.clock import SystemClock
from src.core.settings import load_settings
from src.stack.events import Event
from src.stack.health import log_says
from src.stack.plan import Plan
from src.stack.service import Service
from src.stack.services import addresses, declare, environment, select
from src.stack.supervisor import Supervisor

FAMILY = Path(__file__).with_name("family.py")


def report(event: Event) -> None:
    name = event.service.name if event.service else ""
    sys.stdout.write(f"{event.kind} {name} {event.state or ''} {event.text}\n")
    sys.stdout.flush()


def dummy(plan: Plan, name: str, *arguments: str) -> Service:
    return Service(
        name=name,
        argv=(sys.executable, str(FAMILY), *arguments),
        depends_on=("postgres",),
        check=log_says(plan.home.log_file(name), "family is here"),
        grace_s=0.5,
    )


def main() -> None:
    plan = Plan(settings=load_settings(with_stack=False))
    plan.home.make()
    services = [
        *select(declare(plan), ["postgres", "redis"]),
        dummy(plan, "family"),
        dummy(plan, "orphans", "--orphan"),
    ]
    with plan.home.lock() as lock_fd:
        plan.home.write_addresses(addresses(plan))
        supervisor = Supervisor(
            services,
            home=plan.home,
            env=environment(plan),
            lock_fd=lock_fd,
            clock=SystemClock(),
            report=report,
        )
        asyncio.run(supervisor.run())
        plan.home.remove_state()


if __name__ == "__main__":
    main()
