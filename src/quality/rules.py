"""The quality rules: each says of one record whether it is as it should be.

Rules that sound sensible fail on real matches: more than 20 fouls are normal, goals may outnumber shots on
target (own goals), and an Asian handicap of 0 is a real line. None of those is here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, Protocol, TypeVar

from src.domain.match import MatchStatus
from src.domain.odds import Market
from src.domain.quality import MatchRecord, QuoteRecord, SourceRecord
from src.quality.quarantine import overround

Record = TypeVar("Record", contravariant=True)
Checked = TypeVar("Checked")

#: No match, with extra time, penalties and a long break, is still undecided after this.
_LONGEST = timedelta(hours=6)
_ODDS_DUE = timedelta(hours=48)
_FRESH = timedelta(hours=26)
_MOST_GOALS = 20

#: Exchanges come close to 1 and may cross it for a while; lotteries take up to 30 % of a 1x2 bet.
_OVERROUND = {
    Market.ONE_X_TWO: (0.97, 1.35),
    Market.ASIAN_HANDICAP: (0.97, 1.25),
    Market.OVER_UNDER: (0.97, 1.25),
}

_NOT_BEGUN = {MatchStatus.SCHEDULED, MatchStatus.POSTPONED, MatchStatus.CANCELLED}


class Rule(Protocol[Record]):
    """One rule over one kind of record."""

    @property
    def name(self) -> str:
        """The name in reports."""
        ...

    @property
    def description(self) -> str:
        """What the rule wants, as a sentence."""
        ...

    def applies(self, record: Record) -> bool:
        """Whether the rule has anything to say of this record."""
        ...

    def check(self, record: Record) -> bool:
        """Whether the record is as the rule wants it."""
        ...


@dataclass(frozen=True)
class Simple(Generic[Checked]):
    """A rule made of two functions."""

    name: str
    description: str
    wanted: Callable[[Checked], bool]
    concerns: Callable[[Checked], bool] = lambda _: True

    def applies(self, record: Checked) -> bool:
        """Whether the rule concerns the record."""
        return self.concerns(record)

    def check(self, record: Checked) -> bool:
        """Whether the record is as wanted."""
        return self.wanted(record)


MATCH_RULES: tuple[Rule[MatchRecord], ...] = (
    Simple(
        "result_has_score",
        "A match played to its end has a final score.",
        lambda match: match.score_final is not None,
        lambda match: match.status.has_result,
    ),
    Simple(
        "no_score_before_kick_off",
        "A match that has not been played has no score.",
        lambda match: match.score_90 is None and match.score_final is None,
        lambda match: match.status in _NOT_BEGUN,
    ),
    Simple(
        "goals_plausible",
        f"Neither side has more than {_MOST_GOALS} goals.",
        lambda match: (
            match.score_final is None or max(match.score_final.home, match.score_final.away) <= _MOST_GOALS
        ),
    ),
    Simple(
        "teams_differ",
        "A team does not play itself.",
        lambda match: match.home_team_id != match.away_team_id,
    ),
    Simple(
        "result_after_kick_off",
        "A match with a result has kicked off.",
        lambda match: match.kickoff_utc < match.now,
        lambda match: match.status.has_result,
    ),
    Simple(
        "result_in_time",
        "Six hours after its kick-off a match is no longer scheduled or live.",
        lambda match: match.kickoff_utc + _LONGEST > match.now,
        lambda match: match.status in {MatchStatus.SCHEDULED, MatchStatus.LIVE},
    ),
    Simple(
        "odds_present",
        "A watched match of the next 48 hours has odds.",
        lambda match: match.quotes > 0,
        lambda match: (
            match.watched
            and match.status is MatchStatus.SCHEDULED
            and match.now <= match.kickoff_utc <= match.now + _ODDS_DUE
        ),
    ),
)

QUOTE_RULES: tuple[Rule[QuoteRecord], ...] = (
    Simple(
        "overround_in_range",
        "The bookmaker's margin is that of a real offer.",
        lambda quote: _OVERROUND[quote.market][0] <= overround(quote.prices) <= _OVERROUND[quote.market][1],
    ),
    Simple(
        "price_plausible",
        "No price makes an outcome certain or hopeless.",
        lambda quote: all(1.001 <= price <= 501 for price in quote.prices),
    ),
    Simple(
        "quote_before_kick_off",
        "A pre-match quote was made before the kick-off.",
        lambda quote: quote.observed_at < quote.kickoff_utc,
    ),
    Simple(
        "line_present",
        "A handicap or a total has a line, which may be 0.",
        lambda quote: quote.line is not None,
        lambda quote: quote.market is not Market.ONE_X_TWO,
    ),
)

SOURCE_RULES: tuple[Rule[SourceRecord], ...] = (
    Simple(
        "collected_recently",
        "A source has answered within 26 hours.",
        lambda source: source.last_seen_at is not None and source.now - source.last_seen_at <= _FRESH,
    ),
)
