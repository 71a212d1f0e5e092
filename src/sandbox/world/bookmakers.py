"""The bookmakers a world quotes, with their numbers on Titan007's two kinds of page."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookmaker:
    """One bookmaker: `euro_id` in the 1X2 files, `page_id` on the handicap and totals pages (None: absent).

    `prefix` is its column prefix at football-data.co.uk, None where that has no prices of it. `margin` is its
    usual overround on 1X2 in a made world: 0.05 means that the inverse prices sum to 1.05.
    """

    name: str
    masked: str
    euro_id: int
    page_id: int | None
    prefix: str | None
    margin: float


BOOKMAKERS: tuple[Bookmaker, ...] = (
    Bookmaker(name="Bet 365", masked="36*(英国)", euro_id=281, page_id=8, prefix="B365", margin=0.052),
    Bookmaker(name="Pinnacle", masked="平*(安提瓜)", euro_id=177, page_id=47, prefix="PS", margin=0.026),
    Bookmaker(name="William Hill", masked="威*(英国)", euro_id=115, page_id=None, prefix="WH", margin=0.060),
    Bookmaker(name="bwin", masked="bw*", euro_id=255, page_id=None, prefix="BW", margin=0.058),
    Bookmaker(name="Vcbet", masked="伟*(直布罗陀)", euro_id=81, page_id=14, prefix="VC", margin=0.055),
    Bookmaker(name="Interwetten", masked="Inter*", euro_id=104, page_id=None, prefix="IW", margin=0.066),
    Bookmaker(name="Ladbrokes", masked="立*(英国)", euro_id=82, page_id=None, prefix="LB", margin=0.062),
    Bookmaker(name="Crown", masked="Crow*", euro_id=545, page_id=3, prefix=None, margin=0.062),
    Bookmaker(name="Macauslot", masked="澳*", euro_id=80, page_id=1, prefix=None, margin=0.090),
)

BY_PREFIX = {bookmaker.prefix: bookmaker for bookmaker in BOOKMAKERS if bookmaker.prefix}
