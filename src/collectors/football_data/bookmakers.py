"""The bookmakers of football-data.co.uk's columns, and what of them is the market as a whole."""

from src.domain.bookmaker import FOOTBALL_DATA, FOOTBALL_DATA_MARKET

#: By column code, under the names that Titan007's numbers have in our registry too.
_NAMES = {
    "1XB": "1xBet",
    "B365": "Bet365",
    "BF": "Betfair",
    "BFD": "Betfred",
    "BFE": "Betfair Exchange",
    "BMGM": "BetMGM",
    "BS": "Blue Square",
    "BV": "BetVictor",
    "BW": "bwin",
    "CL": "Coral",
    "GB": "Gamebookers",
    "IW": "Interwetten",
    "LB": "Ladbrokes",
    "PP": "Paddy Power",
    "PS": "Pinnacle",
    "SB": "Sportingbet",
    "SJ": "Stan James",
    "SKB": "Sky Bet",
    "SO": "Sporting Odds",
    "SY": "Stanleybet",
    "VC": "Vcbet",
    "WH": "William Hill",
}

#: The best and the mean price of all bookmakers that the source follows (`Bb…`: as Betbrain counted them).
_MARKET = {
    "Max": "Market maximum",
    "Avg": "Market average",
    "BbMx": "Market maximum",
    "BbAv": "Market average",
}


def bookmaker(code: str) -> tuple[str, str]:
    """Return the namespace of a column's code, and our name; an unknown bookmaker is one of its own."""
    if code in _MARKET:
        return FOOTBALL_DATA_MARKET, _MARKET[code]
    return FOOTBALL_DATA, _NAMES.get(code) or f"{code} ({FOOTBALL_DATA} {code})"


def is_known(code: str) -> bool:
    """Tell whether a column's code is a bookmaker or an aggregate that we have a name for."""
    return code in _MARKET or code in _NAMES
