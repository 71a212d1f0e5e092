"""What the carrier puts on Redis is what `send_task` puts there, and what it does where it cannot."""

import json
import secrets
import socket
from base64 import b64decode
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest
import redis
from celery import Celery, signals

from src.core.errors import Transient
from src.database.connection import Database
from src.domain.entry import ByHand, Entry, Runner
from src.domain.fire import OPEN, Fire, FireState, fire_id
from src.domain.policy import Policy
from src.domain.ports import Sent, Unsent
from src.pipeline.context import Context
from src.scheduling.catalog import find
from src.stack.valkey import ValkeyServer
from src.tasks.message_writer import task_options
from src.tasks.publisher import CeleryCarrier
from tests.conftest import NOW
from tests.integration.tasks.conftest import (
    PROBE,
    Worker,
    effects,
    hand_over,
    outcome,
    row_of,
    until,
    wanted,
)
from tests.ports import free_port, running

pytestmark = pytest.mark.integration

ENTRY = Entry(
    name="probe", cadence=ByHand(), runner=Runner.CELERY, target="probe.task", queue="quality", priority=5,
    limit=timedelta(minutes=5),
)  # fmt: skip
PARAMETERS: list[dict[str, Any]] = [
    {},
    {"league": "EPL", "days": 3, "deep": {"list": [1, 2.5, None, True], "empty": {}}},
    {"quotes": '"it\'s" \\ 100% %(id)s %s', "braces": "{id} {{}} ${x}", "中文": "英超 ⚽ \u0000\n"},
    {"long": "x" * 3000},
    {"n": 1},
    {"n": True},
]


def item(n: int = 0, **changes: Any) -> Unsent:
    """A fire of an entry like ENTRY; the fields of the entry may be changed."""
    parameters, by_hand = changes.pop("parameters", {}), changes.pop("by_hand", False)
    due = NOW + timedelta(seconds=n)
    fire = Fire(id=fire_id("probe", due), entry="probe", due_at=due, parameters=parameters, by_hand=by_hand)
    return Unsent(fire=fire, entry=replace(ENTRY, **changes), since=due + timedelta(hours=3))


def an_app(url: str, transport: dict[str, Any] | None = None, **conf: Any) -> Celery:
    made = Celery("sender", set_as_current=False, changes={"broker_url": url, "task_send_sent_event": False})
    made.conf.update(broker_transport_options=transport or {}, **conf)
    return made


def contents(url: str) -> dict[str, Any]:
    """Return all that is on the server: lists of messages decoded, in the order in which they are taken."""
    server = redis.Redis.from_url(url, decode_responses=True)
    return {
        key: [decoded(text) for text in reversed(server.lrange(key, 0, -1))]
        if server.type(key) == "list"
        else server.smembers(key)
        for key in sorted(server.scan_iter())
    }


def decoded(text: str) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(text)
    properties = message["properties"]
    body = b64decode(message["body"]) if properties["body_encoding"] == "base64" else message["body"]
    assert len(properties["delivery_tag"]) == 36
    if "expiration" in properties:
        # Counted from the moment of sending.
        properties["expiration"] = round(int(properties["expiration"]) / 1e5)
    return message | {"body": json.loads(body), "properties": properties | {"delivery_tag": ANY}}


def ids(found: dict[str, Any], key: str) -> list[str]:
    return [message["headers"]["id"] for message in found[key]]


