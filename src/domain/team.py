"""Teams as a source names them."""

from enum import StrEnum

from pydantic.dataclasses import dataclass

from src.domain.strict import STRICT, Name


class SquadLevel(StrEnum):
    """Which of a club's squads plays; one level has many names (`II`, `B`, `Reserves` are all `second`)."""

    FIRST = "first"
    SECOND = "second"
    U23 = "u23"
    U22 = "u22"
    U21 = "u21"
    U20 = "u20"
    U19 = "u19"
    U18 = "u18"
    U17 = "u17"
    U16 = "u16"
    U15 = "u15"
    U14 = "u14"


@dataclass(frozen=True, kw_only=True, config=STRICT)
class SourceTeam:
    """A team as one source names it; `source_id` is None where the source gives a name alone.

    `short_name` is a second form of the name (`Man United`), where the source has one.
    """

    name: Name
    source_id: Name | None = None
    short_name: Name | None = None
