"""Team names of different sources, taken apart into what tells teams apart."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Letters that Unicode does not take apart into a letter and an accent.
_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "\u0131": "i",
     "ə": "a", "ħ": "h", "ŋ": "n", "\u2019": "'", "`": "'", "\u00b4": "'", "\u02bb": "'", "\u02bc": "'"}
)  # fmt: skip
#: A women's team, in the languages that name theirs so; a bare `W` may be Wednesday or Wanderers, and the
#: `dam` of `Sparta R'dam` is Rotterdam.
_WOMEN = re.compile(
    r"\((?:w|f|女)\)|\bwomen(?:'?s)?\b|\bladies\b|\bw\.?f\.?c\b|\bfem(?:en|in|m?in)\w*|\bfrauen\b|\bvrouwen\b"
    r"|\bkvinn\w*|(?<!')\bdam(?:er?)?\b|女(?!王)[足\u5b50]?"
)
#: Competitions of women that do not say so.
_WOMENS_LEAGUES = re.compile(r"\bdamallsv\w*|\btoppserien\b|\bnwsl\b|\bwsl\b|\bliga f\b")
#: Competitions of squads below the first that tell no age.
_YOUTH_LEAGUES = re.compile(
    r"\b(?:youth|primavera|juniores|juvenil|reserves?|development league|premier league 2)\b"
    r"|青年|后备|预备|[青预](?:联|超|锦|冠)"
)
_AGE = re.compile(r"(?<![a-z])(?:u|sub|under)[\s.-]?(1\d|2[0-3])(?!\d)(?:s\b)?")
_INITIALS = re.compile(r"\b(?:[a-z]\.){2,}")
#: A letter of its own at the end is a squad's: `Paris S-G B`.
_SINGLE_LETTERS = re.compile(r"\b([a-z])(?:-| (?![bc]$))(?=[a-z]\b)")
_APART = re.compile(r"[^\w']+|_")
#: Chinese sources write `FC东京` and `FC 东京`, `汉诺威96` and `汉诺威 96`.
_CHINESE_BESIDE = re.compile(r"(?<=[\u4e00-\u9fff])(?=[a-z0-9])|(?<=[a-z0-9])(?=[\u4e00-\u9fff])")
#: No team's name is longer; comparing takes the square of its words.
_LONGEST = 200
_RANK = re.compile(r"\[[^\]]*\]")
#: A home team on neutral ground, as Titan007 marks it.
_NEUTRAL = re.compile(r"\((?:中|n)\)")
#: A town's letters behind a dash, as FBref writes `Talleres (C)`: they tell the club, not its squad.
_TOWN = re.compile(r"\u2013(?=\w{1,3}$)|-(?=(?!ii|nxt|res|u\d)\w{2,3}$)")

#: Words that one source writes and another leaves out.
_FILLERS = frozenset(
    ("fc", "afc", "cf", "cfc", "sc", "ac", "as", "ss", "ssc", "us", "rc", "rcd", "cd", "ud", "sd", "ca", "cs",
     "csd", "csm", "ad", "fk", "nk", "hnk", "gnk", "mfk", "pfc", "sk", "skn", "scr", "rks", "if", "bk",
     "ff", "ifk", "jk", "vfl", "vfb", "tsv", "fsv", "tsg", "sv", "spvgg", "msv", "ssv", "kv", "rsc", "krc",
     "kaa", "acf", "ogc", "aj", "ec", "se", "cr", "scm", "fcv", "acs", "nfc", "1", "club", "clube",
     "football", "futbol", "futebol", "fussball", "fotbal", "boldklub", "ballklubb", "calcio", "foot",
     "team", "de", "del", "della", "do", "da", "dos", "di", "du", "des", "of", "the", "la", "le", "les", "el",
     "los", "las", "al", "y", "e", "and", "und", "i")
)  # fmt: skip
_FULL = {
    "utd": "united", "st": "saint", "ste": "saint", "sint": "saint", "sankt": "saint", "man": "manchester",
    "ath": "athletic", "atl": "atletico", "rvs": "rovers", "wed": "wednesday", "weds": "wednesday",
    "jrs": "juniors", "sp": "sporting", "dep": "deportivo", "din": "dynamo", "int": "inter",
    "dinamo": "dynamo", "athletico": "atletico", "viktoria": "victoria", "lok": "lokomotiv",
    "lokomotiva": "lokomotiv", "praha": "prague", "wien": "vienna", "beograd": "belgrade",
    "moskva": "moscow", "sofiya": "sofia", "kyiv": "kiev", "lvov": "lviv",
    "kharkov": "kharkiv", "bucuresti": "bucharest",
    "warszawa": "warsaw", "lisboa": "lisbon", "genova": "genoa", "munchen": "munich", "muenchen": "munich",
    "koln": "cologne", "koeln": "cologne", "nurnberg": "nuremberg", "nuernberg": "nuremberg",
    "kobenhavn": "copenhagen", "goteborg": "gothenburg", "krakow": "cracow", "sevilla": "seville",
    "marseilles": "marseille", "brugge": "bruges", "gent": "ghent", "antwerpen": "antwerp",
    "athina": "athens",
}  # fmt: skip

_SECOND = frozenset(
    ("ii", "ll", "b", "2", "reserves", "reserve", "res", "amateure", "promesas", "castilla", "nxt", "fabril")
)
#: Clubs whose own name ends as those of squads do: of a king, a pope, a village, and Inverness Caledonian.
_WHOLE = frozenset((("willem", "ii"), ("juan", "pablo", "ii"), ("jeddeloh", "ii"), ("inverness", "c")))
_AFTER_SQUAD = frozenset(("team", "fc"))
_THIRD = frozenset(("iii", "c", "3"))
_YOUTH = frozenset(("youth", "juvenil", "primavera"))
#: Chinese words for the squads that are not the first.
_CHINESE_SQUADS = (
    ("b队", "second"),
    ("c队", "third"),
    ("后备", "second"),
    ("预备", "second"),
    ("二队", "second"),
    ("青年队", "youth"),
)


@dataclass(frozen=True, kw_only=True)
class Name:
    """A team's name: the words that tell it apart in their order, which squad it is, and whether of women.

    `squad` is `first`, `second`, `third`, `youth` or an age as `u21`. A word keeps the apostrophe of a
    contraction (`m'gladbach`).
    """

    words: tuple[str, ...]
    squad: str
    women: bool


@lru_cache(maxsize=50_000)
def read_name(text: str) -> Name:
    """Take a name apart: no accents, no club forms, towns in English."""
    plain = _NEUTRAL.sub(" ", fold(_RANK.sub(" ", text[:_LONGEST]))).strip()
    bare = _WOMEN.sub(" ", plain)
    women = bare != plain
    squad = "first"
    for word, level in _CHINESE_SQUADS:
        if word in bare:
            squad, bare = level, bare.replace(word, " ")
    if age := _AGE.search(bare):
        squad = f"u{age[1]}"
        bare = bare[: age.start()] + " " + bare[age.end() :]
    bare = _CHINESE_BESIDE.sub(" ", bare)
    bare = _SINGLE_LETTERS.sub(r"\1", _INITIALS.sub(lambda found: found[0].replace(".", "") + " ", bare))
    found = [word.strip("'") for word in _APART.split(bare)]
    found = [word for word in found if word]
    town = found[-1:] if _TOWN.search(plain) else []
    if not town:
        squad, found = _without_squad(squad, found)
    forms = found[: len(found) - len(town)]
    kept = (*(_FULL.get(word, word) for word in forms if word not in _FILLERS), *town)
    return Name(words=kept or tuple(found), squad=squad, women=women)


def _without_squad(squad: str, words: list[str]) -> tuple[str, list[str]]:
    while len(words) > 2 and words[-1] in _AFTER_SQUAD:
        words = words[:-1]
    if len(words) < 2 or squad != "first" or any(tuple(words[-len(own) :]) == own for own in _WHOLE):
        return squad, words
    if words[0] == "jong":
        return "second", words[1:]
    if words[-2:] == ["next", "gen"]:
        return "second", words[:-2] or words
    for squads, level in ((_SECOND, "second"), (_THIRD, "third"), (_YOUTH, "youth")):
        if words[-1] in squads:
            return level, words[:-1]
    return squad, words


def one_squad(left: Name, right: Name) -> bool:
    """Tell whether two names are of one squad of a club: one source's U23 is another's `II` or `Jong`."""
    return left.squad == right.squad or {left.squad, right.squad} == {"second", "u23"}


def fold(text: str) -> str:
    """Return a text in small letters, without accents, full-width forms and unusual apostrophes."""
    text = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)
    text = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in text if not unicodedata.combining(letter))


@lru_cache(maxsize=50_000)
def is_women(text: str) -> bool:
    """Tell whether a name, of a team or of a competition, says that it is of women."""
    plain = fold(text)
    return _WOMEN.search(plain) is not None or _WOMENS_LEAGUES.search(plain) is not None


def age_of(text: str) -> str | None:
    """Return the age that a name tells, as `u21`, or None."""
    found = _AGE.search(fold(text))
    return f"u{found[1]}" if found else None


@lru_cache(maxsize=10_000)
def is_below_first(competition: str) -> bool:
    """Tell whether a competition says, by no age, that youth or reserves play it."""
    return _YOUTH_LEAGUES.search(fold(competition)) is not None