@pytest.fixture
def written_one_by_one(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the tasks that reach `send_task`."""
    seen: list[str] = []
    real = Celery.send_task

    def watch(self: Celery, *args: Any, **options: Any) -> Any:
        seen.append(options["task_id"])
        return real(self, *args, **options)

    monkeypatch.setattr(Celery, "send_task", watch)
    return seen


FAR = Policy(expires=timedelta(days=20_000))
SHAPES = [item(n, priority=n % 10, parameters=p) for n, p in enumerate(PARAMETERS * 4)] + [
    item(50, policy=FAR),
    item(51, policy=FAR, parameters=PARAMETERS[2], by_hand=True),
    item(52, policy=Policy(expires=timedelta(seconds=1))),
    item(53, queue="made up on the way", target="100%.task"),
    item(54, limit=timedelta(seconds=2.5)),
    item(55, priority=9),
    item(56, priority=9),
]


@pytest.mark.parametrize(
    ("transport", "conf"),
    [
        ({}, {}),
        ({"global_keyprefix": "mb:"}, {}),
        ({"priority_steps": list(range(10)), "sep": ":"}, {}),
        ({"body_encoding": "utf-8"}, {}),
        ({}, {"result_backend": "redis"}),
        ({}, {"result_backend": "rpc://"}),
        ({}, {"task_ignore_result": True}),
        ({}, {"task_routes": {"*": {"queue": "other", "priority": 6}}, "task_default_priority": 6}),
        ({}, {"timezone": "Asia/Shanghai", "task_default_delivery_mode": 1}),
        ({}, {"task_compression": "gzip"}),
        ({}, {"task_protocol": 1}),
    ],
    ids=str,
)
def test_a_batch_is_what_send_task_writes(
    redis_url: str, transport: dict[str, Any], conf: dict[str, Any], written_one_by_one: list[str]
) -> None:
    if conf.get("result_backend") == "redis":
        conf = {"result_backend": redis_url}
    app = an_app(redis_url, transport, **conf)
    # The app's own pool outlives a test, and remembers what it has declared.
    with app.connection_for_write() as connection:
        for each in SHAPES:
            app.send_task(**task_options(each), connection=connection)
    told = contents_or_raw(redis_url, conf)
    redis.Redis.from_url(redis_url).flushall()
    taken: list[Sent] = []
    carrier = CeleryCarrier(app)
    assert carrier.send(SHAPES, taken.append) == []
    assert contents_or_raw(redis_url, conf) == told
    assert {sent.id for sent in taken} == {each.fire.id for each in SHAPES}
    assert len(taken) == len(SHAPES)
    sent_by_celery = len(written_one_by_one)
    carrier.send([item(n) for n in range(60, 70)], taken.append)
    by_template = not conf.keys() & {"task_compression", "task_protocol"}
    assert (len(written_one_by_one) == sent_by_celery) is by_template
    carrier.close()
    app.close()


def contents_or_raw(url: str, conf: dict[str, Any]) -> dict[str, Any]:
    """Return the contents; of messages whose body is not plain JSON, the ids."""
    if not conf.keys() & {"task_compression", "task_protocol"}:
        found = contents(url)
        return {key: value for key, value in found.items() if not key.endswith("reply.celery.pidbox")}
    server = redis.Redis.from_url(url, decode_responses=True)
    lists = [key for key in sorted(server.scan_iter()) if server.type(key) == "list"]
    return {
        key: [json.loads(text)["properties"]["correlation_id"] for text in server.lrange(key, 0, -1)]
        for key in lists
    }


def test_a_task_whose_messages_differ_by_the_time_of_sending_gets_no_template(
    redis_url: str, written_one_by_one: list[str]
) -> None:
    app = an_app(redis_url)

    @app.task(name="probe.hurried", expires=60)
    def hurried() -> None: ...

    app.finalize()
    fires = [item(n, target="probe.hurried") for n in range(3)]
    CeleryCarrier(app).send(fires, lambda _: None)
    assert ids(contents(redis_url), "quality\x06\x163") == [str(each.fire.id) for each in fires]
    assert written_one_by_one[-3:] == [str(each.fire.id) for each in fires]


def test_a_shape_reaches_send_task_once_and_its_fires_come_from_the_template(
    redis_url: str, written_one_by_one: list[str]
) -> None:
    carrier = CeleryCarrier(an_app(redis_url))
    carrier.send([item(n, parameters={"n": n}) for n in range(200)], lambda _: None)
    assert len(written_one_by_one) == 2
    carrier.send([item(n, parameters={"n": n}) for n in range(200)], lambda _: None)
    assert len(written_one_by_one) == 2


def test_three_thousand_fires_are_taken_most_urgent_first_and_then_by_due_time(redis_url: str) -> None:
    app = an_app(redis_url, {"priority_steps": [0, 3, 6, 9], "queue_order_strategy": "priority"})
    fires = sorted(
        (item(n, priority=n * 7 % 10) for n in range(3000)),
        key=lambda each: (-each.entry.priority, each.fire.due_at),
    )
    taken: list[Sent] = []
    CeleryCarrier(app).send(fires, taken.append)
    assert len(taken) == 3000
    got = []
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue("quality", no_ack=True)
        while message := queue.queue.get():
            got.append(message.headers["id"])
    steps = {9: 0, 8: 0, 7: 0, 6: 3, 5: 3, 4: 3, 3: 6, 2: 6, 1: 6, 0: 9}
    assert got == [str(each.fire.id) for each in sorted(fires, key=lambda each: steps[each.entry.priority])]


def test_it_tells_how_many_messages_wait_on_its_queues(redis_url: str) -> None:
    app = an_app(redis_url)
    with closing(CeleryCarrier(app, ["quality", "flows", "unused"])) as carrier:
        assert carrier.waiting() == 0
        fires = [
            item(n, queue=queue, priority=n) for n, queue in enumerate(["quality", "flows", "other"] * 3)
        ]
        assert carrier.send(fires, lambda _: None) == []
        assert carrier.waiting() == 6
    with closing(CeleryCarrier(app)) as knows_of_none:
        assert knows_of_none.waiting() is None


def test_parameters_that_json_cannot_hold_are_refused_and_the_others_go_on(redis_url: str) -> None:
    loop: dict[str, Any] = {}
    loop["loop"] = loop
    bad = [item(n, parameters=p) for n, p in enumerate(({"set": {1}}, {("a", "b"): 1}, loop))]
    app = an_app(redis_url)
    for receiver in (None, lambda **_: None):
        if receiver is not None:
            signals.before_task_publish.connect(receiver)
        try:
            taken: list[Sent] = []
            closed = CeleryCarrier(app).send([bad[0], item(7), *bad[1:], item(8)], taken.append)
        finally:
            signals.before_task_publish.disconnect(receiver)
        assert [each.id for each in closed] == [each.fire.id for each in bad]
        assert {each.state for each in closed} == {FireState.MISSED}
        assert all(each.reason.startswith("refused: ") for each in closed)
        assert "set" in closed[0].reason
        assert [sent.id for sent in taken] == [item(7).fire.id, item(8).fire.id]


def test_where_something_watches_what_is_sent_each_fire_goes_through_send_task(
    redis_url: str, written_one_by_one: list[str]
) -> None:
    seen = []

    def watch(headers: dict[str, Any], **_: Any) -> None:
        headers["trace"] = headers["id"]
        seen.append(headers["id"])

    carrier = CeleryCarrier(an_app(redis_url))
    carrier.send([item(0)], lambda _: None)
    signals.before_task_publish.connect(watch)
    try:
        carrier.send([item(n) for n in range(1, 4)], lambda _: None)
    finally:
        signals.before_task_publish.disconnect(watch)
    sent = [str(item(n).fire.id) for n in range(4)]
    assert seen == written_one_by_one[-3:] == sent[1:]
    [queue] = [value for value in contents(redis_url).values() if isinstance(value, list)]
    assert [message["headers"].get("trace") for message in queue] == [None, *sent[1:]]


def test_another_transport_gets_each_fire_through_send_task(written_one_by_one: list[str]) -> None:
    app = an_app("memory://")
    fires, taken = [item(n, parameters={"n": n}) for n in range(3)], list[Sent]()
    CeleryCarrier(app).send(fires, taken.append)
    assert written_one_by_one == [str(each.fire.id) for each in fires]
    assert [sent.id for sent in taken] == [each.fire.id for each in fires]
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue("quality", no_ack=True)
        assert [queue.get_nowait().headers["id"] for _ in fires] == written_one_by_one


@dataclass
class Valkey:
    """A broker of the test's own."""

    server: ValkeyServer

    def up(self) -> Any:
        return running(self.server.argv(), redis.Redis.from_url(self.server.url).ping)


@pytest.fixture
def broker(tmp_path: Path) -> Valkey:
    server = ValkeyServer(folder=tmp_path / "valkey", port=free_port(), password=secrets.token_hex(8))
    server.prepare()
    return Valkey(server)


def test_a_broker_that_goes_away_is_transient_and_the_carrier_works_when_it_is_back(broker: Valkey) -> None:
    carrier, taken = CeleryCarrier(an_app(broker.server.url)), list[Sent]()

    def send() -> None:
        carrier.send([item(n) for n in range(3)], taken.append)

    with pytest.raises(Transient, match="the broker is not answering"):
        send()
    with broker.up():
        send()
        assert len(taken) == 3
    for _ in range(2):
        with pytest.raises(Transient, match="the broker is not answering"):
            send()
    with pytest.raises(Transient, match="the broker is not answering"):
        carrier.cancel([item().fire.id])
    assert len(taken) == 3
    with broker.up():
        send()
        carrier.cancel([item().fire.id])
        assert len(taken) == 6
        server = redis.Redis.from_url(broker.server.url)
        assert server.sismember("_kombu.binding.quality", "quality\x06\x16\x06\x16quality")
    carrier.close()


def test_a_broker_that_refuses_one_list_is_transient_and_what_it_took_is_told(redis_url: str) -> None:
    carrier, taken = CeleryCarrier(an_app(redis_url)), list[Sent]()
    fires = [
        item(n, priority=9, queue=queue) for n, queue in enumerate(("monitoring", "quality", "monitoring"))
    ]
    carrier.send(fires, lambda _: None)
    redis.Redis.from_url(redis_url).set("quality", "not a list")
    with pytest.raises(Transient, match=r"the broker refuses messages: .*WRONGTYPE"):
        carrier.send(fires, taken.append)
    assert [sent.id for sent in taken] == [fires[0].fire.id, fires[2].fire.id]


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.timeout(25)
def test_a_broker_that_hangs_is_transient_well_before_the_workers_patience_ends(silent: int) -> None:
    app = an_app(f"redis://127.0.0.1:{silent}/0", {"socket_timeout": 60, "max_retries": 2})
    with pytest.raises(Transient, match="the broker is not answering"):
        CeleryCarrier(app).send([item()], lambda sent: pytest.fail(f"taken: {sent}"))


def test_of_several_brokers_the_next_one_is_tried(redis_url: str) -> None:
    app = an_app(f"redis://127.0.0.1:{free_port()}/0;{redis_url}")
    taken: list[Sent] = []
    CeleryCarrier(app).send([item()], taken.append)
    assert len(taken) == 1


def test_a_worker_runs_what_a_template_wrote_and_ends_what_is_cancelled(
    context: Context, database: Database, gate: None, app: Celery, carrier: CeleryCarrier, worker: Worker
) -> None:
    entry = replace(find("data-quality-check"), target="probe.pass_gate")
    fires = [
        wanted(database, Fire(id=fire_id(name, NOW), entry=name, due_at=NOW, parameters={}))
        for name in ("first", "second", "endless")
    ]
    for fire in fires[:2]:
        hand_over(carrier, fire, entry)
    hand_over(carrier, fires[2], replace(entry, target="probe.heed_limit"))
    with worker(app=PROBE):
        for fire in fires[:2]:
            assert outcome(context, fire).state == FireState.SUCCEEDED
            assert effects(database, fire.id) == 1
        until(lambda: effects(database, fires[2].id), "the task without end to run")
        carrier.cancel([fires[2].id])
        assert outcome(context, fires[2]).state not in OPEN
    assert row_of(context, fires[0]).attempts == 1


def test_a_fire_expires_after_its_wait_began_unless_it_has_been_begun_before() -> None:
    waiting = item(policy=Policy(expires=timedelta(minutes=10)))
    assert task_options(waiting)["expires"] == waiting.since + timedelta(minutes=10)
    assert "expires" not in task_options(replace(waiting, attempts=1, silent_since=NOW))
    assert "expires" not in task_options(item())
