"""The Prometheus metrics and their names, declared once."""

from prometheus_client import Counter, Gauge, Histogram

FIRES = Counter("matchbeat_fires", "Fires by what became of them.", ["outcome"])
FIRE_LAG = Histogram(
    "matchbeat_fire_lag_seconds",
    "Seconds from due to sent.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60),
)
LEADER = Gauge("matchbeat_leader", "1 where this Beat leads.")
REQUESTS = Counter(
    "matchbeat_upstream_requests",
    "Payloads asked for by outcome: ok, from_cache, transient, limited, refused, resting, source_changed.",
    ["source", "outcome"],
)
FAILED_ATTEMPTS = Counter(
    "matchbeat_upstream_failed_attempts",
    "Attempts at a payload that failed and may be repeated: limited (429) or failed.",
    ["source", "reason"],
)
ALIGNMENTS = Counter(
    "matchbeat_alignments", "Fixtures of a source by what alignment made of them.", ["source", "outcome"]
)
ALIGNMENT_SUCCESS = Gauge(
    "matchbeat_alignment_success_ratio",
    "Share of our matches that the source's fixtures were linked to, at the last alignment.",
    ["source"],
)
COLLECTION_SUCCESS = Gauge(
    "matchbeat_collection_success_ratio",
    "Share of the payloads asked for that arrived and could be read, in the last run of each step.",
    ["step"],
)
RECORDS = Counter("matchbeat_records", "Records by source and outcome.", ["source", "outcome"])
