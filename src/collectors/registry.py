"""What we follow: the watched competitions and the bookmakers' numbers, by source."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from src.collectors.football_data.bookmakers import is_known
from src.domain.bookmaker import FOOTBALL_DATA, FOOTBALL_DATA_MARKET
from src.domain.team import SquadLevel


@dataclass(frozen=True, kw_only=True)
class WatchedCompetition:
    """A competition under the ids of each source; its seasons run from summer to summer.

    `titan_name` is the name on Titan007's day lists, beside its league id; `division` is the code of
    football-data.co.uk, and the slugs stand in addresses. `timezone` is that of most of its venues, not of
    all: Las Palmas plays LaLiga an hour behind Madrid.
    """

    name: str
    fotmob_id: str
    fotmob_slug: str
    fbref_id: str
    fbref_slug: str
    division: str
    titan_id: str
    titan_name: str
    timezone: str


WATCHED = (
    WatchedCompetition(
        name="Premier League", fotmob_id="47", fotmob_slug="premier-league", fbref_id="9",
        fbref_slug="Premier-League", division="E0", titan_id="36", titan_name="英超",
        timezone="Europe/London",
    ),
    WatchedCompetition(
        name="LaLiga", fotmob_id="87", fotmob_slug="laliga", fbref_id="12",
        fbref_slug="La-Liga", division="SP1", titan_id="31", titan_name="西甲", timezone="Europe/Madrid",
    ),
    WatchedCompetition(
        name="Bundesliga", fotmob_id="54", fotmob_slug="bundesliga", fbref_id="20",
        fbref_slug="Bundesliga", division="D1", titan_id="8", titan_name="德甲", timezone="Europe/Berlin",
    ),
    WatchedCompetition(
        name="Serie A", fotmob_id="55", fotmob_slug="serie", fbref_id="11",
        fbref_slug="Serie-A", division="I1", titan_id="34", titan_name="意甲", timezone="Europe/Rome",
    ),
    WatchedCompetition(
        name="Ligue 1", fotmob_id="53", fotmob_slug="ligue-1", fbref_id="13",
        fbref_slug="Ligue-1", division="F1", titan_id="11", titan_name="法甲", timezone="Europe/Paris",
    ),
)  # fmt: skip

WATCHED_FOTMOB_IDS = frozenset(competition.fotmob_id for competition in WATCHED)
BY_TITAN_ID = {competition.titan_id: competition for competition in WATCHED}
BY_FBREF_ID = {competition.fbref_id: competition for competition in WATCHED}
BY_DIVISION = {competition.division: competition for competition in WATCHED}

#: FBref's competitions of women, as its own list of competitions marks them; their titles may be those of
#: men's (Serie A is 11 and 208, Bundesliga 20 and 183).
FBREF_WOMEN = frozenset(
    ("106", "156", "157", "158", "161", "162", "180", "181", "182", "183", "185", "187", "189", "193", "195",
     "196", "206", "208", "230", "286", "296", "340", "520", "884", "893", "894")
)  # fmt: skip

#: FBref's competitions of youth squads.
FBREF_YOUTH = {"852": SquadLevel.U21}

#: Countries that have one time zone, so that a venue in them is in it.
_ONE_ZONE = {
    "England": "Europe/London", "Scotland": "Europe/London", "Wales": "Europe/London",
    "Northern Ireland": "Europe/London", "Ireland": "Europe/Dublin", "France": "Europe/Paris",
    "Germany": "Europe/Berlin", "Italy": "Europe/Rome", "Netherlands": "Europe/Amsterdam",
    "Belgium": "Europe/Brussels", "Austria": "Europe/Vienna", "Switzerland": "Europe/Zurich",
    "Denmark": "Europe/Copenhagen", "Norway": "Europe/Oslo", "Sweden": "Europe/Stockholm",
    "Finland": "Europe/Helsinki", "Poland": "Europe/Warsaw", "Czechia": "Europe/Prague",
    "Czech Republic": "Europe/Prague", "Greece": "Europe/Athens", "Turkiye": "Europe/Istanbul",
    "Turkey": "Europe/Istanbul", "Croatia": "Europe/Zagreb", "Serbia": "Europe/Belgrade",
    "Hungary": "Europe/Budapest", "Romania": "Europe/Bucharest", "Bulgaria": "Europe/Sofia",
    "Japan": "Asia/Tokyo", "South Korea": "Asia/Seoul", "Saudi Arabia": "Asia/Riyadh", "Qatar": "Asia/Qatar",
}  # fmt: skip


def zone_of(country: str | None) -> str | None:
    """Return the IANA zone of a venue in a country (by its English name), None where it has several."""
    return _ONE_ZONE.get(country or "")


@dataclass(frozen=True, kw_only=True)
class KnownBookmaker:
    """A bookmaker under its numbers in Titan007's two namespaces; None where it is not in one."""

    name: str
    euro: str | None = None
    ah_ou: str | None = None


