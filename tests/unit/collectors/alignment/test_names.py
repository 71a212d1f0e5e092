"""Names: forms of one club are alike, other clubs and squads are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.collectors.alignment.aliases import ALIASES
from src.collectors.alignment.clubs import Clubs, known_clubs
from src.collectors.alignment.competitions import agreement, read_competition
from src.collectors.alignment.likeness import similarity
from src.collectors.alignment.names import read_name
from src.collectors.alignment.nations import country_code, country_of
from src.domain.alignment import Alias


def likeness(left: str, right: str, country: str | None = None) -> float:
    return known_clubs().likeness(left, right, country)


@pytest.mark.parametrize(
    ("left", "right"),
    [("Manchester United", "Man Utd"), ("Malmö FF", "Malmo"), ("FC Köln", "Koln"), ("1. FC Köln", "Cologne"),
     ("Rennes", "Stade Rennais FC"), ("Tigres", "UANL"), ("PSG", "Paris Saint-Germain"),
     ("Eint Frankfurt", "Eintracht Frankfurt"), ("Atlético Madrid", "Atl. Madrid"),
     ("Chelsea (W)", "Chelsea Women"), ("FK Bodø/Glimt", "Bodo Glimt"), ("Crvena Zvezda", "Red Star"),
     ("Slask Wroclaw ll", "Śląsk Wrocław II"), ("Dynamo Kyiv", "Dinamo Kiev"), ("Preußen", "Preussen"),
     ("Genk U23", "Jong Genk"), ("Willem II", "Willem II Tilburg"), ("Sparta R'dam", "Sparta Rotterdam"),
     ("沙尔克 04", "Schalke"), ("FC 东京", "FC Tokyo"), ("鹿岛鹿角后备", "Kashima Antlers II"),
     ("Korea Republic", "South Korea"), ("美国U20", "United States U20"), ("[3]曼城(中)", "Man City")],
)  # fmt: skip
def test_forms_of_one_name_are_alike(left: str, right: str) -> None:
    assert likeness(left, right) == likeness(right, left) >= 0.85


@pytest.mark.parametrize(
    ("left", "right"),
    [("Union St.Gilloise", "Union SG"), ("Paris Saint-Germain", "Paris S-G"), ("Queens Park Rangers", "QPR"),
     ("Jahn Regensburg", "Jahn R'burg"), ("Vancouver Whitecaps", "Vancouver W'caps"),
     ("Borussia M'gladbach", "Mönchengladbach"), ("Nottm Forest", "Nottingham Forest"),
     ("Kairat Almaty", "Qa\u0131rat Almaty"), ("Go Ahead Eag", "Go Ahead Eagles"),
     ("Central Cordoba", "Cen. Córdoba"), ("Yokohama F.Marinos", "Yokohama F. Marinos"),
     ("O'Higgins", "OHiggins"), ("Union Saint-Gilloise", "Union SG"), ("Al-Ahly", "Ahly"),
     ("Raith Rvs", "Raith Rovers"), ("A. Klagenfurt", "SK Austria Klagenfurt"),
     ("W Sydney", "Western Sydney"),
     ("U. Cluj", "Universitatea Cluj"), ("RKS Raków", "Raków Częstochowa"),
     ("Din. Bucuresti", "Dinamo București"),
     ("Sp Gijon", "Sporting Gijón"), ("M'gladbach", "Gladbach"), ("Akron Togliatti", "FK Akron Tolyatti"),
     ("Krylia Sovetov", "Krylya Sovetov"), ("SKN St. Poelten", "SKN St. Pölten"),
     ("Sint-Truiden", "St Truiden")],
)  # fmt: skip
def test_initials_contractions_and_spellings_are_alike_without_any_table(left: str, right: str) -> None:
    assert similarity(left, right) == similarity(right, left) >= 0.8


@pytest.mark.parametrize(
    ("left", "right"),
    [("Real Sociedad", "Real Sociedad B"), ("Manchester United", "Manchester City"),
     ("Chelsea", "Chelsea U21"), ("Milan", "Inter"), ("Red Star", "Strasbourg"),
     ("Real Betis", "Real Madrid"),
     ("CSKA Sofia", "Levski Sofia"), ("Universitatea Cluj", "CFR Cluj"), ("Botafogo RJ", "Botafogo SP"),
     ("Independiente Petrolero", "Independiente Rivadavia"), ("Aldham United", "Aldham Town")],
)  # fmt: skip
def test_other_teams_are_not(left: str, right: str) -> None:
    assert similarity(left, right) < 0.65


@given(st.text(max_size=30), st.text(max_size=30))
def test_likeness_is_symmetric_and_a_share_whatever_is_written(left: str, right: str) -> None:
    assert similarity(left, right) == similarity(right, left)
    assert likeness(left, right) == likeness(right, left)
    assert 0.0 <= likeness(left, right) <= 1.0


@given(st.text(st.characters(categories=["Ll", "Lu"]), min_size=1, max_size=20))
def test_a_name_is_wholly_like_itself(name: str) -> None:
    assert not read_name(name).words or similarity(name, name) == 1.0


@pytest.mark.parametrize(
    ("name", "squad", "women"),
    [("Barcelona", "first", False), ("Barcelona B", "second", False), ("Real Madrid C", "third", False),
     ("Inter U23", "u23", False), ("Brasil Sub-20", "u20", False), ("Burgos Promesas", "second", False),
     ("Juventus Next Gen", "second", False), ("Perth Glory (W)", "first", True), ("中国女足", "first", True),
     ("Puskas FC Academy", "first", False), ("Paris Saint-Germain", "first", False), ("B", "first", False),
     ("Olympique Lyonnais Féminin", "first", True), ("鹿岛鹿角后备", "second", False),
     ("马德里体育会C队", "third", False), ("Willem II", "first", False), ("Inverness C", "first", False),
     ("Sparta R'dam", "first", False), ("AIK Fotboll Dam", "first", True), ("Paris S-G B", "second", False),
     ("Talleres\u2013C", "first", False), ("Juan Pablo II", "first", False),
     ("女王公园巡游者", "first", False),
     ("利雅得青年人", "first", False), ("切尔西青年队", "youth", False), ("皇家社会B", "second", False)],
)  # fmt: skip
def test_squad_and_gender_are_read_from_the_name(name: str, squad: str, women: bool) -> None:
    found = read_name(name)
    assert (found.squad, found.women) == (squad, women)


@pytest.mark.parametrize(
    ("one", "other", "country"),
    [("Hearts", "Kelty Hearts", "SCO"), ("Cerro", "Cerro Largo", "URU"), ("Sydney FC", "W Sydney", "AUS"),
     ("Bromley", "West Brom", "ENG"), ("FC Tokyo", "Tokyo Verdy", "JPN"),
     ("Charleroi", "Olympic Charleroi", "BEL"),
     ("Minsk", "Dinamo Minsk", "BLR"), ("Platense", "River Plate", "ARG"), ("Köln", "Viktoria Köln", "GER"),
     ("Universitatea Craiova", "U Craiova 1948", "ROU"), ("Casa Pia", "Sporting CP", "POR"),
     ("Esteghlal", "Esteghlal Khuzestan", "IRN"), ("Ath Bilbao", "Bilbao Athletic", "ESP")],
)  # fmt: skip
def test_clubs_that_are_easily_taken_for_each_other_are_told_apart(
    one: str, other: str, country: str
) -> None:
    assert likeness(one, other, country) == likeness(other, one, country) == 0.0


def test_a_name_that_says_more_than_a_known_clubs_needs_a_sure_one_beside_it() -> None:
    known = Clubs(built_in=(("SCO", "Aldham", "Aldham Rovers"),))
    assert known.likeness("Aldham", "Harley Aldham", "SCO") == 0.7
    assert known.likeness("Aldham", "Aldham 1846", "SCO") > 0.9
    assert known.likeness("Aldham", "Aldham Town", "SCO") > 0.7


def test_no_name_stands_for_two_clubs_of_one_country() -> None:
    names = [(country, read_name(name).words) for country, *forms in ALIASES for name in set(forms)]
    of_two = {
        key for key in names
        if sum(any((row[0], read_name(form).words) == key for form in row[1:]) for row in ALIASES) > 1
    }  # fmt: skip
    assert of_two == set()


def test_alias_in_another_script_brings_a_name_together_with_every_form_of_the_club() -> None:
    clubs = Clubs([Alias(alias="甲乙", club="Aldham Rovers", country="ENG")])
    assert clubs.likeness("甲乙", "Aldham Rvrs", "ENG") >= 0.8
    assert clubs.likeness("甲乙", "Aldham Rovers", None) == 1.0
    assert clubs.likeness("甲乙", "Aldham Rovers", "SCO") == 0.0
    assert clubs.likeness("甲乙", "Brixworth", "ENG") == 0.0
    assert clubs.likeness("甲乙女足", "Aldham Rovers Women", "ENG") == 1.0


def test_alias_holds_under_any_code_of_its_country() -> None:
    clubs = Clubs([Alias(alias="甲乙", club="Aldham Rovers", country="DEU")])
    assert clubs.likeness("甲乙", "Aldham Rovers", "GER") == 1.0


def test_alias_of_a_club_of_our_table_has_all_its_names() -> None:
    clubs = Clubs([Alias(alias="丙丁", club="Wolves", country="ENG")])
    assert clubs.likeness("丙丁", "Wolverhampton Wanderers", "ENG") == 1.0
    assert clubs.likeness("丙丁", "Tottenham", "ENG") == 0.0


@pytest.mark.parametrize(
    ("name", "country"),
    [("2025-2026 Austrian Bundesliga", "AUT"), ("Bundesliga", None), ("La Liga", "ESP"), ("Série A", None),
     ("2025-2026 South African Premiership", "RSA"), ("Liga MX Apertura Playoff", "MEX"),
     ("England v Scotland", None), ("2. Bundesliga", "GER"), ("英冠", "ENG"), ("瑞典超", "SWE"),
     ("日职联", "JPN"),
     ("韩K联", "KOR"), ("墨西联", "MEX"), ("欧冠杯", None), ("西非杯", None), ("澳门甲", None),
     ("法罗超", None),
     ("2024-2025 EFL League One", "ENG"), ("2024-2025 Primeira Liga", "POR")],
)  # fmt: skip
def test_country_is_read_from_a_competition_only_where_it_tells_one(name: str, country: str | None) -> None:
    assert country_of(name) == country


def test_codes_of_other_systems_are_read_and_international_ones_are_no_country() -> None:
    assert [country_code(code) for code in ("GER", "DEU", "INT", None, "nld")] == [
        "GER",
        "GER",
        None,
        None,
        "NED",
    ]


def test_competitions_agree_by_name_and_country_and_say_nothing_where_unknown() -> None:
    serie = read_competition("2025 Liga Profesional Argentina", None)
    assert agreement(serie, read_competition("Liga Profesional Clausura Playoff", "ARG")) >= 0.9
    assert agreement(serie, read_competition(None, None)) == 0.5
    assert agreement(serie, read_competition("挪超", None)) == 0.5
    assert agreement(read_competition("Premier League", None), read_competition("Eredivisie", None)) < 0.5
