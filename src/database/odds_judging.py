"""What a batch of quotes means for Latest and History; pure.

A *key* is (match, bookmaker, market, period, line rank), a *line* is a key in one phase. Tellings of one
price of one time are one sighting, however often it was told. Latest and History are functions of the set of
sightings, so that no order of arrival matters:

- Latest has the greatest sighting of a key (`rank`).
- History has those sightings of a line, in order of time, that differ from the one before; the others are
  repeats.

Where nothing older can be in question, this is decided here, from the row of Latest alone. What arrived late
is left for `src.database.odds_late`, which reads the line's history.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from src.domain.odds import OddsQuote, Phase

Key = tuple[int, int, str, str, int]

_OPENING, _CLOSING = Phase.OPENING.value, Phase.CLOSING.value


@dataclass(slots=True)
class Sighting:
    """One price of one time; `first_captured` and `last_captured` are of all its tellings.

    It is suspended where any telling says so; of several sources the first by name counts.
    """

    key: Key
    phase: str
    observed_at: datetime
    line: float | None
    prices: tuple[float, ...]
    suspended: bool
    first_captured: datetime
    last_captured: datetime
    source: str

    @property
    def place(self) -> tuple[Any, ...]:
        """Where it stands in its line."""
        return self.observed_at, self.line or 0.0, self.line is None, self.prices

    @property
    def rank(self) -> tuple[Any, ...]:
        """How near it is to being the latest of its key.

        An opening price stands only until there is a later one: its time may be that of a late capture.
        """
        return (
            self.phase != _OPENING, self.observed_at, self.phase == _CLOSING, self.last_captured,
            self.line or 0.0, self.line is None, self.prices,
        )  # fmt: skip

    @property
    def state(self) -> tuple[Any, ...]:
        """What a change is a change of."""
        return self.line, self.prices, self.suspended

    def same_as(self, other: "Sighting") -> bool:
        """Tell whether two sightings of one key are one."""
        return (
            self.observed_at == other.observed_at
            and self.prices == other.prices
            and self.line == other.line
            and self.phase == other.phase
        )

    def add(self, other: "Sighting") -> None:
        """Add up what another telling of this sighting says."""
        self.suspended |= other.suspended
        self.first_captured = min(self.first_captured, other.first_captured)
        self.last_captured = max(self.last_captured, other.last_captured)
        self.source = min(self.source, other.source)

    def beside(self, other: "Sighting") -> bool:
        """Tell whether two sightings of one key are of one phase and time."""
        return self.observed_at == other.observed_at and self.phase == other.phase


@dataclass(slots=True)
class Latest:
    """A row of Latest: the sighting, and what else has been seen of its key.

    `tied` where there is another sighting of its phase and time. All sightings of the key are from
    `first_observed_at` to `last_observed_at`.
    """

    sighting: Sighting
    tied: bool
    first_observed_at: datetime
    last_observed_at: datetime


class StoredLatest(NamedTuple):
    """A row of Latest as the database has it: there are too many to make objects of what the rule decides."""

    match_id: int
    bookmaker_id: int
    market: str
    period: str
    line_rank: int
    phase: str
    line: float | None
    prices: Sequence[float]
    suspended: bool
    observed_at: datetime
    source: str
    captured_at: datetime
    tied: bool
    first_observed_at: datetime
    last_observed_at: datetime

    def as_latest(self) -> Latest:
        """Return the row with its sighting."""
        sighting = Sighting(
            self[:5], self.phase, self.observed_at, self.line, tuple(self.prices), self.suspended,
            self.captured_at, self.captured_at, self.source,
        )  # fmt: skip
        return Latest(sighting, self.tied, self.first_observed_at, self.last_observed_at)


@dataclass(slots=True)
class Judgement:
    """What to write: new rows of History and of the repeats, late sightings, and rows of Latest.

    `refreshed` are keys whose row of Latest has become a sighting that was stored before.
    """

    changes: list[Sighting] = field(default_factory=list)
    repeats: list[Sighting] = field(default_factory=list)
    late: list[Sighting] = field(default_factory=list)
    new_latest: list[Latest] = field(default_factory=list)
    moved_latest: list[Latest] = field(default_factory=list)
    refreshed: list[Key] = field(default_factory=list)


def merge(
    told: Iterable[tuple[int, OddsQuote]], numbers: Mapping[tuple[str, str], int]
) -> dict[Key, list[Sighting]]:
    """Return the sightings in (match, quote) pairs by key; `numbers` has our bookmakers' numbers."""
    # The first sighting of a key, which nearly always is its only one, is not among these.
    further: dict[tuple[Any, ...], Sighting] = {}
    by_key: dict[Key, list[Sighting]] = {}
    for match, quote in told:
        # `_value_` is what `value` returns by a detour; there are hundreds of thousands of quotes.
        phase, prices, captured = quote.phase._value_, quote.prices, quote.captured_at
        key = (
            match, numbers[quote.bookmaker_namespace, quote.bookmaker_id], quote.market._value_,
            quote.period._value_, quote.line_rank,
        )  # fmt: skip
        sighting = Sighting(
            key, phase, quote.source_time_utc or captured, quote.line, prices, quote.suspended, captured,
            captured, quote.source._value_,
        )  # fmt: skip
        found = by_key.get(key)
        if found is None:
            by_key[key] = [sighting]
        elif found[0].same_as(sighting):
            found[0].add(sighting)
        else:
            identity = (key, phase, sighting.observed_at, sighting.line, prices)
            known = further.setdefault(identity, sighting)
            if known is sighting:
                found.append(sighting)
            else:
                known.add(sighting)
    return by_key


