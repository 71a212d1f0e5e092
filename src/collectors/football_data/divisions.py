"""The divisions of football-data.co.uk's files, and what stands for the ids that its matches lack."""

from datetime import datetime

from src.collectors.registry import season_of

#: The competition and the country that the column `Div` stands for.
DIVISIONS = {
    "E0": ("Premier League", "ENG"), "E1": ("Championship", "ENG"), "E2": ("League One", "ENG"),
    "E3": ("League Two", "ENG"), "EC": ("National League", "ENG"), "SC0": ("Premiership", "SCO"),
    "SC1": ("Championship", "SCO"), "SC2": ("League One", "SCO"), "SC3": ("League Two", "SCO"),
    "D1": ("Bundesliga", "GER"), "D2": ("2. Bundesliga", "GER"), "I1": ("Serie A", "ITA"),
    "I2": ("Serie B", "ITA"), "SP1": ("LaLiga", "ESP"), "SP2": ("LaLiga 2", "ESP"), "F1": ("Ligue 1", "FRA"),
    "F2": ("Ligue 2", "FRA"), "N1": ("Eredivisie", "NED"), "B1": ("Pro League", "BEL"),
    "P1": ("Primeira Liga", "POR"), "T1": ("Süper Lig", "TUR"), "G1": ("Super League", "GRE"),
}  # fmt: skip


def match_name(division: str, kickoff_utc: datetime, home: str, away: str) -> str:
    """Return a name for a match that has no id: it stays when the match is put off within its season."""
    return f"{division}/{season_of(kickoff_utc)}/{home}/{away}"
