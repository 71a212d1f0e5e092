import pytest

from src.collectors.alignment.names import read_name
from src.collectors.squads import gender_of, squad_level
from src.domain.match import Gender
from src.domain.team import SquadLevel


@pytest.mark.parametrize(
    "name",
    ["Chelsea (W)", "A-League Women", "Women's Super League", "Frauen-Bundesliga", "Serie A Femminile",
     "Première Ligue Féminine", "Liga Femenina", "Liga MX Femenil", "Aldham (F)", "Toppserien", "Liga F",
     "Damallsvenskan", "NWSL", "亚运女足", "Eredivisie Vrouwen"],
)  # fmt: skip
def test_womens_names_are_told(name: str) -> None:
    assert gender_of("League", name) is Gender.WOMEN


@pytest.mark.parametrize("name", ["Newcastle", "Newport County", "Wolves", "Femto FC", "Serie A", "Win (D)"])
def test_other_names_are_mens(name: str) -> None:
    assert gender_of(name) is Gender.MEN


@pytest.mark.parametrize(
    ("competition", "home", "away", "level"),
    [
        ("Serie A", "Aldham", "Brixworth", SquadLevel.FIRST),
        ("LaLiga2", "Mirandes", "Real Sociedad B", SquadLevel.FIRST),
        ("Cup of Reserves", "Aldham II", "Brixworth Reserves", SquadLevel.SECOND),
        ("Premier League U18", "Aldham", "Brixworth", SquadLevel.U18),
        ("Serie C", "Inter U23", "Pro Vercelli", SquadLevel.FIRST),
        ("Primera B", "Aldham", "Brixworth", SquadLevel.FIRST),
        ("Friendlies", "Aldham U-21", "Brixworth U-21", SquadLevel.U21),
        ("Sudamericano Sub-20", "Chile", "Peru", SquadLevel.U20),
        ("Primavera 1", "Roma", "Lazio", SquadLevel.U20),
        ("Regionalliga", "U 96 Hamburg", "Schalke 04", SquadLevel.FIRST),
        ("Friendlies", "Aldham B team", "Brixworth Reserves FC", SquadLevel.SECOND),
        ("Cup", "Aldham U19队", "Brixworth U19s", SquadLevel.U19),
        ("Under-12 Cup", "Aldham", "Brixworth", SquadLevel.U14),
        ("西丁", "马德里体育会C队", "特里巴尔", SquadLevel.FIRST),
    ],
)
def test_the_level_of_a_match(competition: str, home: str, away: str, level: SquadLevel) -> None:
    assert squad_level(competition, home, away) is level


@pytest.mark.parametrize(
    "name",
    ["Aldham (W)", "Aldham Femenil", "Aldham II (F)", "Aldham U21", "Aldham B", "Aldham B team", "阿斯顿B队",
     "Willem II", "Aldham", "Jong Aldham", "Aldham Vrouwen"],
)  # fmt: skip
def test_a_match_and_alignment_read_a_teams_name_alike(name: str) -> None:
    told = read_name(name)
    assert (gender_of(name) is Gender.WOMEN) == told.women
    assert (squad_level("League", name, name) is SquadLevel.FIRST) == (told.squad == "first")
