"""What a batch means is the same however the quotes were told: in memory, for all routes of the judgement."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from src.database.odds_judging import Judgement, Key, Latest, Sighting, StoredLatest, judge, merge
from src.domain.match import Source
from src.domain.odds import Market, OddsQuote, Phase
from tests.conftest import NOW

NUMBERS = {("titan-ah-ou", "8"): 1, ("titan-ah-ou", "47"): 2}
Batch = list[OddsQuote]


def quote(minute: int, price: float = 1.9, **changes: Any) -> OddsQuote:
    """A handicap quote observed at `minute` and captured then, unless `changes` say otherwise."""
    at = NOW + timedelta(minutes=minute)
    told: dict[str, Any] = {
        "source": Source.TITAN007, "source_match_id": "t1", "bookmaker_namespace": "titan-ah-ou",
        "bookmaker_id": "8", "bookmaker_name": "Bookmaker", "market": Market.ASIAN_HANDICAP,
        "phase": Phase.PREMATCH, "line": -0.5, "prices": (price, 1.95), "source_time_utc": at,
        "captured_at": at,
    }  # fmt: skip
    return OddsQuote(**{**told, **changes})


def stored(row: Latest) -> StoredLatest:
    """The row as the database tells it."""
    told = row.sighting
    return StoredLatest(
        *told.key, told.phase, told.line, list(told.prices), told.suspended, told.observed_at, told.source,
        told.last_captured, row.tied, row.first_observed_at, row.last_observed_at,
    )  # fmt: skip


class Tables:
    """Latest, History and the repeats in memory; late lines are judged as the database judges them."""

    def __init__(self) -> None:
        self.latest: dict[Key, Latest] = {}
        self.sightings: list[Sighting] = []
        self.changes: list[Sighting] = []
        self.late = 0

    def store(self, batch: Batch) -> None:
        by_key = merge(((1, item) for item in batch), NUMBERS)
        made = judge(by_key, {key: stored(row) for key, row in self.latest.items() if key in by_key})
        self.late += len(made.late)
        self.sightings += made.changes + made.repeats
        self.changes += made.changes
        for row in made.new_latest + made.moved_latest:
            self.latest[row.sighting.key] = row
        self._judge_late(made)

    def _judge_late(self, made: Judgement) -> None:
        for told in made.late:
            stored = next((s for s in self.sightings if s.key == told.key and s.same_as(told)), None)
            if stored is None:
                self.sightings.append(replace(told))
            else:
                stored.suspended |= told.suspended
                stored.first_captured = min(stored.first_captured, told.first_captured)
                stored.source = min(stored.source, told.source)
            line = [s for s in self.sightings if (s.key, s.phase) == (told.key, told.phase)]
            self.changes = [s for s in self.changes if s not in line]
            state: Any = None
            for sighting in sorted(line, key=lambda item: item.place):
                if sighting.state != state:
                    self.changes.append(sighting)
                state = sighting.state
        for key in made.refreshed:
            row = self.latest[key]
            stored = next(s for s in self.sightings if s.key == key and s.same_as(row.sighting))
            row.sighting = replace(row.sighting, suspended=stored.suspended, source=stored.source)

    def rows(self) -> tuple[Any, ...]:
        latest = [
            (*row.sighting.key, row.sighting.phase, row.sighting.observed_at, *row.sighting.state,
             row.sighting.last_captured, row.sighting.source, row.tied, row.first_observed_at,
             row.last_observed_at)
            for row in self.latest.values()
        ]  # fmt: skip
        return sorted(latest), *(
            sorted((*s.key, s.phase, s.place, s.suspended, s.first_captured, s.source) for s in found)
            for found in (self.changes, self.sightings)
        )


def after(*batches: Batch) -> Tables:
    tables = Tables()
    for batch in batches:
        tables.store(batch)
    return tables


def times(tables: Tables) -> list[datetime]:
    return sorted(sighting.observed_at for sighting in tables.changes)


QUOTES = st.builds(
    lambda minute, price, line, phase, later, suspended, source, bookmaker: quote(
        minute,
        price,
        line=line,
        phase=phase,
        captured_at=NOW + timedelta(minutes=minute + later),
        suspended=suspended,
        source=source,
        bookmaker_id=bookmaker,
    ),
    st.integers(0, 4),
    st.sampled_from([1.8, 1.9]),
    st.sampled_from([-0.5, 0.0]),
    st.sampled_from([Phase.OPENING, Phase.PREMATCH, Phase.CLOSING]),
    st.integers(0, 3),
    st.sampled_from([False, False, True]),
    st.sampled_from([Source.TITAN007, Source.FOTMOB]),
    st.sampled_from(["8", "8", "47"]),
)


@given(data=st.data(), quotes=st.lists(QUOTES, min_size=1, max_size=10))
@settings(max_examples=600, deadline=None, derandomize=True)
def test_any_order_and_any_batches_end_in_the_same_tables(data: st.DataObject, quotes: Batch) -> None:
    expected = after(quotes).rows()
    told = data.draw(st.permutations(quotes + quotes[:4]))
    batches, cuts = [], sorted(data.draw(st.sets(st.integers(1, len(told)))))
    for begin, end in zip([0, *cuts], [*cuts, len(told)], strict=True):
        batches.append(list(told[begin:end]))
    assert after(*batches).rows() == expected
    assert after(*([item] for item in told)).rows() == expected


def test_all_orders_of_late_doubled_and_tied_quotes_are_one() -> None:
    told = [
        quote(0, 1.9, phase=Phase.OPENING), quote(1, 1.9), quote(3, 1.8), quote(3, 1.85),
        quote(2, 1.9, captured_at=NOW + timedelta(minutes=9)), quote(5, 2.0, phase=Phase.CLOSING),
    ]  # fmt: skip
    ends = {str(after(*([item, item] for item in order)).rows()) for order in permutations(told)}
    assert len(ends) == 1


def test_quotes_in_order_are_judged_without_the_history() -> None:
    opening = quote(0, phase=Phase.OPENING)
    tables = after([opening, quote(1)], [quote(2)], [quote(3, 1.8)], [quote(3, 1.8)], [quote(4, 1.9)])
    assert tables.late == 0
    assert times(tables) == [NOW + timedelta(minutes=minute) for minute in (0, 1, 3, 4)]


def test_a_late_price_between_two_sightings_splits_them() -> None:
    tables = after([quote(0)], [quote(25)], [quote(30)], [quote(10, 1.8)])
    assert tables.late == 1
    assert times(tables) == [NOW + timedelta(minutes=minute) for minute in (0, 10, 25)]


def test_of_two_prices_of_one_minute_the_one_captured_last_is_the_latest() -> None:
    first = quote(3, 1.9, captured_at=NOW + timedelta(minutes=4))
    second = quote(3, 1.8, captured_at=NOW + timedelta(minutes=5))
    for batches in ([first], [second]), ([second], [first]), ([first, second],):
        (row,) = after(*batches).latest.values()
        assert (row.sighting.prices, row.tied) == (second.prices, True)
