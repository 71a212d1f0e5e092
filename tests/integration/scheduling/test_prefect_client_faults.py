"""What the client makes of a Prefect that fails: a proxy that breaks stands in front of the real server."""

from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest

from src.core.breaker import Breaker, Resting
from src.core.errors import Misconfigured, Transient
from src.scheduling.bridge.client import PrefectClient
from src.scheduling.bridge.records import FlowRun
from tests.faulty_proxy import Fault, FaultyProxy, faulty_proxy
from tests.prefect_made import make_deployment, told

pytestmark = pytest.mark.integration

NAME = "faults-deployment"
CREATE = "/create_flow_run"


@pytest.fixture(scope="module")
def deployment_id(prefect_url: str) -> str:
    return make_deployment(prefect_url, NAME)


@pytest.fixture
def proxy(prefect_url: str, deployment_id: str) -> Iterator[FaultyProxy]:
    with faulty_proxy(prefect_url.removesuffix("/api")) as proxy:
        yield proxy


@pytest.fixture
def client(proxy: FaultyProxy) -> PrefectClient:
    client = PrefectClient(f"{proxy.url}/api")
    client.deployment(NAME)
    return client


def create(client: PrefectClient, key: str, **more: Any) -> FlowRun:
    options: dict[str, Any] = {"name": "made", "parameters": {}, "tags": [], "state": "PENDING"}
    return client.create_flow_run(client.deployment(NAME), key=key, **(options | more))


def runs_of(url: str, key: str) -> list[str]:
    body = {"flow_runs": {"idempotency_key": {"any_": [key]}}}
    return [run["id"] for run in told("POST", f"{url}/flow_runs/filter", body)]


@pytest.mark.parametrize(
    "faults",
    [
        [Fault.CUT],
        [Fault.CUT, Fault.CUT],
        [Fault.REFUSED, Fault.CUT],
        [Fault.BUSY, Fault.BUSY, Fault.CUT],
    ],
)
def test_a_create_whose_answer_was_lost_is_one_run(
    proxy: FaultyProxy, client: PrefectClient, prefect_url: str, faults: list[Fault]
) -> None:
    key = str(uuid4())
    proxy.fail(CREATE, *faults)
    run = create(client, key)
    assert runs_of(prefect_url, key) == [run.id]
    assert len(proxy.seen) == len(faults) + 1


def test_a_create_that_is_cut_again_and_again_is_transient_and_still_one_run(
    proxy: FaultyProxy, client: PrefectClient, prefect_url: str
) -> None:
    key = str(uuid4())
    proxy.fail(CREATE, *[Fault.CUT] * 3)
    with pytest.raises(Transient, match="not answering"):
        create(client, key)
    assert [create(client, key).id] == runs_of(prefect_url, key)


def test_a_create_without_an_answer_in_time_is_made_twice_and_is_one_run(
    proxy: FaultyProxy, client: PrefectClient, prefect_url: str
) -> None:
    hasty = PrefectClient(f"{proxy.url}/api", timeout_s=1.5)
    keys = [str(uuid4()), str(uuid4())]
    hasty.deployment(NAME)
    proxy.fail(CREATE, Fault.SLOW)
    assert [create(hasty, keys[0]).id] == runs_of(prefect_url, keys[0])
    proxy.fail(CREATE, Fault.SLOW, Fault.SLOW)
    with pytest.raises(Transient, match=r"within 1\.5 s"):
        create(hasty, keys[1])
    assert [create(client, keys[1]).id] == runs_of(prefect_url, keys[1])


def test_a_read_without_an_answer_in_time_is_not_made_twice(
    proxy: FaultyProxy, client: PrefectClient
) -> None:
    hasty = PrefectClient(f"{proxy.url}/api", timeout_s=0.2)
    proxy.fail("/health", Fault.SLOW)
    with pytest.raises(Transient, match="within"):
        hasty.ping()
    assert len(proxy.seen) == 1


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.CUT, Fault.REFUSED])
def test_a_read_goes_on_after_a_fault(proxy: FaultyProxy, client: PrefectClient, fault: Fault) -> None:
    proxy.fail("/flow_runs/filter", fault, fault)
    assert client.flow_runs(keys=["nobody"]) == []
    assert len(proxy.seen) == 3


