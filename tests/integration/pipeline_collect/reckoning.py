"""What a collection should have found, reckoned from the sandbox's world and from what it did to its answers.

No parser of ours takes part: a record is expected because the world has it and its page came to us readable.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from src.domain.odds import Market
from src.sandbox.chaos.plan import Kind
from src.sandbox.world.fixture import Fixture, Moment, Phase, moment
from src.sandbox.world.index import BEIJING, Index, World
from src.sandbox.world.quotes import Prices, Quote, path

Row = tuple[str, ...]

#: Of which the last answer brought a payload; of the others it brought an error.
ARRIVES = {kind for kind in Kind if kind.is_harmless} | {None, Kind.HALVED, Kind.PSEUDO_404, Kind.CHANGED}
UNREADABLE = {Kind.HALVED, Kind.PSEUDO_404, Kind.CHANGED}
_PAGES = {
    Market.ONE_X_TWO: "/titan/euro/{}.js",
    Market.ASIAN_HANDICAP: "/titan/pages/AsianOdds_n.aspx?id={}",
    Market.OVER_UNDER: "/titan/pages/OverDown_n.aspx?id={}",
}


class Reckoning:
    """The records of one run at `now`; `last` has by address what was done to its last answer."""

    def __init__(self, world: World, last: Mapping[str, Kind | None], now: datetime) -> None:
        self._index, self.last, self._now = Index(world), last, now
        self.fixtures = world.fixtures

    def is_clean(self, address: str) -> bool:
        """Whether the address was asked, and its last answer was true and readable."""
        return address in self.last and (self.last[address] is None or self.last[address].is_harmless)

    def asked(self, prefix: str) -> list[str]:
        """Return the addresses below a prefix."""
        return [address for address in self.last if address.startswith(prefix)]

    def arrived(self, prefix: str) -> int:
        """Return of how many addresses the last answer brought a payload."""
        return sum(self.last[address] in ARRIVES for address in self.asked(prefix))

    def matches(self, days: list[date]) -> Iterator[tuple[Fixture, Moment]]:
        """Yield the fixtures of the day lists that came readable."""
        for day in days:
            if self.is_clean(f"/fotmob/api/data/matches?date={day:%Y%m%d}"):
                yield from self._index.on_utc_day(day, self._now)

    def details_addresses(self, fixture: Fixture) -> list[str]:
        """Return both ways to a match's details; the one that was asked last brought them, if any did."""
        page = f"/match/{fixture.fotmob_id}.json"
        pages = [
            address for address in self.last if address.startswith("/fotmob/_next") and address.endswith(page)
        ]
        return [f"/fotmob/api/data/matchDetails?matchId={fixture.fotmob_id}", *pages]

    def is_one_of_two_ways(self, address: str) -> bool:
        """Whether what came in place of FotMob's details may have been made good by the other way to them."""
        front, details = address == "fotmob/", "matchDetails" in address or "_next" in address
        return (front or details) and self.last[f"/{address}"] is Kind.PSEUDO_404

    def has_details(self, fixture: Fixture) -> bool:
        """Whether the details of a match came readable."""
        return any(map(self.is_clean, self.details_addresses(fixture)))

    def schedules(self) -> dict[int, list[Fixture]]:
        """Return by FBref's competition the fixtures of the schedules that came readable."""
        found = {}
        for address in self.asked("/fbref/"):
            number = int(address.split("/comps/")[1].split("/")[0])
            season = self._index.season(number, self._index.latest_season)
            if season and self.is_clean(address):
                found[number] = season[1]
        return found

    def is_listed(self, fixture: Fixture, at: Moment) -> bool:
        """Whether a day list of Titan007 that was read has the match: one that is over or is to come."""
        if at.phase not in {Phase.SCHEDULED, Phase.FINISHED}:
            return False
        kind = "Over" if at.phase is Phase.FINISHED else "Next"
        address = f"/titan/days/football/{kind}_{at.kickoff.astimezone(BEIJING):%Y%m%d}.htm"
        # Its rows tell their match twice, so that a redesign of the one leaves the other.
        return self.is_clean(address) or self.last.get(address) is Kind.CHANGED

    def listed(self) -> int:
        """Return how many rows the day lists have that were read."""
        rows = 0
        for address in self.asked("/titan/days/"):
            if not (self.is_clean(address) or self.last[address] is Kind.CHANGED):
                continue
            kind, day = address.rpartition("/")[2].removesuffix(".htm").split("_")
            phases = {Phase.FINISHED, Phase.POSTPONED} if kind == "Over" else {Phase.SCHEDULED}
            seen = self._index.on_beijing_day(date.fromisoformat(day), self._now)
            rows += sum(at.phase in phases for _, at in seen)
        return rows

    def page(self, fixture: Fixture, market: Market) -> str:
        """Return the address of a match's quotes."""
        return _PAGES[market].format(fixture.titan_id)

    def quotes(self, fixture: Fixture, market: Market) -> Iterator[tuple[Quote, Prices, Prices]]:
        """Yield the quotes that a match's page shows, with the opening prices and those that hold."""
        kickoff = moment(fixture, self._now).kickoff
        for quote in self._index.world.quotes(fixture, market):
            changes = path(fixture.number, quote, kickoff, self._now)
            if changes and (market is Market.ONE_X_TWO or quote.bookmaker.page_id is not None):
                yield quote, changes[0].prices, changes[-1].prices


def days_between(since: datetime, until: datetime) -> list[date]:
    """Return the UTC days from one to the other, both included."""
    return [since.date() + timedelta(days=n) for n in range((until.date() - since.date()).days + 1)]
