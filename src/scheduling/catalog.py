"""The schedule as declared: every entry once. Times are UTC; priority 9 is most urgent."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from difflib import get_close_matches

from src.core.errors import Misconfigured
from src.database.schedule import NO_DEPLOYMENT
from src.domain.entry import ByHand, Cron, Density, DensityStep, Entry, FlowRunner, Runner
from src.domain.policy import CatchUp, Overlap, Policy
from src.scheduling.cadence import check_cadence
from src.scheduling.policy_check import check_policy

_HOUR = timedelta(hours=1)


def _minutes(n: int) -> timedelta:
    return timedelta(minutes=n)


def _one_at_a_time(window: timedelta = _HOUR, retries: int = 0) -> Policy:
    """Each run sees all there is, so that one at a time will do, and one for all the due times missed."""
    return Policy(overlap=Overlap.SKIP, catch_up=CatchUp.LATEST, catch_up_window=window, retries=retries)


#: A collection keeps its progress: whoever takes it over goes on where it was.
_COLLECTION_RETRIES = 2


CATALOG: tuple[Entry, ...] = (
    Entry(
        name="daily-data-collection",
        description="Fixtures, details and schedules of the day; then quality, features and predictions.",
        cadence=Cron(expression="0 2 * * *"),
        runner=Runner.PREFECT,
        target="daily-data-collection-deployment",
        queue="data_collection",
        priority=5,
        limit=_minutes(60),
        policy=_one_at_a_time(timedelta(hours=12), _COLLECTION_RETRIES),
    ),
    Entry(
        name="weekly-model-retraining",
        description="Train a candidate; it becomes champion only through the gate.",
        cadence=Cron(expression="0 3 * * 1"),
        runner=Runner.PREFECT,
        target="weekly-model-retraining-deployment",
        queue="scheduler",
        priority=8,
        limit=_minutes(120),
        # The next due time is a week away: a training waits for a slow one before it and is not left out.
        policy=Policy(
            overlap=Overlap.BUFFER_ONE, catch_up=CatchUp.LATEST, catch_up_window=timedelta(days=1), retries=1
        ),
        # Two hours of every core, and memory that only the end of a process gives back.
        flow_runner=FlowRunner.POOL,
    ),
    Entry(
        name="emergency-retrain-check",
        description="Start an emergency retraining where the champion has fallen behind the market.",
        cadence=Cron(expression="0 */6 * * *"),
        runner=Runner.CELERY,
        target="monitoring.emergency_retrain_check",
        queue="scheduler",
        priority=9,
        limit=_minutes(30),
        policy=_one_at_a_time(),
    ),
    Entry(
        name="data-quality-check",
        description="Quality rules over the last 30 days and the coming ones.",
        cadence=Cron(expression="0 */4 * * *"),
        runner=Runner.CELERY,
        target="quality.check",
        queue="quality",
        priority=6,
        limit=_minutes(20),
        policy=_one_at_a_time(),
    ),
    Entry(
        name="performance-monitoring",
        description="Stored predictions against results and the market; freshness of the data.",
        cadence=Cron(expression="0 */6 * * *"),
        runner=Runner.CELERY,
        target="monitoring.performance",
        queue="monitoring",
        priority=9,
        limit=_minutes(30),
        policy=_one_at_a_time(),
    ),
    Entry(
        name="cleanup-old-data",
        description="Drop raw payloads and fine-grained odds that are past keeping.",
        cadence=Cron(expression="0 4 * * *"),
        runner=Runner.CELERY,
        target="data_cleanup.cleanup_old_data",
        queue="maintenance",
        priority=3,
        limit=_minutes(30),
        policy=_one_at_a_time(timedelta(hours=12)),
    ),
    Entry(
        name="titan-regular",
        description="The odds of the coming day's matches.",
        cadence=Cron(expression="0 8 * * *"),
        runner=Runner.PREFECT,
        target="titan-regular-deployment",
        queue="data_collection",
        priority=5,
        limit=_minutes(60),
        parameters={"days_ahead": 1, "batch_size": 20, "max_concurrency": 15},
        policy=_one_at_a_time(timedelta(hours=12), _COLLECTION_RETRIES),
    ),
    Entry(
        name="titan-live",
        description="The latest odds of matches about to start, most imminent first.",
        # Odds move most before kick-off, and where nothing kicks off there is nothing to ask for.
        cadence=Density(
            steps=(
                DensityStep(matches=20, within_s=3600, every_s=120),
                DensityStep(matches=5, within_s=3600, every_s=300),
                DensityStep(matches=1, within_s=7200, every_s=600),
            )
        ),
        runner=Runner.PREFECT,
        target="titan-live-deployment",
        queue="data_collection",
        priority=7,
        limit=_minutes(9),
        parameters={"hours_ahead": 2, "batch_size": 10, "max_concurrency": 8},
        # Old odds are worth nothing: the next due time brings newer ones.
        policy=Policy(
            overlap=Overlap.SKIP,
            catch_up=CatchUp.LATEST,
            catch_up_window=_minutes(9),
            expires=_minutes(9),
            retries=1,
        ),
    ),
    Entry(
        name="titan-hybrid",
        description="Regular and live collection in one run, and a cleaning.",
        cadence=ByHand(),
        runner=Runner.PREFECT,
        target="titan-hybrid-deployment",
        queue="data_collection",
        priority=5,
        limit=_minutes(60),
        parameters={"regular_hours_ahead": 1, "live_hours_ahead": 2, "enable_live": True, "cleanup_days": 7},
    ),
    Entry(
        name="manual-data-collection",
        description="Collection of chosen sources and days.",
        cadence=ByHand(),
        runner=Runner.PREFECT,
        target="manual-data-collection-deployment",
        queue="data_collection",
        priority=5,
        limit=_minutes(60),
    ),
    Entry(
        name="emergency-model-retraining",
        description="Retraining out of turn, with a reason.",
        cadence=ByHand(),
        runner=Runner.PREFECT,
        target="emergency-model-retraining-deployment",
        queue="scheduler",
        priority=9,
        limit=_minutes(120),
        flow_runner=FlowRunner.POOL,
    ),
)


def find(name: str, entries: Iterable[Entry] = CATALOG) -> Entry:
    """Return the entry called `name`; raise Misconfigured with the nearest names otherwise."""
    by_name = {entry.name: entry for entry in entries}
    if name not in by_name:
        raise Misconfigured(f"there is no schedule entry {name!r}{nearest(name, by_name)}")
    return by_name[name]


def check_catalog(entries: Iterable[Entry], *, tasks: Collection[str] | None = None) -> None:
    """Refuse a schedule that cannot run; raise Misconfigured naming every entry at fault.

    `tasks` are the names of the Celery tasks that exist; None leaves targets unchecked.
    """
    faults: list[str] = []
    seen: set[str] = set()
    for entry in entries:
        faults += [f"entry {entry.name!r}: {fault}" for fault in _faults(entry, seen, tasks)]
        seen.add(entry.name)
    if faults:
        raise Misconfigured("the schedule is wrong:\n  " + "\n  ".join(faults))


def _faults(entry: Entry, seen: set[str], tasks: Collection[str] | None) -> Iterable[str]:
    if entry.name in seen:
        yield "declared twice"
    if not 0 <= entry.priority <= 9:
        yield f"priority {entry.priority} is outside 0 to 9"
    if entry.limit <= timedelta(0):
        yield "limit must be positive"
    yield from filter(None, (check_cadence(entry.cadence), check_policy(entry.policy, entry.cadence)))
    if tasks is not None and entry.runner is Runner.CELERY and entry.target not in tasks:
        yield f"unknown task {entry.target!r}{nearest(entry.target, tasks)}"


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a clause with the known names nearest to `name`, or all of them where none is near."""
    names = sorted(known)
    close = get_close_matches(name, names, n=3, cutoff=0.5) or names[:12]
    return f"; did you mean {', '.join(close)}?" if close else ""


def missing_deployments(entries: Iterable[Entry], deployments: Collection[str]) -> dict[str, str]:
    """Return the entries whose deployment is not among those, each with the fault and the nearest names."""
    return {
        entry.name: f"{NO_DEPLOYMENT} {entry.target!r}{nearest(entry.target, deployments)}; "
        "`matchbeat flows register` makes them"
        for entry in entries
        if entry.runner is Runner.PREFECT and entry.target not in deployments
    }
