"""Titan007's 1X2 file: `/{id}.js` with opening and present prices of every bookmaker and their changes."""

from collections.abc import Sequence
from datetime import datetime

from src.sandbox.pages.titan_shared import beijing, kickoff
from src.sandbox.world.draws import drawn
from src.sandbox.world.fixture import Fixture, Moment
from src.sandbox.world.quotes import Change, Quote, path

#: Older files begin with a byte order mark, leave out `var` and the last columns; one in this many does here.
_OLD_STYLE_ONE_IN = 4


def euro_js(fixture: Fixture, at: Moment, quotes: Sequence[Quote], now: datetime) -> bytes:
    """Return the file in UTF-8; both arrays are empty before the first bookmaker opens.

    `MatchTime` and the times in `game` are UTC with the month as "month-1" in words; the times in
    `gameDetail` are Beijing's, newest first.
    """
    old = drawn(fixture.number, "old js") < 1 / _OLD_STYLE_ONE_IN
    opened = [
        (quote, changes)
        for quote in quotes
        for changes in [path(fixture.number, quote, at.kickoff, now)]
        if changes
    ]
    consensus = _consensus([changes[-1].prices.prices for _, changes in opened])
    games = [_game(fixture, quote, changes, consensus, old=old) for quote, changes in opened]
    details = [_detail(fixture, quote, changes, consensus, old=old) for quote, changes in opened]
    competition = fixture.competition
    var = "" if old else "var "
    lines = [
        f'var matchname="{competition.titan_name_en}";',
        f'var matchname_cn="{competition.titan_name}";',
        f'var MatchTime="{_script_time(kickoff(fixture, at))}";',
        f"var ScheduleID={fixture.titan_id};",
        f'var hometeam="{fixture.home.titan_name_en}";',
        f'var guestteam="{fixture.away.titan_name_en}";',
        f'var hometeam_cn="{fixture.home.titan_name}";',
        f'var guestteam_cn="{fixture.away.titan_name}";',
        f"var hometeamID={fixture.home.titan_id};",
        f"var guestteamID={fixture.away.titan_id};",
        f"{var}game=Array({_quoted(games)});",
        f"{var}gameDetail=Array({_quoted(details)});",
    ]
    return ("\ufeff" if old else "").encode() + "\n".join(lines).encode()


def _game(
    fixture: Fixture, quote: Quote, changes: list[Change], consensus: Sequence[float], *, old: bool
) -> str:
    opening, present = changes[0].prices.prices, changes[-1].prices.prices
    bookmaker = quote.bookmaker
    told = [
        str(bookmaker.euro_id),
        str(_odds_id(fixture, quote)),
        bookmaker.name,
        *_with_chances(opening),
        *_with_chances(present),
        *_kelly(present, consensus),
        _script_time(changes[-1].at),
        "" if old else bookmaker.masked,
    ]
    return "|".join(told if old else [*told, "1", "0", *_kelly(opening, consensus)])


def _detail(
    fixture: Fixture, quote: Quote, changes: list[Change], consensus: Sequence[float], *, old: bool
) -> str:
    home, draw, away = consensus
    entries = []
    for change in reversed(changes):
        local = beijing(change.at).isoformat()
        h, d, a = change.prices.prices
        entries.append(
            f"{h:g}|{d:g}|{a:g}|{local[5:10]} {local[11:16]}"
            f"|{h * home:.2f}|{d * draw:.2f}|{a * away:.2f}|{local[:4]}"
        )
    return f"{_odds_id(fixture, quote)}^{';'.join(entries)}{'' if old else ';'}"


def _odds_id(fixture: Fixture, quote: Quote) -> int:
    return fixture.number * 1_000 + quote.bookmaker.euro_id


def _with_chances(prices: Sequence[float]) -> list[str]:
    """Return prices, their shares of 100 and the payout in percent."""
    payout = 1 / sum(1 / price for price in prices)
    shares = [payout / price for price in prices]
    return [*map(_number, prices), *(_number(100 * share) for share in shares), _number(100 * payout)]


def _consensus(books: Sequence[Sequence[float]]) -> list[float]:
    """Return the mean de-vigged chances over the bookmakers."""
    if not books:
        return []
    sums = [0.0, 0.0, 0.0]
    for prices in books:
        inverse = [1 / price for price in prices]
        total = sum(inverse)
        sums = [held + share / total for held, share in zip(sums, inverse, strict=True)]
    return [held / len(books) for held in sums]


def _kelly(prices: Sequence[float], consensus: Sequence[float]) -> list[str]:
    """Return price times the chance that all bookmakers together give, which the site calls Kelly index."""
    return [f"{price * chance:.2f}" for price, chance in zip(prices, consensus, strict=True)]


def _script_time(at: datetime) -> str:
    """Return an instant as the arguments of a script's Date: the month is the sum "10-1" for October."""
    return f"{at:%Y,%m-1,%d,%H,%M,%S}"


def _quoted(items: Sequence[str]) -> str:
    return ",".join(f'"{item}"' for item in items)


def _number(value: float) -> str:
    return f"{round(value, 2):g}"
