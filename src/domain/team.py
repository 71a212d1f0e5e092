"""Teams as a source names them."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SourceTeam:
    """A team as one source names it; `source_id` is None where the source gives a name alone.

    `short_name` is a second form of the name (`Man United`), where the source has one.
    """

    name: str
    source_id: str | None = None
    short_name: str | None = None
