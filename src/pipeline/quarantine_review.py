"""What a person does about quarantined records: looks, has them read again, or gives them up."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from src.core.errors import BadData
from src.core.logging import get_logger
from src.database import quarantine
from src.database.quarantine import MENDED, Quarantined
from src.database.raw_log import fetches_of
from src.domain.edit import Author
from src.domain.match import Source
from src.pipeline.context import Context
from src.pipeline.replay.run import replay_fetches

log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Which open records are meant: those of these numbers, or all of a source and kind (None: any)."""

    ids: tuple[int, ...] = ()
    source: Source | None = None
    kind: str | None = None


@dataclass(frozen=True, kw_only=True)
class Retried:
    """What reading again came to: of the `records` meant, `mended` could be read and `gone` have no payload.

    `left` payloads belong to no match of ours yet; their records stay open, as do those that are rejected
    again. `changed` rows were written.
    """

    records: int
    mended: int
    gone: int
    left: int
    changed: int


def listed(
    ctx: Context, *, source: Source | None, kind: str | None, state: str | None, limit: int
) -> list[Quarantined]:
    """Return quarantined records, newest first; None leaves a field open."""
    with ctx.database.session() as session:
        return quarantine.quarantined(session, source=source, kind=kind, state=state, limit=limit)


def shown(ctx: Context, record_id: int) -> Quarantined:
    """Return one record; raises BadData where there is none of this number."""
    with ctx.database.session() as session:
        found = quarantine.quarantined(session, ids=[record_id], state=None)
    if not found:
        raise BadData(f"no quarantined record has the number {record_id}: see `matchbeat quarantine list`")
    return found[0]


def retry(ctx: Context, choice: Choice) -> Retried:
    """Read the payloads of open records again, as they were kept; what can be read now is stored.

    Raises BadData where a number is of no open record, Transient where Postgres is away.
    """
    records = _meant(ctx, choice)
    by_source: dict[Source, set[str]] = defaultdict(set)
    for record in records:
        by_source[record.source].add(record.raw_sha256)
    kept: set[str] = set()
    left = changed = 0
    for source, sha256s in sorted(by_source.items()):
        with ctx.database.session() as session:
            fetches = fetches_of(session, source, sha256s)
        kept |= {fetch.sha256 for fetch in fetches}
        told = replay_fetches(ctx, source, fetches)
        left, changed = left + told.left, changed + told.summary.changed
    with ctx.database.session() as session:
        after = quarantine.quarantined(session, ids=[record.id for record in records], state=MENDED)
    return Retried(
        records=len(records),
        mended=len(after),
        gone=sum(record.raw_sha256 not in kept for record in records),
        left=left,
        changed=changed,
    )


def drop(ctx: Context, choice: Choice, author: Author) -> int:
    """Give open records up; return how many. Raises BadData where a number is of no open record."""
    records = _meant(ctx, choice)
    with ctx.database.session() as session:
        ids = [record.id for record in records]
        dropped = quarantine.drop(session, ids, ctx.clock.now(), author.who, author.why)
    log.info("quarantine_dropped", records=dropped, who=author.who, why=author.why)
    return dropped


def _meant(ctx: Context, choice: Choice) -> list[Quarantined]:
    with ctx.database.session() as session:
        found = quarantine.quarantined(
            session, ids=choice.ids or None, source=choice.source, kind=choice.kind
        )
    _refuse_unknown(choice.ids, {record.id for record in found})
    return found


def _refuse_unknown(asked: Collection[int], found: Collection[int]) -> None:
    unknown = sorted(set(asked) - set(found))
    if unknown:
        raise BadData(
            f"no open record has the number {', '.join(map(str, unknown))}: it is mended, dropped or was"
            " never there (`matchbeat quarantine list --state all`)"
        )
