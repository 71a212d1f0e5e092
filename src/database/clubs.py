"""Clubs of a competition as several sources have brought them, and how two of them become one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from src.domain.match import Gender, Source

_OF_SEVERAL_SOURCES = text("""
    select c.source_id from competitions c
    where c.source_id = any(:competitions) and exists (
        select from matches m join match_links l on l.match_id = m.id
        where m.competition_id = c.id and l.source <> :source and l.home_source_team_id is not null)
""")

_CLUBS = text("""
    with playing as (
        select m.competition_id, t.team_id
        from matches m
        join competitions c on c.id = m.competition_id and c.source_id = any(:competitions)
        join match_links l on l.match_id = m.id
        join team_links t on t.source = l.source
            and t.source_team_id in (l.home_source_team_id, l.away_source_team_id)
        group by 1, 2
        union
        select m.competition_id, unnest(array[m.home_team_id, m.away_team_id])
        from matches m join competitions c on c.id = m.competition_id and c.source_id = any(:competitions)
    )
    select c.source_id as competition, c.country, c.gender, t.id, t.name,
        array_agg(l.name order by l.name) as names, array_agg(distinct l.source) as sources
    from playing p
    join competitions c on c.id = p.competition_id
    join teams t on t.id = p.team_id
    join team_links l on l.team_id = t.id
    group by c.id, t.id order by c.id, t.id
""")

# One match could be a wrong link; two that agree on a club, and none that does not, are the club.
_AGREED = text("""
    with told as (
        select l.source, l.home_source_team_id as id, m.home_team_id as team_id
        from match_links l join matches m on m.id = l.match_id
        join competitions c on c.id = m.competition_id and c.source_id = any(:competitions)
        where l.method <> 'canonical' and l.home_source_team_id is not null
        union all
        select l.source, l.away_source_team_id, m.away_team_id
        from match_links l join matches m on m.id = l.match_id
        join competitions c on c.id = m.competition_id and c.source_id = any(:competitions)
        where l.method <> 'canonical' and l.away_source_team_id is not null
    )
    select t.team_id as one, min(told.team_id) as other
    from told join team_links t on t.source = told.source and t.source_team_id = told.id
    group by t.team_id
    having count(*) > 1 and count(distinct told.team_id) = 1 and min(told.team_id) <> t.team_id
    order by t.team_id
""")

_APART = text("""
    select
        (select string_agg(a.source, ', ' order by a.source) from team_links a
         join team_links b on b.source = a.source and b.team_id = :other where a.team_id = :one) as sources,
        (select count(*) from matches where (home_team_id = :one and away_team_id = :other)
            or (home_team_id = :other and away_team_id = :one)) as played
""")
_GENDERS = text("""
    select distinct c.gender from matches m join competitions c on c.id = m.competition_id
    where m.home_team_id = :team or m.away_team_id = :team
""")

_UNITE = [
    text("update matches set home_team_id = :keep where home_team_id = :gone"),
    text("update matches set away_team_id = :keep where away_team_id = :gone"),
    text("update team_links set team_id = :keep where team_id = :gone"),
    text("update teams set name = (select name from teams where id = :named) where id = :keep"),
    text("delete from teams where id = :gone"),
]
_SOURCES = text("select team_id, source from team_links where team_id = any(:teams)")

_DROP_IDLE = text("""
    with idle as (
        select t.id from teams t where t.id = any(:teams) and not exists (
            select from matches m where m.home_team_id = t.id or m.away_team_id = t.id)
    ), unlinked as (delete from team_links l using idle where l.team_id = idle.id)
    delete from teams t using idle where t.id = idle.id
""")

_FIND = text("""
    select t.id, t.name,
        array_agg(l.source || ':' || l.source_team_id order by l.source, l.source_team_id) as ids
    from teams t left join team_links l on l.team_id = t.id
    where t.id = :id group by t.id
""")
_FIND_LINK = text("select team_id from team_links where source = :source and source_team_id = :id")
_TEAMS_OF = text("select team_id from team_links where source = :source and source_team_id = any(:ids)")


@dataclass(frozen=True, kw_only=True)
class Club:
    """A club of a competition; `sources` are those that know it by an id, `names` all that they call it."""

    competition: str
    country: str | None
    gender: Gender
    team_id: int
    name: str
    names: tuple[str, ...]
    sources: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class ClubIds:
    """A club by its number, with all its sources' ids as `source:id`."""

    team_id: int
    name: str
    ids: tuple[str, ...]


def of_several_sources(session: Session, source: Source, competitions: Sequence[str]) -> list[str]:
    """Return those of the competitions of which another source than this one has told matches."""
    values = {"source": source, "competitions": list(competitions)}
    return list(session.scalars(_OF_SEVERAL_SOURCES, values))


def clubs_of(session: Session, competitions: Sequence[str]) -> list[Club]:
    """Return the clubs that any source has told of in these competitions."""
    return [
        Club(
            competition=row.competition,
            country=row.country,
            gender=Gender(row.gender),
            team_id=row.id,
            name=row.name,
            names=tuple(dict.fromkeys((row.name, *row.names))),
            sources=frozenset(row.sources),
        )
        for row in session.execute(_CLUBS, {"competitions": list(competitions)})
    ]


def clubs_agreed_on(session: Session, competitions: Sequence[str]) -> list[tuple[int, int]]:
    """Return the pairs of clubs that two or more linked matches say are one, and none says are not."""
    rows = session.execute(_AGREED, {"competitions": list(competitions)})
    return [(row.one, row.other) for row in rows]


def what_keeps_apart(session: Session, one: int, other: int) -> tuple[str | None, int]:
    """Return the sources that tell two clubs apart, None where none does, and how often they met."""
    row = session.execute(_APART, {"one": one, "other": other}).one()
    return row.sources, row.played


def genders_of(session: Session, team_id: int) -> set[Gender]:
    """Return for whom the competitions are that a club plays in."""
    return {Gender(gender) for gender in session.scalars(_GENDERS, {"team": team_id})}


def unite(session: Session, one: int, other: int) -> int:
    """Make one club of two and return its number, the older one.

    It has the matches and the ids of both, and the name of the one that the foremost source knows.
    """
    keep, gone = sorted((one, other))
    order = list(Source)
    rank = {team: len(order) for team in (keep, gone)}
    for team, source in session.execute(_SOURCES, {"teams": [keep, gone]}):
        rank[team] = min(rank[team], order.index(Source(source)))
    named = gone if rank[gone] < rank[keep] else keep
    for statement in _UNITE:
        session.execute(statement, {"keep": keep, "gone": gone, "named": named})
    return keep


def drop_idle(session: Session, teams: Collection[int]) -> None:
    """Forget those of the clubs that no match is left of."""
    session.execute(_DROP_IDLE, {"teams": sorted(teams)})


def club_ids(session: Session, team_id: int) -> ClubIds | None:
    """Return a club with its ids; None where there is none of this number."""
    row = session.execute(_FIND, {"id": team_id}).one_or_none()
    return ClubIds(team_id=row.id, name=row.name, ids=tuple(filter(None, row.ids))) if row else None


def club_by_link(session: Session, source: Source, source_team_id: str) -> int | None:
    """Return the number of the club that a source's id means."""
    found = session.execute(_FIND_LINK, {"source": source, "id": source_team_id}).scalar_one_or_none()
    return None if found is None else int(found)


def teams_of(session: Session, source: Source, ids: Collection[str]) -> set[int]:
    """Return the numbers of the clubs that a source's ids mean."""
    return set(session.scalars(_TEAMS_OF, {"source": source, "ids": sorted(ids)}))
