"""All that takes part when things break: Beats, Prefect behind a proxy, a broker, workers; and the faults."""

import os
import random
import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import sleep

import redis
from sqlalchemy import text

from src.database.connection import Database
from src.domain.fire import FireId
from src.scheduling.bridge.client import PrefectClient
from src.stack.valkey import ValkeyServer
from tests.faulty_proxy import Fault, FaultyProxy, faulty_proxy
from tests.integration.beats.flock import Flock, kill
from tests.integration.flows.beats import flow_beats
from tests.integration.flows.workers import start_worker, stop_worker, worker_environment
from tests.integration.tasks.conftest import with_group
from tests.ports import free_port
from tests.prefect_server import PrefectServer

#: So that a test need not wait for what is patient with good reason.
IMPATIENT = {
    "src.scheduling.outbox._SILENCE": 15,
    "src.scheduling.outbox._FLOW_SILENCE": 15,
    "src.scheduling.sweep.PATIENCE": 4,
    "src.scheduling.prefect_lane._RECONCILE_S": 3,
    "src.scheduling.prefect_lane._TIDY_S": 5,
    "src.scheduling.prefect_lane._PATROL_S": 5,
    "src.scheduling.pickup._FORGOTTEN": 10,
}

CREATE = "/create_flow_run"


class Broker:
    """A Valkey that is killed and started again on the same data and port."""

    def __init__(self, folder: Path) -> None:
        self.server = ValkeyServer(folder=folder, port=free_port(), password=secrets.token_hex(8))
        self.server.prepare()
        self.client = redis.Redis.from_url(self.server.url)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            self.server.argv(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 20
        while True:
            try:
                return self._ping()
            except redis.RedisError:
                if time.monotonic() > deadline:
                    raise
                sleep(0.02)

    def _ping(self) -> None:
        self.client.ping()

    def stop(self, number: signal.Signals = signal.SIGKILL) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(number)
            process.wait(20)


@dataclass
class Workers:
    """Celery workers by name; one that was killed is followed by one of the same name."""

    folder: Path
    environment: dict[str, str]
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def start(self, name: str) -> None:
        self.running[name] = start_worker(name, 2, self.environment, self.folder / f"worker-{name}.log")

    def kill(self, name: str) -> None:
        """Kill a worker and its children, as the loss of a machine does."""
        process = self.running.pop(name)
        with_group(process.pid, signal.SIGKILL)
        process.wait()

    def restart_dead(self) -> list[str]:
        """Start anew those that ended by themselves; return their names."""
        dead = [name for name, process in self.running.items() if process.poll() is not None]
        for name in dead:
            self.kill(name)
            self.start(name)
        return dead

    def stop(self) -> None:
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            stop_worker(process, 10)


@dataclass
class Scene:
    """What a fault may befall; `chance` decides when and to whom."""

    beats: Flock
    database: Database
    prefect: PrefectServer
    proxy: FaultyProxy
    broker: Broker
    workers: Workers
    chance: random.Random

    def client(self) -> PrefectClient:
        """Return a client that goes to Prefect by no proxy."""
        return PrefectClient(self.prefect.url)

    def wait_for(self, look: Callable[[], object], seconds: float) -> bool:
        """Wait until `look` is true, at most so long; return whether it was."""
        until = time.monotonic() + seconds
        while not look():
            if time.monotonic() > until:
                return False
            sleep(0.01)
        return True

    def some_time(self, at_most_s: float) -> None:
        """Let some time pass: a fault comes at no particular moment."""
        sleep(self.chance.random() * at_most_s)

    def effects(self) -> dict[FireId, int]:
        """Return how often each fire had its effect."""
        found = self.beats.query("select cast(fire as uuid), count(*) from effects group by 1")
        return {FireId(fire): int(count) for fire, count in found}

    def kill_prefect(self) -> str:
        self.prefect.kill()
        self.some_time(2)
        self.prefect.start()
        return "killed and started again"

    def cut_create(self) -> str:
        faults = [self.chance.choice([Fault.CUT, Fault.REFUSED]) for _ in range(self.chance.randint(1, 6))]
        self.proxy.fail(CREATE, *faults)
        struck = self.wait_for(lambda: not self.proxy.faults, 8)
        self.proxy.faults.clear()
        return f"{len(faults)} in a row" if struck else "fewer calls than cuts"

    def kill_child(self) -> str:
        """Kill the process that runs a flow just now."""
        pids: list[int] = []

        def look() -> bool:
            rows = self.beats.query(
                "select worker from fires where state = 'started' and worker like '%%/%%'"
                " order by started_at desc"
            )
            pids[:] = [int(worker.rpartition("/")[2]) for (worker,) in rows]
            return any(self._is_ours(pid) for pid in pids)

        if not self.wait_for(look, 8):
            return "no flow ran"
        self.some_time(0.3)
        pid = next((pid for pid in pids if self._is_ours(pid)), None)
        if pid is None:
            return "it had ended"
        with suppress(ProcessLookupError):
            kill(pid)
        return "in mid-flow"

    def _is_ours(self, pid: int) -> bool:
        try:
            return os.getpgid(pid) in {process.pid for process in self.workers.running.values()}
        except ProcessLookupError:
            return False

    def kill_worker(self) -> str:
        name = self.chance.choice(sorted(self.workers.running))
        self.workers.kill(name)
        self.workers.start(name)
        return "with its children"

    def kill_beat(self) -> str:
        """Kill the leader while another Beat stands by."""
        self.beats.wait_for_a_standby()
        self.some_time(1)
        ((holder, epoch),) = self.beats.query("select holder, epoch from leadership")
        kill(int(holder.rpartition(":")[2]))
        self.beats.start()
        self.beats.wait_for(
            lambda: self.beats.query("select 1 from leadership where epoch > %s", epoch), "other leader"
        )
        return "the other one leads"

    def restart_broker(self) -> str:
        number = self.chance.choice([signal.SIGKILL, signal.SIGTERM])
        self.broker.stop(number)
        self.some_time(1)
        self.broker.start()
        return number.name

    @property
    def faults(self) -> Mapping[str, Callable[[], str]]:
        return {
            "Prefect killed": self.kill_prefect,
            "create cut": self.cut_create,
            "child killed": self.kill_child,
            "worker killed": self.kill_worker,
            "Beat killed": self.kill_beat,
            "broker restarted": self.restart_broker,
        }


@contextmanager
def scene(
    folder: Path, database: Database, database_url: str, prefect: PrefectServer, chance: random.Random
) -> Iterator[Scene]:
    """Set up everything; two Beats and two workers of two processes each."""
    with database.session() as session:
        session.execute(text("create table effects (fire text, what text)"))
    with ExitStack() as stack:
        broker = Broker(folder / "broker")
        stack.callback(broker.stop)
        broker.start()
        url = broker.server.url
        workers = Workers(folder, worker_environment(url, database_url, prefect.url, folder / "prefect"))
        stack.callback(workers.stop)
        for name in ("one", "two"):
            workers.start(name)
        proxy = stack.enter_context(faulty_proxy(prefect.url.removesuffix("/api")))
        beats = stack.enter_context(
            flow_beats(folder, database_url, url, f"{proxy.url}/api", "faults", IMPATIENT)
        )
        beats.start()
        beats.start()
        yield Scene(beats, database, prefect, proxy, broker, workers, chance)
