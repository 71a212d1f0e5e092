"""A source that changes its structure: which kind of payload, for how long, and what goes on."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import text

from src.database.raw import store_payloads
from src.database.signals import raise_signal
from src.domain.match import Source
from src.domain.odds import Market
from src.domain.payload import Payload
from src.domain.signal import Severity, Signal
from src.pipeline.collect import collect_details, collect_fixtures, collect_odds
from src.pipeline.context import Context
from tests.integration.pipeline_collect.upstream import Upstream
from tests.unit.collectors.payloads import euro_item, euro_script, fotmob_day, fotmob_match, titan_day

pytestmark = pytest.mark.integration

DAY = date(2026, 2, 28)
PATH = "/fotmob/api/data/matches?date=20260228"
KICKOFF = datetime(2026, 3, 7, 15, tzinfo=UTC)


def signals(ctx: Context) -> list[tuple[object, ...]]:
    with ctx.database.session() as session:
        found = session.execute(
            text("select kind, subject, severity from signals where resolved_at is null order by 1, 2")
        )
        return [tuple(row) for row in found]


def test_details_that_can_be_read_do_not_hide_a_changed_day_list(
    collecting: Context, upstream: Upstream
) -> None:
    upstream.bodies[PATH] = fotmob_day(fotmob_match())
    collect_fixtures(collecting, since=DAY, until=DAY)
    upstream.bodies[PATH] = b'{"days": []}'
    collect_fixtures(collecting, since=DAY, until=DAY)
    upstream.bodies["/fotmob/api/data/matchDetails?matchId=900001"] = json.dumps(
        {"general": {"matchId": "900001"}, "content": {}}
    ).encode()
    now = collecting.clock.now()
    assert collect_details(collecting, since=now - timedelta(days=3), until=now).parsed == 1
    assert signals(collecting) == [
        ("source_changed", "fotmob/day", "critical"), ("success_rate", "fotmob-fixtures", "warning")
    ]  # fmt: skip
    upstream.bodies[PATH] = b'{"leagues": []}'
    collect_fixtures(collecting, since=DAY, until=DAY)
    assert signals(collecting) == []


def test_scripts_that_all_changed_are_a_signal_though_the_day_lists_are_as_they_were(
    collecting: Context, upstream: Upstream
) -> None:
    coming = {"utcTime": "2026-03-07T15:00:00.000Z", "reason": None, "finished": False, "started": False}
    upstream.bodies["/fotmob/api/data/matches?date=20260307"] = fotmob_day(fotmob_match(status=coming))
    collect_fixtures(collecting, since=date(2026, 3, 7), until=date(2026, 3, 7))
    ids = (11, 12, 13)
    for day in ("Next_20260306", "Next_20260307"):
        upstream.bodies[f"/titan/days/football/{day}.htm"] = titan_day(*((n, "7日23:00") for n in ids))
    for number in ids:
        upstream.bodies[f"/titan/euro/{number}.js"] = b"var nothing = 1;"
    since, until = KICKOFF - timedelta(days=1), KICKOFF + timedelta(days=1)
    summary = collect_odds(collecting, since=since, until=until, markets=[Market.ONE_X_TWO])
    assert (summary.fetched, summary.quarantined) == (5, 3)
    assert signals(collecting) == [
        ("source_changed", "titan007/1x2", "warning"), ("success_rate", "titan007", "warning")
    ]  # fmt: skip
    upstream.bodies["/titan/euro/11.js"] = euro_script(euro_item())
    collect_odds(collecting, since=since, until=until, markets=[Market.ONE_X_TWO])
    assert signals(collecting) == [("success_rate", "titan007", "warning")]


def test_a_source_of_another_structure_is_not_asked_to_the_end(
    collecting: Context, upstream: Upstream
) -> None:
    days = [DAY - timedelta(days=n) for n in range(200)]
    upstream.bodies |= {f"/fotmob/api/data/matches?date={day:%Y%m%d}": b'{"days": []}' for day in days}
    summary = collect_fixtures(collecting, since=days[-1], until=DAY)
    assert summary.error is not None
    assert summary.requested == summary.fetched == summary.quarantined < 60


def test_one_open_signal_of_a_kind_and_subject_however_many_raise_it(context: Context) -> None:
    together = Barrier(4)

    def cry(_: int) -> None:
        together.wait(10)
        with context.database.session() as session:
            signal = Signal(kind="source_changed", subject="x", severity=Severity.WARNING, message="gone")
            raise_signal(session, signal, context.clock.now())

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(cry, range(4)))
    assert signals(context) == [("source_changed", "x", "warning")]


def test_two_runs_that_meet_the_same_payloads_in_another_order_do_not_lock_each_other_out(
    context: Context,
) -> None:
    def payload(number: int, order: int) -> Payload:
        return Payload(
            source=Source.FOTMOB, kind="day", url=f"http://x/{number}", status=200, headers={}, body=b"{}",
            sha256=str(number), fetched_at=context.clock.now() + timedelta(seconds=order),
        )  # fmt: skip

    ways = [[payload(n, n) for n in range(400)], [payload(n, -n) for n in range(400)]]
    together = Barrier(4)

    def keep(way: list[Payload]) -> None:
        together.wait(10)
        for _ in range(5):
            with context.database.session() as session:
                store_payloads(session, way)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(keep, ways * 2))
