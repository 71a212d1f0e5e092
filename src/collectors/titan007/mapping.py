"""Turns Titan007's rows into quotes: signs, decimal prices, and which phase a price belongs to."""

from datetime import datetime, timedelta

from src.collectors.registry import AH_OU, EURO, bookmaker_name
from src.collectors.titan007.parse_euro import EuroQuote, EuroScript, Prices
from src.collectors.titan007.parse_lines import Line, LineRow
from src.domain.match import MatchStatus, Source
from src.domain.odds import Market, OddsQuote, Phase

#: Where a source does not tell when a price of a match that has begun was set, this much is known: before
#: the kick-off. For the closing price, which held at kick-off, it is exact.
_JUST_BEFORE = timedelta(seconds=1)

_STATES = {
    "完": MatchStatus.FINISHED,
    "推迟": MatchStatus.POSTPONED,
    "取消": MatchStatus.CANCELLED,
    "腰斩": MatchStatus.ABANDONED,
    "中断": MatchStatus.LIVE,
    "待定": MatchStatus.POSTPONED,
    "": MatchStatus.SCHEDULED,
}


def status_of(state: str) -> MatchStatus:
    """Return the state that a day list's word stands for; anything else on it is a match in play."""
    return _STATES.get(state, MatchStatus.LIVE)


def euro_quotes(
    script: EuroScript, source_match_id: str, *, kickoff: datetime, captured_at: datetime
) -> list[OddsQuote]:
    """Return the opening and the last pre-match 1x2 quotes of a script captured at `captured_at`.

    A price from `kickoff` on is in play and left out; of a match that has begun, the last one before it is
    the closing price.
    """
    quotes = []
    for row in script.quotes:
        opened_at = row.changes[0][0] if row.changes else _unknown(kickoff, captured_at)
        found: list[tuple[Phase, Prices, datetime | None]] = []
        if opened_at is None or opened_at < kickoff:
            found.append((Phase.OPENING, row.opening, opened_at))
        last = _last_before(row, kickoff)
        if last is not None:
            found.append((_phase(captured_at, kickoff), last[1], last[0]))
        quotes += [_euro(source_match_id, row, phase, prices, at, captured_at) for phase, prices, at in found]
    return quotes


def _unknown(kickoff: datetime, captured_at: datetime) -> datetime | None:
    """Return the time of a price of unknown time: None, for the capture's, as long as that is pre-match."""
    return None if captured_at < kickoff else kickoff - _JUST_BEFORE


def _last_before(row: EuroQuote, kickoff: datetime) -> tuple[datetime, Prices] | None:
    if row.current_at < kickoff:
        return row.current_at, row.current
    return next((change for change in reversed(row.changes) if change[0] < kickoff), None)


def _phase(captured_at: datetime, kickoff: datetime) -> Phase:
    return Phase.PREMATCH if captured_at < kickoff else Phase.CLOSING


def _euro(
    source_match_id: str,
    row: EuroQuote,
    phase: Phase,
    prices: Prices,
    at: datetime | None,
    captured_at: datetime,
) -> OddsQuote:
    return OddsQuote(
        source=Source.TITAN007,
        source_match_id=source_match_id,
        bookmaker_namespace=EURO,
        bookmaker_id=row.bookmaker,
        bookmaker_name=bookmaker_name(EURO, row.bookmaker, row.name),
        market=Market.ONE_X_TWO,
        phase=phase,
        prices=prices,
        source_time_utc=at,
        captured_at=captured_at,
    )


def line_quotes(
    rows: tuple[LineRow, ...],
    market: Market,
    source_match_id: str,
    *,
    kickoff: datetime,
    captured_at: datetime,
) -> list[OddsQuote]:
    """Return the opening and the last pre-match quotes of an Asian handicap or over/under page.

    Once the match has begun, what the page shows last is in play and left out.
    """
    quotes = []
    unknown, phase = _unknown(kickoff, captured_at), _phase(captured_at, kickoff)
    for row in rows:
        opened_at = row.opened_at or unknown
        if row.opening and (opened_at is None or opened_at < kickoff):
            quotes.append(
                _line(source_match_id, market, row, row.opening, Phase.OPENING, opened_at, captured_at)
            )
        last = row.whole if phase is Phase.CLOSING else row.whole or row.last
        if last:
            quotes.append(_line(source_match_id, market, row, last, phase, unknown, captured_at))
    return quotes


def _line(
    source_match_id: str,
    market: Market,
    row: LineRow,
    line: Line,
    phase: Phase,
    at: datetime | None,
    captured_at: datetime,
) -> OddsQuote:
    # Titan007 counts what the home side gives; ours is what is added to its goals. `+ 0.0` mends -0.0.
    ours = -line.goals + 0.0 if market is Market.ASIAN_HANDICAP else line.goals
    return OddsQuote(
        source=Source.TITAN007,
        source_match_id=source_match_id,
        bookmaker_namespace=AH_OU,
        bookmaker_id=row.bookmaker,
        bookmaker_name=bookmaker_name(AH_OU, row.bookmaker, row.name),
        market=market,
        phase=phase,
        line=ours,
        line_rank=row.rank,
        prices=(round(line.first + 1, 4), round(line.second + 1, 4)),
        source_time_utc=at,
        captured_at=captured_at,
    )
