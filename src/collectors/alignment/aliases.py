"""Names of one club that no comparison of letters would bring together."""

#: Each line is one club. What merely leaves words out or shortens them is found without being here.
ALIASES: tuple[tuple[str, ...], ...] = (
    ("Rennes", "Stade Rennais"),
    ("Lyon", "Olympique Lyonnais"),
    ("Paris Saint-Germain", "Paris SG", "PSG"),
    ("Inter", "Internazionale", "Inter Milan"),
    ("Wolverhampton Wanderers", "Wolverhampton", "Wolves"),
    ("Tottenham Hotspur", "Tottenham", "Spurs"),
    ("Queens Park Rangers", "QPR"),
    ("West Bromwich Albion", "West Brom", "WBA"),
    ("Nottingham Forest", "Nottm Forest"),
    ("Borussia Mönchengladbach", "Mönchengladbach", "Borussia M'gladbach", "M'gladbach", "Gladbach"),
    ("Bayern München", "Bayern Munich", "Bayern"),
    ("Köln", "Cologne"),
    ("Nürnberg", "Nuremberg"),
    ("Sporting CP", "Sporting Lisbon", "Sporting"),
    ("Crvena Zvezda", "Red Star Belgrade", "Red Star"),
    ("Tigres UANL", "Tigres", "UANL"),
)
