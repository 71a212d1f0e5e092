"""Names of one club that no comparison of letters would bring together."""

#: Each line is one club, and two lines are never one. What merely leaves words out or shortens them is found
#: without being here, unless it would be taken for a club that is.
ALIASES: tuple[tuple[str, ...], ...] = (
    ("Rennes", "Stade Rennais"),
    ("Lyon", "Olympique Lyonnais"),
    ("Paris Saint-Germain", "Paris SG", "PSG"),
    ("Paris FC",),
    ("Inter", "Internazionale", "Inter Milan"),
    ("AC Milan",),
    ("Wolverhampton Wanderers", "Wolverhampton", "Wolves"),
    ("Tottenham Hotspur", "Tottenham", "Spurs"),
    ("Queens Park Rangers", "QPR"),
    ("West Bromwich Albion", "West Brom", "WBA"),
    ("Nottingham Forest", "Nottm Forest"),
    ("Borussia Mönchengladbach", "Mönchengladbach", "Borussia M'gladbach", "M'gladbach", "Gladbach"),
    ("Bayern München", "Bayern Munich", "Bayern"),
    ("Köln", "Cologne"),
    ("Nürnberg", "Nuremberg"),
    ("København", "Copenhagen"),
    ("Sporting CP", "Sporting Lisbon", "Sporting"),
    ("Crvena Zvezda", "Red Star Belgrade", "Red Star"),
    ("Tigres UANL", "Tigres", "UANL"),
)