EURO = "titan-euro"
AH_OU = "titan-ah-ou"

BOOKMAKERS = (
    KnownBookmaker(name="Bet365", euro="281", ah_ou="8"),
    KnownBookmaker(name="Pinnacle", euro="177", ah_ou="47"),
    KnownBookmaker(name="Crown", euro="545", ah_ou="3"),
    KnownBookmaker(name="Macau", euro="80", ah_ou="1"),
    KnownBookmaker(name="William Hill", euro="115"),
    KnownBookmaker(name="Interwetten", euro="104"),
    KnownBookmaker(name="Betfair", euro="2"),
    KnownBookmaker(name="Lottery Official", euro="1129"),
    KnownBookmaker(name="Ladbrokes", euro="82"),
    KnownBookmaker(name="bwin", euro="255"),
    KnownBookmaker(name="HKJC", ah_ou="48"),
    KnownBookmaker(name="Easybets", euro="90", ah_ou="12"),
    KnownBookmaker(name="Vcbet", euro="81", ah_ou="14"),
    KnownBookmaker(name="Mansion88", euro="517", ah_ou="17"),
    KnownBookmaker(name="10BET", euro="16", ah_ou="22"),
    KnownBookmaker(name="188bet", euro="499", ah_ou="23"),
    KnownBookmaker(name="12Bet", euro="18", ah_ou="24"),
    KnownBookmaker(name="SBOBET", euro="474", ah_ou="31"),
    KnownBookmaker(name="Wewbet", euro="659", ah_ou="35"),
    KnownBookmaker(name="18Bet", euro="976", ah_ou="42"),
)

#: By (namespace, number): Titan007 numbers one bookmaker twice.
_NAMES = {
    (namespace, number): bookmaker.name
    for bookmaker in BOOKMAKERS
    for namespace, number in ((EURO, bookmaker.euro), (AH_OU, bookmaker.ah_ou))
    if number is not None
}


def bookmaker_name(namespace: str, number: str, told: str) -> str:
    """Return our name of a bookmaker; an unknown number is one of its own, whatever it is called.

    Such a bookmaker is unmapped: it is kept under a name that tells its namespace and number.
    """
    return _NAMES.get((namespace, number)) or f"{told or 'unnamed'} ({namespace} {number})"


def is_mapped(namespace: str, number: str) -> bool:
    """Whether a number, or a column's code, is one of a bookmaker that we know."""
    if namespace in {FOOTBALL_DATA, FOOTBALL_DATA_MARKET}:
        return is_known(number)
    return (namespace, number) in _NAMES


#: Seasons that ended late push the turn of the season back: 2019-20 ended on 2 August.
_LATE_TURNS = {2020: date(2020, 8, 10)}


def season_of(kickoff_utc: datetime) -> str:
    """Return the summer-to-summer season of a kick-off, as `2025-2026`; it turns on 1 July."""
    day = kickoff_utc.astimezone(UTC).date()
    start = day.year if day >= _LATE_TURNS.get(day.year, date(day.year, 7, 1)) else day.year - 1
    return f"{start}-{start + 1}"