def judge(by_key: Mapping[Key, list[Sighting]], known: Mapping[Key, StoredLatest]) -> Judgement:
    """Decide what a batch changes; `known` are the rows of Latest that its keys have."""
    made = Judgement()
    for key, sightings in by_key.items():
        row = known.get(key)
        if row is None:
            latest = None
            made.new_latest.append(_first(sightings))
        elif len(sightings) == 1 and _judge_one(made, row, sightings[0]):
            continue
        else:
            latest = row.as_latest()
            _move(made, latest, sightings)
        for line in _lines(sightings):
            _judge_line(made, latest, line)
    return made


def _judge_one(made: Judgement, row: StoredLatest, told: Sighting) -> bool:
    """Judge what is the rule, one price of a known key; the general way comes to the same, but slowly.

    Return False where it is not the rule: nothing is judged then.
    """
    same_phase = told.phase == row.phase
    if told.observed_at > row.observed_at:
        if row.tied or not (same_phase or row.phase == _OPENING):
            return False
        until = max(row.last_observed_at, told.observed_at)
        made.moved_latest.append(Latest(told, False, row.first_observed_at, until))
        unchanged = same_phase and told.state == (row.line, tuple(row.prices), row.suspended)
        (made.repeats if unchanged else made.changes).append(told)
    elif not same_phase:
        return False
    elif told.observed_at < row.observed_at:
        made.late.append(told)
        if told.observed_at < row.first_observed_at:
            latest = row.as_latest()
            latest.first_observed_at = told.observed_at
            made.moved_latest.append(latest)
    elif (
        told.line != row.line
        or told.prices != tuple(row.prices)
        or not _says_nothing_new(told, row.suspended, row.source, row.captured_at)
    ):
        return False
    elif told.last_captured > row.captured_at:
        latest = row.as_latest()
        latest.sighting.last_captured = told.last_captured
        made.moved_latest.append(latest)
    return True


def _lines(sightings: list[Sighting]) -> Iterable[list[Sighting]]:
    if len(sightings) == 1:
        return (sightings,)
    lines: dict[str, list[Sighting]] = {}
    for sighting in sightings:
        lines.setdefault(sighting.phase, []).append(sighting)
    return lines.values()


def _judge_line(made: Judgement, latest: Latest | None, line: list[Sighting]) -> None:
    # Only where the latest quote of a key is an opening price can there be no other phase before it.
    if latest is None or (latest.sighting.phase == _OPENING and line[0].phase != _OPENING):
        _append(made, None, line)
        return
    last = latest.sighting
    news = [
        told
        for told in line
        if not told.same_as(last)
        or not _says_nothing_new(told, last.suspended, last.source, last.last_captured)
    ]
    follows = all(
        sighting.phase == last.phase and sighting.observed_at > last.observed_at for sighting in news
    )
    if follows and not latest.tied:
        _append(made, last.state, news)
    else:
        made.late += news


def _says_nothing_new(told: Sighting, suspended: bool, source: str, last_captured: datetime) -> bool:
    """Tell whether one more telling adds nothing to what History has of its sighting."""
    # The row in History has an earlier capture than Latest's, or the same.
    return (
        (suspended or not told.suspended) and told.source >= source and told.first_captured >= last_captured
    )


def _append(made: Judgement, state: tuple[Any, ...] | None, line: Sequence[Sighting]) -> None:
    for sighting in sorted(line, key=lambda item: item.place) if len(line) > 1 else line:
        if sighting.state == state:
            made.repeats.append(sighting)
        else:
            made.changes.append(sighting)
            state = sighting.state


def _first(sightings: list[Sighting]) -> Latest:
    if len(sightings) == 1:
        only = sightings[0]
        return Latest(only, False, only.observed_at, only.observed_at)
    winner = max(sightings, key=lambda item: item.rank)
    times = [sighting.observed_at for sighting in sightings]
    return Latest(winner, sum(map(winner.beside, sightings)) > 1, min(times), max(times))


def _move(made: Judgement, known: Latest, sightings: list[Sighting]) -> None:
    last = known.sighting
    for sighting in sightings:
        if sighting.same_as(last):
            last = replace(last)
            last.add(sighting)
    others = [sighting for sighting in sightings if not sighting.same_as(last)]
    winner = max([last, *others], key=lambda item: item.rank)
    times = [sighting.observed_at for sighting in sightings]
    if winner is last:
        tied = known.tied or any(map(last.beside, others))
    else:
        tied = winner.beside(last) or sum(map(winner.beside, others)) > 1
        if winner.beside(last):
            # It may have been seen before, and have lost then: what was told of it has to be added up.
            made.refreshed.append(winner.key)
    moved = Latest(winner, tied, min(known.first_observed_at, *times), max(known.last_observed_at, *times))
    if moved != known:
        made.moved_latest.append(moved)
