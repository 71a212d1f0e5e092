"""Matches that two sources brought apart, and how two become one."""

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.orm import Session

from src.database.odds_moved import move_quotes

# The same two clubs do not meet twice at one ground within half a day; where one time is not known, a day.
_DOUBLED = text("""
    with pairs as (
        select a.id as one, b.id as other,
            exists (select from match_links l join competitions c on c.id = b.competition_id
                    where l.match_id = b.id and l.method = 'canonical' and l.source = c.source) as other_stays
        from matches a
        join matches b on b.competition_id = a.competition_id and b.home_team_id = a.home_team_id
            and b.away_team_id = a.away_team_id and b.id > a.id
            and b.kickoff_utc between a.kickoff_utc - interval '1 day' and a.kickoff_utc + interval '1 day'
        where (a.home_team_id = any(:teams) or a.away_team_id = any(:teams))
            and abs(extract(epoch from a.kickoff_utc - b.kickoff_utc))
                <= case when a.time_known and b.time_known then 43200 else 86400 end
            and not exists (
                select from match_links x join match_links y on y.source = x.source and y.match_id = b.id
                where x.match_id = a.id)
            and not exists (
                select from alignment_reviews r
                join match_links l on l.source = r.source and l.source_match_id = r.source_match_id
                where r.state = 'rejected' and (r.match_id, l.match_id) in ((a.id, b.id), (b.id, a.id)))
    )
    select case when other_stays then other else one end as keep,
           case when other_stays then one else other end as gone
    from pairs p
    where not exists (select from pairs q where (q.one, q.other) <> (p.one, p.other)
                      and (q.one in (p.one, p.other) or q.other in (p.one, p.other)))
    order by 1
""")

_TELLS = text("""
    select m.id from matches m join competitions c on c.id = m.competition_id
    join match_links l on l.match_id = m.id and l.method = 'canonical' and l.source = c.source
    where m.id = any(:matches)
""")
_KNOWN_TO_ONE_SOURCE = text("""
    select x.source from match_links x join match_links y on y.source = x.source and y.match_id = :other
    where x.match_id = :one
""")
_CLUBS = text("select home_team_id, away_team_id from matches where id = :match")

_JOIN = [
    text(statement)
    for statement in (
        """insert into team_stats select :keep, source, side, period, key, value, unit, seen_at
           from team_stats where match_id = :gone on conflict do nothing""",
        "delete from team_stats where match_id = :gone",
        # They are made of what is known of a match: they are made anew.
        "delete from features where match_id = :gone",
        """update predictions p set match_id = :keep where match_id = :gone and not exists (
               select from predictions k where k.match_id = :keep and k.model_name = p.model_name
                   and k.model_version = p.model_version and k.fingerprint = p.fingerprint)""",
        "delete from predictions where match_id = :gone",
        """update alignment_reviews r set match_id = :keep where match_id = :gone and not exists (
               select from alignment_reviews k where k.match_id = :keep and k.source = r.source
                   and k.source_match_id = r.source_match_id)""",
        "delete from alignment_reviews where match_id = :gone",
        """update match_links set match_id = :keep,
               method = case method when 'canonical' then 'aligned' else method end
           where match_id = :gone""",
        "delete from matches where id = :gone",
    )
]


def doubled_matches(session: Session, teams: Collection[int]) -> list[tuple[int, int]]:
    """Return the matches of these clubs that stand twice, as (the one to keep, the other).

    They are of the same competition, clubs and time, and no source knows both. The one that the competition's
    own source tells is to be kept, else the older.
    """
    return [(row.keep, row.gone) for row in session.execute(_DOUBLED, {"teams": sorted(teams)})]


def known_to_one_source(session: Session, one: int, other: int) -> str | None:
    """Return a source that knows both matches, each by an id of its own; None where none does."""
    return session.execute(_KNOWN_TO_ONE_SOURCE, {"one": one, "other": other}).scalars().first()


def clubs_of_match(session: Session, match_id: int) -> tuple[int, int]:
    """Return the numbers of the home and the away club."""
    row = session.execute(_CLUBS, {"match": match_id}).one()
    return row.home_team_id, row.away_team_id


def in_order(session: Session, one: int, other: int) -> tuple[int, int]:
    """Return two matches as (the one to keep, the other)."""
    told = list(session.scalars(_TELLS, {"matches": [one, other]}))
    keep = told[0] if len(told) == 1 else min(one, other)
    return keep, other if keep == one else one


def join_matches(session: Session, keep: int, gone: int) -> None:
    """Make one match of two: links, quotes, figures and predictions of `gone` are of `keep` from now on.

    No source may know both.
    """
    move_quotes(session, gone, keep)
    for statement in _JOIN:
        session.execute(statement, {"keep": keep, "gone": gone})
