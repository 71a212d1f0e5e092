"""The competitions a world plays, with the real numbers of each source: collectors need no other."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Competition:
    """One league as each source numbers and names it; `code` is football-data.co.uk's.

    FotMob's `stage_id` differs from its `fotmob_id` where the league is served as a stage of itself.
    """

    code: str
    number: int
    country: str
    zone: ZoneInfo
    clubs: int
    fotmob_id: int
    stage_id: int
    fotmob_name: str
    fbref_id: int
    fbref_name: str
    titan_id: int
    titan_country: int
    titan_name: str
    titan_name_en: str
    colour: str


COMPETITIONS: tuple[Competition, ...] = (
    Competition(
        code="E0",
        number=0,
        country="ENG",
        zone=ZoneInfo("Europe/London"),
        clubs=20,
        fotmob_id=47,
        stage_id=47,
        fotmob_name="Premier League",
        fbref_id=9,
        fbref_name="Premier League",
        titan_id=36,
        titan_country=1,
        titan_name="英超",
        titan_name_en="English Premier League",
        colour="#FF3333",
    ),
    Competition(
        code="SP1",
        number=1,
        country="ESP",
        zone=ZoneInfo("Europe/Madrid"),
        clubs=20,
        fotmob_id=87,
        stage_id=87,
        fotmob_name="LaLiga",
        fbref_id=12,
        fbref_name="La Liga",
        titan_id=31,
        titan_country=3,
        titan_name="西甲",
        titan_name_en="Spanish La Liga",
        colour="#006633",
    ),
    Competition(
        code="D1",
        number=2,
        country="GER",
        zone=ZoneInfo("Europe/Berlin"),
        clubs=18,
        fotmob_id=54,
        stage_id=54,
        fotmob_name="Bundesliga",
        fbref_id=20,
        fbref_name="Bundesliga",
        titan_id=8,
        titan_country=4,
        titan_name="德甲",
        titan_name_en="German Bundesliga",
        colour="#990099",
    ),
    Competition(
        code="I1",
        number=3,
        country="ITA",
        zone=ZoneInfo("Europe/Rome"),
        clubs=20,
        fotmob_id=55,
        stage_id=55,
        fotmob_name="Serie A",
        fbref_id=11,
        fbref_name="Serie A",
        titan_id=34,
        titan_country=2,
        titan_name="意甲",
        titan_name_en="Italian Serie A",
        colour="#0066FF",
    ),
    Competition(
        code="F1",
        number=4,
        country="FRA",
        zone=ZoneInfo("Europe/Paris"),
        clubs=18,
        fotmob_id=53,
        # FotMob gives most leagues a stage number of their own; one here keeps the collectors honest.
        stage_id=900053,
        fotmob_name="Ligue 1",
        fbref_id=13,
        fbref_name="Ligue 1",
        titan_id=11,
        titan_country=5,
        titan_name="法甲",
        titan_name_en="France Ligue 1",
        colour="#663333",
    ),
)

BY_CODE = {competition.code: competition for competition in COMPETITIONS}
