"""As what the prices of a page are seen: of which match, when, and before or after its kick-off."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from src.collectors.registry import bookmaker_name
from src.collectors.titan007.parse_euro import EuroScript
from src.collectors.titan007.parse_lines import Line
from src.domain.match import Source
from src.domain.odds import Market, OddsQuote, Period, Phase
from src.domain.payload import Parsed, Rejected

#: Where a source does not tell when a price of a match that has begun was set, this much is known: before
#: the kick-off. For the closing price, which held at kick-off, it is exact.
_JUST_BEFORE = timedelta(seconds=1)

NO_KICKOFF = (
    "the payload does not tell the kick-off, and without it a price before it looks as one in play:"
    " only the opening price is known for what it is"
)


@dataclass(frozen=True, kw_only=True)
class Sight:
    """A look at a match's odds; all times are UTC, and `kickoff` is None where it is not known."""

    match_id: str
    kickoff: datetime | None
    captured_at: datetime

    @property
    def begun(self) -> bool:
        """Whether the match had kicked off when it was looked at."""
        return self.kickoff is not None and self.captured_at >= self.kickoff

    @property
    def phase(self) -> Phase:
        """The phase of the last price before the kick-off."""
        return Phase.CLOSING if self.begun else Phase.PREMATCH

    @property
    def at_unknown(self) -> datetime | None:
        """The time of a price of unknown time: None, for the capture's, as long as that is pre-match."""
        return self.kickoff - _JUST_BEFORE if self.begun and self.kickoff else None

    def of(self, script: EuroScript) -> "Sight":
        """Return the sight of a script's match: it may tell its id, and it tells its kick-off.

        Where the sources disagree on the kick-off, the earlier one keeps in-play prices out for sure.
        """
        kickoff = min(filter(None, (self.kickoff, script.kickoff_utc)))
        return replace(self, match_id=script.match_id or self.match_id, kickoff=kickoff)

    def is_prematch(self, at: datetime | None) -> bool:
        """Whether a time is before the kick-off, as far as is known."""
        return at is None or self.kickoff is None or at < self.kickoff

    def quotes(self, told: Iterable["ToldPrice"], rejected: tuple[Rejected, ...] = ()) -> Parsed[OddsQuote]:
        """Return the quotes of prices; what is no quote (a line of 1.2, say) is rejected alone."""
        return Parsed(rows=tuple(told), rejected=rejected).into(
            lambda price: [self._quote(price)], lambda price: price.key
        )

    def _quote(self, told: "ToldPrice") -> OddsQuote:
        return OddsQuote(
            source=Source.TITAN007,
            source_match_id=self.match_id,
            bookmaker_namespace=told.namespace,
            bookmaker_id=told.bookmaker,
            bookmaker_name=bookmaker_name(told.namespace, told.bookmaker, told.name),
            market=told.market,
            period=told.period,
            phase=told.phase,
            line=told.line,
            line_rank=told.rank,
            prices=told.prices,
            suspended=not told.prices,
            source_time_utc=told.at,
            captured_at=self.captured_at,
        )


@dataclass(frozen=True, kw_only=True)
class ToldPrice:
    """A price that a payload tells: decimal prices, our line; no prices at all where the line is sealed."""

    namespace: str
    bookmaker: str
    name: str
    market: Market
    phase: Phase
    prices: tuple[float, ...]
    at: datetime | None
    line: float | None = None
    rank: int = 1
    period: Period = Period.FULL_TIME

    @property
    def key(self) -> str:
        """What finds it in its payload."""
        at = f"/{self.at:%Y-%m-%d %H:%M}" if self.at else ""
        return f"{self.bookmaker}#{self.rank}/{self.market}/{self.period}/{self.phase}{at}"


def decimal(line: Line) -> tuple[float, float]:
    """Return the decimal prices of a line's Hong Kong ones."""
    return round(line.first + 1, 4), round(line.second + 1, 4)


def our_line(market: Market, goals: float) -> float:
    """Return a line as ours: Titan007 counts what the home side gives, we what is added to its goals."""
    # `+ 0.0` mends -0.0.
    return -goals + 0.0 if market is Market.ASIAN_HANDICAP else goals