def test_a_state_whose_answer_was_lost_is_accepted_once(
    proxy: FaultyProxy, client: PrefectClient, prefect_url: str
) -> None:
    run = create(client, str(uuid4()))
    proxy.fail("/set_state", Fault.CUT)
    assert client.set_state(run.id, "RUNNING") == "ACCEPT"
    proxy.fail("/set_state", Fault.CUT)
    assert client.suspend(run.id, 60) == "Suspended"
    proxy.fail("/resume", Fault.CUT)
    assert client.resume(run.id) == "Resuming"
    found = client.flow_run(run.id)
    assert found is not None
    assert found.run_count == 1


def test_a_server_that_stays_busy_is_transient(proxy: FaultyProxy, client: PrefectClient) -> None:
    proxy.fail("/health", *[Fault.BUSY] * 12)
    with pytest.raises(Transient, match=r"503 .* again and again"):
        client.ping()
    assert len(proxy.seen) == 12


@pytest.mark.parametrize("fault", [Fault.BROKEN, Fault.PORTAL])
def test_an_answer_that_is_not_prefects_is_transient_at_once(
    proxy: FaultyProxy, client: PrefectClient, fault: Fault
) -> None:
    proxy.fail("/deployments/filter", fault)
    with pytest.raises(Transient, match=r"500|does not answer as Prefect does"):
        client.deployments()
    assert len(proxy.seen) == 1


def test_after_failures_in_a_row_prefect_is_left_in_peace_for_a_while(proxy: FaultyProxy) -> None:
    seconds = [0.0]
    client = PrefectClient(f"{proxy.url}/api", breaker=Breaker(5, 30, lambda: seconds[0]))
    proxy.fail("/deployments/filter", *[Fault.BROKEN] * 6)
    for _ in range(5):
        with pytest.raises(Transient, match="500"):
            client.deployments()
    with pytest.raises(Resting, match="asked again in 30 s"):
        client.deployments()
    assert len(proxy.seen) == 5
    seconds[0] = 30
    with pytest.raises(Transient, match="500"):
        client.deployments()
    with pytest.raises(Resting):
        client.deployments()
    seconds[0] = 60
    assert NAME in client.deployments()
    assert len(proxy.seen) == 7


def test_a_sign_of_life_ends_the_rest(proxy: FaultyProxy) -> None:
    client = PrefectClient(f"{proxy.url}/api", breaker=Breaker(1, 30, lambda: 0.0))
    proxy.fail("/deployments/filter", Fault.BROKEN)
    for kind in (Transient, Resting):
        with pytest.raises(kind):
            client.deployments()
    client.ping()
    assert NAME in client.deployments()


def test_reads_go_on_beside_a_write_that_hangs(proxy: FaultyProxy, client: PrefectClient) -> None:
    run = create(client, str(uuid4()))
    proxy.fail(run.id, Fault.SLOW)
    with ThreadPoolExecutor(1) as pool:
        deleted = pool.submit(client.delete_flow_run, run.id)
        assert proxy.arrived.wait(5)
        assert client.flow_runs(keys=["nobody"]) == []
        assert not deleted.done()
        proxy.ended.set()
        deleted.result(10)
    assert client.flow_run(run.id) is None


def test_credentials_go_whole_and_a_refusal_names_the_setting() -> None:
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Guarded(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = "Basic " + b64encode("lena:pä:ss".encode()).decode()
            self.send_response(200 if self.headers["Authorization"] == wanted else 401)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Guarded) as server:
        url = f"http://127.0.0.1:{server.server_port}/api"
        thread = Thread(target=server.serve_forever)
        thread.start()
        PrefectClient(url, "lena:pä:ss").ping()
        with pytest.raises(Misconfigured, match="PREFECT_API_AUTH_STRING"):
            PrefectClient(url, "lena:wrong").ping()
        server.shutdown()
        thread.join()
