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
    "coppa italia": "ITA", "copa del rey": "ESP", "liga f": "ESP", "segunda federacion": "ESP",
    "primera federacion": "ESP", "3. liga": "GER", "3. fussball-liga": "GER", "fussball-bundesliga": "GER",
    "challenger pro league": "BEL", "primeira liga": "POR", "liga portugal": "POR",
    "nemzeti bajnoksag": "HUN", "persian gulf": "IRN", "damallsvenskan": "SWE", "toppserien": "NOR",
    "categoria primera": "COL",
}  # fmt: skip
#: The countries as Chinese sources begin the names of their leagues: `英超`, `瑞典超`, `韩K联`.
_BY_CHINESE = {
    "英": "ENG", "苏": "SCO", "西": "ESP", "德": "GER", "意": "ITA", "法": "FRA", "荷": "NED", "比": "BEL",
    "葡": "POR", "土": "TUR", "希腊": "GRE", "希": "GRE", "瑞典": "SWE", "挪": "NOR", "丹": "DEN",
    "丹麦": "DEN", "芬": "FIN", "芬兰": "FIN", "俄": "RUS", "乌克": "UKR", "波兰": "POL", "波": "POL",
    "奥": "AUT", "奥地利": "AUT", "瑞士": "SUI", "捷": "CZE", "捷克": "CZE", "罗": "ROU", "匈": "HUN",
    "克罗": "CRO", "塞尔": "SRB", "保": "BUL", "爱": "IRL", "威": "WAL", "冰岛": "ISL", "以": "ISR",
    "日": "JPN", "韩": "KOR", "中": "CHN", "沙特": "KSA", "澳": "AUS", "澳洲": "AUS", "美": "USA",
    "墨": "MEX", "墨西": "MEX", "巴西": "BRA", "巴": "BRA", "阿根廷": "ARG", "阿": "ARG", "智": "CHI",
    "智利": "CHI", "哥伦": "COL", "乌拉": "URU",
}  # fmt: skip
_CHINESE_LEAGUE = re.compile(
    rf"({'|'.join(_BY_CHINESE)})(?:超|冠|甲|乙|丙|丁|联|职联|职乙|职业|k联|k2联)[春秋附]?"
)
#: What other code systems write for FIFA's codes.
_OTHER_CODES = {
    "DEU": "GER", "NLD": "NED", "CHE": "SUI", "PRT": "POR", "GRC": "GRE", "HRV": "CRO", "DNK": "DEN",
    "BGR": "BUL", "ZAF": "RSA", "URY": "URU", "PRY": "PAR", "CHL": "CHI", "SAU": "KSA", "ARE": "UAE",
    "IRI": "IRN", "SIN": "SGP", "CRI": "CRC", "GTM": "GUA", "HND": "HON", "MYS": "MAS", "DZA": "ALG",
    "ROM": "ROU", "SLO": "SVN", "LAT": "LVA", "GBR": None, "INA": "IDN", "TZA": "TAN", "VNM": "VIE",
}  # fmt: skip
_CODES = frozenset(_BY_WORD.values()) | frozenset(_BY_PHRASE.values())
_WORD = re.compile(r"[a-z]+")


@lru_cache(maxsize=1_000)
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
    if chinese := _CHINESE_LEAGUE.fullmatch(text):
        return _BY_CHINESE[chinese[1]]
    found = phrases or {_BY_WORD[word] for word in _WORD.findall(text) if word in _BY_WORD}
    return found.pop() if len(found) == 1 else None
