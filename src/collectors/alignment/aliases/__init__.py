"""Names of one club that no comparison of letters would bring together, by the country it plays in.

Each line is one club, first the code of its country (none for national teams), and two lines are never one:
clubs that are easily taken for each other stand here for that reason alone. What merely leaves words out or
shortens them would be found all the same; but two sources' clubs become one only where no likeness is needed,
and so those of the watched competitions stand here as well. Chinese names are those of Titan007 and of other
Chinese sources.
"""

from src.collectors.alignment.aliases.americas import AMERICAS
from src.collectors.alignment.aliases.asia_pacific import ASIA_PACIFIC
from src.collectors.alignment.aliases.britain_ireland import BRITAIN_IRELAND
from src.collectors.alignment.aliases.east_europe import EAST_EUROPE
from src.collectors.alignment.aliases.france_low_countries import FRANCE_LOW_COUNTRIES
from src.collectors.alignment.aliases.german_speaking import GERMAN_SPEAKING
from src.collectors.alignment.aliases.national_teams import NATIONAL_TEAMS
from src.collectors.alignment.aliases.north_europe import NORTH_EUROPE
from src.collectors.alignment.aliases.south_east_europe import SOUTH_EAST_EUROPE
from src.collectors.alignment.aliases.south_europe import SOUTH_EUROPE

ALIASES: tuple[tuple[str, ...], ...] = (
    *BRITAIN_IRELAND,
    *SOUTH_EUROPE,
    *GERMAN_SPEAKING,
    *FRANCE_LOW_COUNTRIES,
    *NORTH_EUROPE,
    *EAST_EUROPE,
    *SOUTH_EAST_EUROPE,
    *AMERICAS,
    *ASIA_PACIFIC,
    *NATIONAL_TEAMS,
)
