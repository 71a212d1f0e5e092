"""What a source's ids mean here, and the teams that follow from it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from src.database.recordset import recordset
from src.domain.match import Source, SourceMatch

_LINKED = text("""
    select l.source_match_id, l.match_id, l.method <> 'canonical' as aligned, m.kickoff_utc
    from match_links l join matches m on m.id = l.match_id
    where l.source = :source and l.source_match_id = any(:ids)
""")

# One match could be a wrong link; two that agree on a club, and none that does not, are the club.
_TEACH = text("""
    with told as (
        select * from json_to_recordset(cast(:rows as json)) as r (
            source_match_id text, home text, home_name text, away text, away_name text)
    ), played as (
        select t.*, m.home_team_id, m.away_team_id
        from told t
        join match_links l on l.source = :source and l.source_match_id = t.source_match_id
            and l.method <> 'canonical'
        join matches m on m.id = l.match_id
    ), teams_seen as (
        select home as source_team_id, home_name as name, home_team_id as team_id from played
        union all select away, away_name, away_team_id from played
    ), written as (
        insert into team_links (source, source_team_id, team_id, name)
        select :source, source_team_id, min(team_id), min(name) from teams_seen
        group by source_team_id having count(*) > 1 and count(distinct team_id) = 1
        on conflict do nothing
        returning 1
    )
    select count(*) from written
""")


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkedMatch:
    """A match of ours that a source's id means; `aligned` where another source brought it."""

    match_id: int
    aligned: bool
    kickoff_utc: datetime


def linked_matches(session: Session, source: Source, ids: Sequence[str]) -> dict[str, LinkedMatch]:
    """Return the matches that a source's ids mean, by id; unknown ones are left out."""
    rows = session.execute(_LINKED, {"source": source, "ids": list(ids)})
    return {
        row.source_match_id: LinkedMatch(
            match_id=row.match_id, aligned=row.aligned, kickoff_utc=row.kickoff_utc
        )
        for row in rows
    }


def learn_teams(session: Session, source: Source, matches: Iterable[SourceMatch]) -> int:
    """Take the teams of aligned matches for what the source calls so; return how many are new."""
    rows = [
        {
            "source_match_id": match.source_match_id,
            "home": match.home.source_id or match.home.name,
            "home_name": match.home.name,
            "away": match.away.source_id or match.away.name,
            "away_name": match.away.name,
        }
        for match in matches
    ]
    return int(session.execute(_TEACH, {"rows": recordset(rows), "source": source}).scalar_one())
