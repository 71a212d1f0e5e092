"""Invented clubs of a made world; none of the places exists as a professional club's home."""

from src.sandbox.world.chinese_names import chinese_name
from src.sandbox.world.clubs import Club

#: 24 places a league, so that three go down and three come up each season.
_PLACES = {
    "E0": (
        "Aldermoor Brackwick Callowby Dunmarrow Eskerfield Fennholt Garrowby Harrowmere "
        "Inglethorne Jarrowdene Kestlewick Lorncaster Mossingham Norbeck Oxleyford Pellhaven "
        "Quarlby Rusthwaite Stavenmoor Thornwickham Ullesby Vexbridge Wrenfield Yarlstone"
    ),
    "SP1": (
        "Almavera Brisalta Campoluz Duelmara Encinosa Florestal Granvado Huertalba Isolmar "
        "Jarandela Lagoverde Mirafuente Noveluz Olivamar Pedraluna Quintasol Riberluz Solanorte "
        "Tormella Umbrales Valdeluna Yerbaluz Zarcillo Arroyal"
    ),
    "D1": (
        "Adlerbruck Birkenholm Drachenfurt Eschenthal Falkenrode Grunwalden Hirschtal Immerstadt "
        "Jagerfeld Kronwald Lindenhagen Morgenthal Nebelfurt Ostermark Pfalzhof Quellenau "
        "Rabenstadt Silberbach Tannenrode Uhlenbeck Vogelhain Wolkenheim Ziegelhutte Schonfurt"
    ),
    "I1": (
        "Acquadoro Belcorvo Castelvivo Doravento Eremosa Fontebruna Girasole Isolaverna "
        "Lungovalle Montesereno Nebbiana Ortofino Pietrachiara Querciola Roccalta Santaluria "
        "Torrebianca Ulivara Valtesina Zaffirana Marecupo Boscombra Colledoro Rivantica"
    ),
    "F1": (
        "Aubeclair Beaurivage Chantelune Douxmarais Eauvive Fontgrise Grandorme Haumarin Ilebrune "
        "Jolivent Luneroche Montclos Nuitdor Ormeraie Pontclair Quatrevents Rochebelle Soleillac "
        "Tourneval Usselin Valombre Verteplage Clairmer Brumeville"
    ),
}
#: How FotMob's short name, its long name, FBref and Titan007 end the name of one club.
_ENDINGS = (
    ("", "", "", ""),
    (" United", " United", " Utd", " United"),
    ("", " City", " City", " City"),
    (" Athletic", " Athletic", " Ath", " Athletic"),
    ("", " Rovers", " Rovers", " Rovers"),
    ("", "", "", " FC"),
    ("", " Town", "", " Town"),
    (" Albion", " Albion", " Albion", ""),
    ("", " Wanderers", "", " Wanderers"),
)


def invented_clubs(code: str) -> list[Club]:
    """Return the clubs of one league, in an order that has nothing to do with how strong they are."""
    return [_club(place, number) for number, place in enumerate(_PLACES[code].split())]


def _club(place: str, number: int) -> Club:
    if number % 11 == 7:
        # "Saint" is written out by some sources and cut by others.
        return _named(place, "St. ", f"St. {place}", f"Saint {place}", f"St {place}", f"Saint {place}")
    short, long, fbref, titan = (place + ending for ending in _ENDINGS[number % len(_ENDINGS)])
    return _named(place, "", short, long, fbref, titan)


def _named(place: str, prefix: str, short: str, long: str, fbref: str, titan: str) -> Club:
    return Club(
        key=f"{prefix}{place}",
        fotmob_name=short,
        fotmob_long_name=long,
        fbref_name=fbref,
        titan_name=chinese_name(long),
        titan_name_en=titan,
    )
