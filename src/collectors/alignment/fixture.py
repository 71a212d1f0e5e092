"""What alignment knows of a match, and what it says of two of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from src.collectors.alignment.competitions import Competition, read_competition
from src.collectors.alignment.names import read_name
from src.collectors.alignment.nations import country_code
from src.domain.match import Gender

#: A match of which the day alone is known stands at noon, and kicks off within half a day of it.
HALF_A_DAY = timedelta(hours=12)


@dataclass(frozen=True, kw_only=True)
class Fixture:
    """A match to be aligned: `key` is its id in its source, names are all forms that we know of.

    `kickoff_utc` is aware; the match may kick off up to `slack` before or after it: 12 hours where a source
    tells the day alone and it stands at noon. What a source does not tell of the competition stays None: then
    nothing is held against a candidate. `country` is a three-letter code; where it is None the competition's
    name may tell.
    """

    key: str
    kickoff_utc: datetime
    home: tuple[str, ...]
    away: tuple[str, ...]
    competition: str | None = None
    country: str | None = None
    gender: Gender | None = None
    slack: timedelta = timedelta(0)

    @property
    def told_competition(self) -> Competition:
        """The competition as its name and code tell it."""
        return read_competition(self.competition, country_code(self.country))

    @property
    def women(self) -> bool:
        """Whether the match is of women: by its gender, its competition or a team's name."""
        return (
            self.gender is Gender.WOMEN
            or self.told_competition.women
            or any(read_name(name).women for name in (*self.home, *self.away))
        )


@dataclass(frozen=True, kw_only=True)
class Alignment:
    """A fixture found to be a canonical match; `confidence` is the score of the two, 0..1, no probability."""

    key: str
    canonical: str
    confidence: float


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """A fixture that may be a canonical match: `reasons` say why no link; `rival` is the next best."""

    key: str
    canonical: str
    confidence: float
    reasons: tuple[str, ...]
    rival: str | None = None
    rival_confidence: float | None = None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """All links between two sources, and all that is doubtful; what is in neither has no candidate."""

    links: tuple[Alignment, ...]
    doubts: tuple[Doubt, ...]
