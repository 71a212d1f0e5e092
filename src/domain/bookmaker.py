"""The namespaces of bookmakers' ids that other layers must tell apart."""

FOOTBALL_DATA = "football-data"

#: Not bookmakers but sums over them: the market's best and mean prices. They are stored as quotes of
#: bookmakers of the kind `aggregate`, which no mean over bookmakers may count in.
FOOTBALL_DATA_MARKET = "football-data-market"
AGGREGATES = frozenset({FOOTBALL_DATA_MARKET})
