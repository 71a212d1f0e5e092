"""The divisions of football-data.co.uk's files, and what stands for the ids that its matches lack."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from src.collectors.registry import season_of

UNITED_KINGDOM = ZoneInfo("Europe/London")

#: The competition and the country that the column `Div`, or the name of a country's one file, stands for.
DIVISIONS = {
    "E0": ("Premier League", "ENG"), "E1": ("Championship", "ENG"), "E2": ("League One", "ENG"),
    "E3": ("League Two", "ENG"), "EC": ("National League", "ENG"), "SC0": ("Premiership", "SCO"),
    "SC1": ("Championship", "SCO"), "SC2": ("League One", "SCO"), "SC3": ("League Two", "SCO"),
    "D1": ("Bundesliga", "GER"), "D2": ("2. Bundesliga", "GER"), "I1": ("Serie A", "ITA"),
    "I2": ("Serie B", "ITA"), "SP1": ("LaLiga", "ESP"), "SP2": ("LaLiga 2", "ESP"), "F1": ("Ligue 1", "FRA"),
    "F2": ("Ligue 2", "FRA"), "N1": ("Eredivisie", "NED"), "B1": ("Pro League", "BEL"),
    "P1": ("Primeira Liga", "POR"), "T1": ("Süper Lig", "TUR"), "G1": ("Super League", "GRE"),
    "ARG": ("Liga Profesional", "ARG"), "AUT": ("Bundesliga", "AUT"), "BRA": ("Serie A", "BRA"),
    "CHN": ("Super League", "CHN"), "DNK": ("Superliga", "DEN"), "FIN": ("Veikkausliiga", "FIN"),
    "IRL": ("Premier Division", "IRL"), "JPN": ("J1 League", "JPN"), "MEX": ("Liga MX", "MEX"),
    "NOR": ("Eliteserien", "NOR"), "POL": ("Ekstraklasa", "POL"), "ROU": ("Superliga", "ROU"),
    "RUS": ("Premier League", "RUS"), "SWE": ("Allsvenskan", "SWE"), "SWZ": ("Super League", "SUI"),
    "USA": ("MLS", "USA"),
}  # fmt: skip

#: The name of a country's file, by its column `Country`.
_COUNTRIES = {
    "Argentina": "ARG", "Austria": "AUT", "Brazil": "BRA", "China": "CHN", "Denmark": "DNK", "Finland": "FIN",
    "Ireland": "IRL", "Japan": "JPN", "Mexico": "MEX", "Norway": "NOR", "Poland": "POL", "Romania": "ROU",
    "Russia": "RUS", "Sweden": "SWE", "Switzerland": "SWZ", "USA": "USA",
}  # fmt: skip

#: A country's one file has a cup or the league below among its league's matches, whose sponsors come and go.
_APART = re.compile(r"\b(?:copa|cup|challenge)\b", re.IGNORECASE)

#: Where two clubs meet on one ground more than once a season: four rounds, or a round behind the season.
_MEET_AGAIN = re.compile(r"SC\d|B1|G1|[A-Z]{3}\b|.*\s")


def division_of(country: str, league: str) -> str:
    """Return what stands for the column `Div` in the file of a country, by its `Country` and `League`."""
    code = _COUNTRIES.get(country, country)
    return f"{code} {league}" if _APART.search(league) or code not in DIVISIONS else code


def match_name(division: str, kickoff_utc: datetime, home: str, away: str, season: str | None = None) -> str:
    """Return a name for a match that has no id: it stays when the match is put off within its season.

    Where two clubs meet more than once on one ground the name has the day in it, the United Kingdom's, or
    two matches would be one. `season` is the one that the file tells.
    """
    parts = [division, season or season_of(kickoff_utc), home, away]
    if _MEET_AGAIN.match(division):
        parts.append(kickoff_utc.astimezone(UNITED_KINGDOM).date().isoformat())
    return "/".join(parts)
