"""Which country a competition is of, by its code or by its name."""

import re
from functools import lru_cache

from src.collectors.alignment.names import fold

#: FIFA's code, then the words of a competition's name that tell the country. Words that also name something
#: else (`american`, `indian summer`) are left out: no country is better than a wrong one.
_NATIONS = """
ALB albania albanian|ALG algeria algerian|AND andorra andorran|ANG angola angolan
ARG argentina argentine argentinian|ARM armenia armenian|AUS australia australian|AUT austria austrian
AZE azerbaijan azerbaijani|BEL belgium belgian|BHR bahrain bahraini|BIH bosnia bosnian
BLR belarus belarusian|BOL bolivia bolivian boliviana|BRA brazil brazilian brasil brasileiro brasileirao
BUL bulgaria bulgarian|CAN canada canadian|CHI chile chilean chilena|CHN china chinese|CIV ivorian
CMR cameroon cameroonian|COL colombia colombian|CRC costarricense|CRO croatia croatian|CYP cyprus cypriot
CZE czech czechia|DEN denmark danish|ECU ecuador ecuadorian|EGY egypt egyptian|ENG england english
ESP spain spanish espana|EST estonia estonian|FIN finland finnish|FRA france french|FRO faroese faroe
GEO georgia georgian|GER germany german deutsche|GHA ghana ghanaian|GIB gibraltar|GRE greece greek
GUA guatemala guatemalan|HON honduras honduran|HUN hungary hungarian|IDN indonesia indonesian
IND india indian|IRL ireland irish|IRN iran iranian|IRQ iraq iraqi|ISL iceland icelandic|ISR israel israeli
ITA italy italian italiana|JOR jordan jordanian|JPN japan japanese|KAZ kazakhstan kazakh|KEN kenya kenyan
KOR korea korean|KOS kosovo|KSA saudi|KUW kuwait kuwaiti|LTU lithuania lithuanian|LUX luxembourg
LVA latvia latvian|MAR morocco moroccan|MAS malaysia malaysian|MDA moldova moldovan
MEX mexico mexican mexicana|MKD macedonia macedonian|MLT malta maltese|MNE montenegro montenegrin
NED netherlands dutch|NGA nigeria nigerian|NOR norway norwegian|NZL zealand|OMA oman omani
PAN panama panamanian|PAR paraguay paraguayan paraguaya|PER peru peruvian peruana|POL poland polish
POR portugal portuguese|QAT qatar qatari|ROU romania romanian|RUS russia russian|SCO scotland scottish
SEN senegal senegalese|SGP singapore|SLV salvadoran|SRB serbia serbian|SUI switzerland swiss
SVK slovakia slovak|SVN slovenia slovenian|SWE sweden swedish|TAN tanzania tanzanian|THA thailand thai
TUN tunisia tunisian|TUR turkey turkish turkiye|UAE emirates|UGA uganda ugandan|UKR ukraine ukrainian
URU uruguay uruguayan uruguaya|USA usa|UZB uzbekistan uzbek|VEN venezuela venezuelan|VIE vietnam vietnamese
WAL wales welsh|ZAM zambia zambian
"""
_BY_WORD = {
    word: entry.split()[0]
    for line in _NATIONS.strip().splitlines()
    for entry in line.split("|")
    for word in entry.split()[1:]
}
#: Names of two words, and of competitions that one country alone has.
_BY_PHRASE = {
    "south african": "RSA", "south africa": "RSA", "northern irish": "NIR", "northern ireland": "NIR",
    "costa rica": "CRC", "el salvador": "SLV", "ivory coast": "CIV", "united arab": "UAE",
    "la liga": "ESP", "laliga": "ESP", "laliga2": "ESP", "eredivisie": "NED", "eerste divisie": "NED",
    "ekstraklasa": "POL", "eliteserien": "NOR", "allsvenskan": "SWE", "superettan": "SWE",
    "veikkausliiga": "FIN", "superligaen": "DEN", "super lig": "TUR", "liga mx": "MEX",
    "major league soccer": "USA", "mls": "USA", "usl": "USA", "nwsl": "USA", "a-league": "AUS",
    "j league": "JPN", "j1 league": "JPN", "j2 league": "JPN", "k league": "KOR", "k-league": "KOR",
    "2. bundesliga": "GER", "dfb-pokal": "GER", "fa cup": "ENG", "efl": "ENG", "coupe de france": "FRA",
    "coppa italia": "ITA", "copa del rey": "ESP",
}  # fmt: skip
#: What other code systems write for FIFA's codes.
_OTHER_CODES = {
    "DEU": "GER", "NLD": "NED", "CHE": "SUI", "PRT": "POR", "GRC": "GRE", "HRV": "CRO", "DNK": "DEN",
    "BGR": "BUL", "ZAF": "RSA", "URY": "URU", "PRY": "PAR", "CHL": "CHI", "SAU": "KSA", "ARE": "UAE",
    "IRI": "IRN", "SIN": "SGP", "CRI": "CRC", "GTM": "GUA", "HND": "HON", "MYS": "MAS", "DZA": "ALG",
    "ROM": "ROU", "SLO": "SVN", "LAT": "LVA", "GBR": None, "INA": "IDN", "TZA": "TAN", "VNM": "VIE",
}  # fmt: skip
_CODES = frozenset(_BY_WORD.values()) | frozenset(_BY_PHRASE.values())
_WORD = re.compile(r"[a-z]+")


def country_code(code: str | None) -> str | None:
    """Return FIFA's code for a source's, None for an international or an unknown one."""
    upper = (code or "").upper()
    found = _OTHER_CODES.get(upper, upper)
    return found if found in _CODES else None


@lru_cache(maxsize=5_000)
def country_of(competition: str) -> str | None:
    """Return the country that a competition's name tells; None where it tells none, or two."""
    text = " ".join(fold(competition).split())
    phrases = {code for phrase, code in _BY_PHRASE.items() if re.search(rf"\b{re.escape(phrase)}\b", text)}
    found = phrases or {_BY_WORD[word] for word in _WORD.findall(text) if word in _BY_WORD}
    return found.pop() if len(found) == 1 else None
