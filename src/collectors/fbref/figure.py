"""One figure of a match's page of FBref."""

from dataclasses import dataclass

from src.domain.match import TeamSide


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure of one side, under FBref's own name (`cards_yellow`); `percent` of a share."""

    side: TeamSide
    name: str
    value: float
    percent: bool = False
