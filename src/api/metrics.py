"""Metrics for Prometheus: this process's own, and gauges read from the database at each scrape."""

from collections.abc import Iterator, Mapping

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from src.api.wiring import Ctx
from src.core.errors import Misconfigured, Transient
from src.database import census
from src.database.freshness import freshness
from src.database.signals import open_signals
from src.pipeline.context import Context

router = APIRouter(tags=["metrics"])

#: Label values of a gauge → its value.
Samples = Mapping[tuple[str, ...], float]


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(ctx: Ctx) -> Response:
    """Return all metrics as Prometheus text; matchbeat_up is 0 where the database is away."""
    registry = CollectorRegistry()
    registry.register(_Stored(ctx))
    text = generate_latest(REGISTRY) + generate_latest(registry)
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})


class _Stored(Collector):
    """Gauges of what the database holds."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    def describe(self) -> list[GaugeMetricFamily]:
        """Declare nothing: registering must not read the database."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        up = GaugeMetricFamily("matchbeat_up", "1 where the part answered this scrape.", labels=["part"])
        try:
            gauges = _gauges(self._ctx)
        except (Transient, Misconfigured):
            gauges = []
        up.add_metric(["database"], 1.0 if gauges else 0.0)
        yield up
        yield from gauges


def _gauges(ctx: Context) -> list[GaugeMetricFamily]:
    now = ctx.clock.now()
    with ctx.database.session() as session:
        rows, fires = census.row_counts(session), census.fires_by_state(session)
        signals, leader = open_signals(session, limit=1000), census.leader(session)
        quality, fresh = census.last_quality(session), freshness(session, now)
    severities: dict[str, int] = {"info": 0, "warning": 0, "critical": 0}
    for signal in signals:
        severities[signal.severity] = severities.get(signal.severity, 0) + 1
    ages = {
        "matches": fresh.last_match_change,
        "odds": fresh.last_odds,
        "predictions": fresh.last_prediction,
    }
    by_state: Samples = {(entry, state): n for entry, states in fires.items() for state, n in states.items()}
    age: Samples = {(kind,): (now - at).total_seconds() for kind, at in ages.items() if at is not None}
    score: Samples = {} if quality is None else {(): quality.score}
    epoch, silent, holder = _of_leader(leader)
    return [
        _gauge("rows", "Rows by table; the largest are estimates.", ["table"], _keyed(rows)),
        _gauge("ledger_fires", "Fires in the ledger by entry and state.", ["entry", "state"], by_state),
        _gauge("open_signals", "Signals that nobody has resolved.", ["severity"], _keyed(severities)),
        _gauge("leadership_epoch", "The epoch of the last leadership.", [], epoch),
        _gauge("leader_heartbeat_age_seconds", "Seconds since the leader's last sign of life.", [], silent),
        _gauge("leader_info", "1 where that Beat holds the lock and leads.", ["holder"], holder),
        _gauge("quality_score", "The newest quality score, 0 to 1.", [], score),
        _gauge("matches_overdue", "Matches without an outcome 6 h after kick-off.", [], {(): fresh.overdue}),
        _gauge("data_age_seconds", "Seconds since data of a kind last changed.", ["kind"], age),
    ]


def _of_leader(leader: census.Leader | None) -> tuple[Samples, Samples, Samples]:
    """Return epoch, age of the heartbeat and holder; only the epoch, 0, where no Beat has ever led."""
    if leader is None:
        return {(): 0}, {}, {}
    return {(): leader.epoch}, {(): leader.silent_s}, {(leader.holder,): leader.held}


def _keyed(counts: dict[str, int]) -> Samples:
    return {(name,): count for name, count in counts.items()}


def _gauge(name: str, text: str, labels: list[str], samples: Samples) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"matchbeat_{name}", text, labels=labels)
    for values, value in samples.items():
        family.add_metric(values, float(value))
    return family
