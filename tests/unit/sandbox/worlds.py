"""Small worlds for the tests: one fixture by hand, a folder of CSV files, and a made world around NOW."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from src.sandbox.made.made_world import MadeWorld
from src.sandbox.world.clubs import Club
from src.sandbox.world.competitions import BY_CODE
from src.sandbox.world.fixture import Fixture, SideFigures

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KICKOFF = datetime(2026, 3, 7, 15, tzinfo=UTC)

HEADER = (
    "Div,Date,Time,HomeTeam,AwayTeam,FTHG,FTAG,FTR,HTHG,HTAG,HTR,Referee,HS,AS,HST,AST,HF,AF,HC,AC,HY,AY,HR,AR,"
    "B365H,B365D,B365A,PSH,PSD,PSA,B365_2_5,B365_2_5_1,AHh,B365AHH,B365AHA,"
    "B365CH,B365CD,B365CA,B365C_2_5,B365C_2_5_1,AHCh,B365CAHH,B365CAHA"
)
ROW = (
    "E0,{date},20:00,{home},{away},2,1,H,1,0,H,A Referee,12,9,5,3,10,22,6,4,1,2,0,1,"
    "1.9,3.6,4.2,1.95,3.7,4.3,1.8,2.05,-0.5,1.92,1.98,1.8,3.75,4.6,1.75,2.1,-0.75,1.95,1.95"
)
OLD_HEADER = "Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,FTR,B365H,B365D,B365A,BbAHh,BbAvAHH,BbAvAHA"
OLD_ROW = "E0,{date},{home},{away},0,0,D,2.1,3.3,3.5,-0.25,1.9,1.95"


def club(name: str) -> Club:
    return Club(
        key=name,
        fotmob_name=name,
        fotmob_long_name=f"{name} United",
        fbref_name=f"{name} Utd",
        titan_name=f"{name}联",
        titan_name_en=f"{name} United",
    )


def fixture(**changes: object) -> Fixture:
    side = SideFigures(shots=12, on_target=5, fouls=22, corners=6, yellow=2, red=0, xg=1.42)
    values: dict[str, object] = {
        "number": 250_001,
        "fotmob_id": 6_250_001,
        "titan_id": 3_250_001,
        "fbref_id": "0a1b2c3d",
        "competition": BY_CODE["F1"],
        "season": "2025-2026",
        "round": 24,
        "kickoff": KICKOFF,
        "home": club("Quarlby"),
        "away": club("Thornwick"),
        "score": (2, 1),
        "half_time": (1, 0),
        "figures": (side, side),
    }
    return Fixture(**(values | changes))  # type: ignore[arg-type]


@cache
def made_world(seed: int = 7) -> MadeWorld:
    return MadeWorld(seed, NOW)


def write_csv(path: Path, *rows: str, header: str = HEADER) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def write_season(folder: Path, name: str, first: str = "05/08/2022") -> Path:
    """Write a file with a double round of four clubs, one match a day, in the shape of a recent season."""
    day = datetime.strptime(first, "%d/%m/%Y").replace(tzinfo=UTC)
    clubs = ["Arsenal", "Man United", "Nott'm Forest", "Nowhere Town"]
    pairs = [(home, away) for home in clubs for away in clubs if home != away]
    dates = [day.fromordinal(day.toordinal() + 7 * i).strftime("%d/%m/%Y") for i in range(len(pairs))]
    rows = [ROW.format(date=d, home=h, away=a) for d, (h, a) in zip(dates, pairs, strict=True)]
    return write_csv(folder / name, *rows)
