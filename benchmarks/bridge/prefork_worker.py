"""A Prefect worker that forks each flow run from a process with all imports, and is woken through Redis."""

import multiprocessing
import os
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import anyio
import redis.asyncio
from anyio.abc import TaskStatus
from prefect.client.schemas.objects import FlowRun
from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorker, BaseWorkerResult

#: The name of the work pool, of its type, and of the list in Redis by which the worker is woken.
POOL = "prefork"
#: The standard library's own fork server: a process that imports, and forks when it is asked to.
_FORKS = multiprocessing.get_context("forkserver")


class PreforkResult(BaseWorkerResult):
    """How the process of a flow run ended."""


class PreforkWorker(BaseWorker[BaseJobConfiguration, BaseVariables, PreforkResult]):
    """Runs each flow run of its work pool in a process of its own, forked with everything imported."""

    type = POOL
    job_configuration = BaseJobConfiguration

    async def run(
        self,
        flow_run: FlowRun,
        configuration: BaseJobConfiguration,
        task_status: TaskStatus[int] | None = None,
    ) -> PreforkResult:
        """Have a process forked for the flow run, and wait for its end."""
        process = _FORKS.Process(target=_run, args=(flow_run.id, configuration.env))
        process.start()
        if task_status is not None:
            task_status.started(process.pid or 0)
        await anyio.wait_readable(process.sentinel)
        process.join()
        return PreforkResult(identifier=str(process.pid), status_code=process.exitcode or 0)


async def serve() -> None:
    """Start the fork server, then the worker, which polls as often as Prefect's settings say."""
    _FORKS.set_forkserver_preload(["benchmarks.bridge.prefork_flows", __name__])
    _FORKS.Process(target=_nothing).start()
    worker = PreforkWorker(work_pool_name=POOL)
    async with anyio.create_task_group() as group:
        group.start_soon(_woken, worker)
        group.start_soon(worker.start)


async def _woken(worker: PreforkWorker) -> None:
    """Look for flow runs at once, each time that somebody says that there is one."""
    async with redis.asyncio.from_url(os.environ["REDIS_URL"], socket_timeout=None) as link:
        while True:
            await link.blpop([POOL])
            await worker.get_and_submit_flow_runs()


def _run(run_id: UUID, environment: Mapping[str, str | None]) -> None:
    """Do in a forked process what `python -m prefect.engine` does in a new one."""
    os.environ.update({name: value for name, value in environment.items() if value is not None})
    from prefect.context import SyncClientContext
    from prefect.engine import handle_engine_signals
    from prefect.events.worker import EventsWorker
    from prefect.flow_engine import run_flow
    from prefect.logging.handlers import APILogWorker

    from benchmarks.bridge.prefork_flows import FLOWS

    # One client for all requests: to make one takes as long as several of them.
    with handle_engine_signals(run_id), SyncClientContext() as held:
        flow: Any = FLOWS[os.environ["PREFECT__FLOW_NAME"]]
        run_flow(flow, flow_run=held.client.read_flow_run(run_id), return_type="state")
    for service in (APILogWorker, EventsWorker):
        service.drain_all(timeout=5)


def _nothing() -> None:
    """The first process that is asked for has the fork server import everything."""
