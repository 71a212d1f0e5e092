"""Canonical matches with their competitions and teams, links to other sources, and figures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, func, select, text
from sqlalchemy.orm import Session

from src.database.copying import copy_rows
from src.database.fixtures import FIXTURES_CHANGED
from src.database.leadership import CHANNEL
from src.database.locks import AdvisoryLock, take_turns
from src.database.recordset import recordset
from src.domain.match import MatchStatus, Score, Source, SourceMatch, TeamStat

_RESULTS = [status.value for status in MatchStatus if status.has_result]
_BEFORE_RESULT = [MatchStatus.SCHEDULED.value, MatchStatus.LIVE.value]

_COMPETITIONS = text("""
    insert into competitions (source, source_id, name, country, gender, watched)
    select distinct on (source, source_id) source, source_id, name, country, gender, watched
    from json_to_recordset(cast(:rows as json))
        as r (source text, source_id text, name text, country text, gender text, watched boolean)
    order by source, source_id, name
    -- Each stage of a competition tells another name: the first stays.
    on conflict (source, source_id) do update set watched = excluded.watched
        where competitions.watched <> excluded.watched
""")

_TEAMS = text("""
    with fresh as (
        select source, source_team_id, min(name) as name, min(alias) as alias,
               nextval(pg_get_serial_sequence('teams', 'id')) as id
        from json_to_recordset(cast(:rows as json))
            as r (source text, source_team_id text, name text, alias text)
        where not exists (
            select from team_links t where t.source = r.source and t.source_team_id = r.source_team_id)
        group by source, source_team_id
    ), made as (
        insert into teams (id, name) select id, name from fresh
    )
    insert into team_links (source, source_team_id, team_id, name)
    select source, source_team_id, id, alias from fresh
""")

# Links that alignment or a person made know nothing of the source's teams until it tells of the match again.
_SIDES = text("""
    update match_links l set home_source_team_id = r.home, away_source_team_id = r.away
    from json_to_recordset(cast(:rows as json)) as r (
        source text, source_match_id text, home text, away text)
    where l.source = r.source and l.source_match_id = r.source_match_id
        and (l.home_source_team_id, l.away_source_team_id) is distinct from (r.home, r.away)
""")

_MATCHES = text("""
    with told as (
        select r.*, c.id as competition_id, h.team_id as home_team_id, a.team_id as away_team_id,
               l.match_id as known_id, l.method
        from json_to_recordset(cast(:rows as json)) as r (
            source text, source_match_id text, competition_source text, competition text, season text,
            stage text, kickoff_utc timestamptz, time_known boolean, venue_timezone text, squad_level text,
            home text, away text, status text, home_goals bigint, away_goals bigint,
            final_home_goals bigint, final_away_goals bigint, penalty_home_goals bigint,
            penalty_away_goals bigint, raw_sha256 text, seen_at timestamptz)
        join competitions c on c.source = r.competition_source and c.source_id = r.competition
        join team_links h on h.source = r.source and h.source_team_id = r.home
        join team_links a on a.source = r.source and a.source_team_id = r.away
        left join match_links l on l.source = r.source and l.source_match_id = r.source_match_id
    ), fresh as (
        select nextval(pg_get_serial_sequence('matches', 'id')) as id, * from told where known_id is null
    ), made as (
        insert into matches (id, competition_id, season, stage, kickoff_utc, time_known, venue_timezone,
            squad_level, home_team_id, away_team_id, status, home_goals, away_goals, final_home_goals,
            final_away_goals, penalty_home_goals, penalty_away_goals, raw_sha256, updated_at, seen_at)
        select id, competition_id, season, stage, kickoff_utc, time_known, venue_timezone, squad_level,
            home_team_id, away_team_id, status, home_goals, away_goals, final_home_goals, final_away_goals,
            penalty_home_goals, penalty_away_goals, raw_sha256, seen_at, seen_at
        from fresh
    ), linked as (
        insert into match_links (source, source_match_id, match_id, method, confidence, linked_at,
            home_source_team_id, away_source_team_id)
        select source, source_match_id, id, 'canonical', 1, seen_at, home, away from fresh
    ), newer as (
        select m.id, t.*,
            -- Not every page of a source tells the venue: that is no news of it.
            coalesce(t.venue_timezone, m.venue_timezone) as zone,
            (m.season, m.stage, m.kickoff_utc, m.time_known, m.venue_timezone, m.squad_level, m.home_team_id,
             m.away_team_id, m.status, m.home_goals, m.away_goals, m.final_home_goals, m.final_away_goals,
             m.penalty_home_goals, m.penalty_away_goals)
            is distinct from
            (t.season, t.stage, t.kickoff_utc, t.time_known, coalesce(t.venue_timezone, m.venue_timezone),
             t.squad_level, t.home_team_id, t.away_team_id, t.status, t.home_goals, t.away_goals,
             t.final_home_goals, t.final_away_goals, t.penalty_home_goals, t.penalty_away_goals)
            as differs,
            (m.competition_id, m.kickoff_utc, m.status)
            is distinct from (t.competition_id, t.kickoff_utc, t.status) as moved
        from told t join matches m on m.id = t.known_id
        -- The source that brought a match tells of it; one that was aligned to it adds figures and odds.
        where t.method = 'canonical' and t.seen_at >= coalesce(m.seen_at, m.updated_at)
            -- What was played to its end cannot be to come again; such an answer is the source's slip.
            and not (m.status = any(:results) and t.status = any(:before_result))
    ), updated as (
        update matches m set
            competition_id = n.competition_id, season = n.season, stage = n.stage,
            kickoff_utc = n.kickoff_utc, time_known = n.time_known, venue_timezone = n.zone,
            squad_level = n.squad_level, home_team_id = n.home_team_id, away_team_id = n.away_team_id,
            status = n.status, home_goals = n.home_goals, away_goals = n.away_goals,
            final_home_goals = n.final_home_goals,
            final_away_goals = n.final_away_goals, penalty_home_goals = n.penalty_home_goals,
            penalty_away_goals = n.penalty_away_goals,
            raw_sha256 = case when n.differs then n.raw_sha256 else m.raw_sha256 end,
            updated_at = case when n.differs then n.seen_at else m.updated_at end,
            seen_at = n.seen_at
        from newer n where m.id = n.id
        returning n.differs, n.moved, n.competition_id
    ), fixtures as (
        select competition_id from fresh union all select competition_id from updated where moved
    )
    select (select count(*) from fresh) + (select count(*) from updated where differs) as changed,
        exists (select from fixtures f join competitions c on c.id = f.competition_id and c.watched)
            as fixtures_changed
""")

_STATS_COLUMNS = ("source", "source_match_id", "side", "period", "key", "value", "unit")
_STAGE_STATS = text("""
    create temporary table if not exists told_stats (
        source text storage plain, source_match_id text storage plain, side text storage plain,
        period text storage plain, key text storage plain, value float8, unit text storage plain
    ) on commit delete rows
""")
_STATS = text("""
    with told as (
        select l.match_id, r.source, r.side, r.period, r.key, r.value, r.unit,
            (s.value, s.unit) is distinct from (r.value, r.unit) as differs
        from told_stats r
        join match_links l on l.source = r.source and l.source_match_id = r.source_match_id
        left join team_stats s on s.match_id = l.match_id and s.source = r.source and s.side = r.side
            and s.period = r.period and s.key = r.key
        where s.seen_at is null or s.seen_at <= :seen_at
    ), written as (
        insert into team_stats (match_id, source, side, period, key, value, unit, seen_at)
        select match_id, source, side, period, key, value, unit, cast(:seen_at as timestamptz) from told
        on conflict (match_id, source, side, period, key) do update
            set value = excluded.value, unit = excluded.unit, seen_at = excluded.seen_at
            where team_stats.seen_at <= excluded.seen_at
                and (team_stats.value, team_stats.unit, team_stats.seen_at)
                    is distinct from (excluded.value, excluded.unit, excluded.seen_at)
    )
    select count(*) from told where differs
""")

_LINKS = text("""
    with written as (
        insert into match_links (source, source_match_id, match_id, method, confidence, linked_at)
        select source, source_match_id, match_id, 'aligned', confidence, :at
        from json_to_recordset(cast(:rows as json))
            as r (source text, source_match_id text, match_id bigint, confidence float8)
        on conflict do nothing
        returning 1
    )
    select count(*) from written
""")

_CANDIDATES = text("""
    select m.id as match_id, m.kickoff_utc, m.time_known, m.status, c.source_id as competition,
           l.source_match_id as linked,
           array(select h.name union select name from team_links where team_id = h.id) as home,
           array(select a.name union select name from team_links where team_id = a.id) as away
    from matches m
    join competitions c on c.id = m.competition_id
    join teams h on h.id = m.home_team_id
    join teams a on a.id = m.away_team_id
    left join match_links l on l.match_id = m.id and l.source = :source
    where m.kickoff_utc between :since and :until and c.source_id = any(:competitions)
    order by m.kickoff_utc, m.id
""")


@dataclass(frozen=True, kw_only=True)
class AlignmentCandidate:
    """A canonical match that another source's fixture may be; `linked` is that source's id once known.

    Where `time_known` is false, only the day of `kickoff_utc` is meant.
    """

    match_id: int
    kickoff_utc: datetime
    status: MatchStatus
    competition: str
    linked: str | None
    home: tuple[str, ...]
    away: tuple[str, ...]
    time_known: bool = True


@dataclass(frozen=True, kw_only=True)
class NewLink:
    """A source's id for a canonical match, found by alignment; `confidence` is in 0..1."""

    source: Source
    source_match_id: str
    match_id: int
    confidence: float


@dataclass(frozen=True, kw_only=True)
class ToldMatch:
    """A match as a payload of `seen_at` told it; `watched` is whether we follow its competition closely."""

    match: SourceMatch
    seen_at: datetime
    watched: bool


def store_matches(session: Session, told: Iterable[ToldMatch]) -> int:
    """Create or update canonical matches with their competitions and teams; return how many changed.

    Of several tellings of a match the newest counts, and one older than what is stored changes nothing.
    Where a watched match is new or has another kick-off or status, Beat is notified (`FIXTURES_CHANGED`).
    """
    newest: dict[tuple[str, str], ToldMatch] = {}
    for item in told:
        key = (item.match.source, item.match.source_match_id)
        if key not in newest or newest[key].seen_at <= item.seen_at:
            newest[key] = item
    if not newest:
        return 0
    take_turns(session, AdvisoryLock.MATCHES)
    session.execute(_COMPETITIONS, {"rows": recordset(_competition(item) for item in newest.values())})
    session.execute(
        _TEAMS, {"rows": recordset(team for item in newest.values() for team in _teams(item.match))}
    )
    rows = recordset(_match(item) for item in newest.values())
    session.execute(_SIDES, {"rows": rows})
    stored = session.execute(
        _MATCHES, {"rows": rows, "results": _RESULTS, "before_result": _BEFORE_RESULT}
    ).one()
    if stored.fixtures_changed:
        # Sent with the commit: Beat then reads the kick-offs anew.
        session.execute(select(func.pg_notify(CHANNEL, FIXTURES_CHANGED)))
    return int(stored.changed)


def store_stats(session: Session, stats: Iterable[TeamStat], seen_at: datetime) -> int:
    """Write figures of linked matches; return how many are new or different.

    `seen_at` (aware, UTC) is when their payload was seen. A figure that a newer payload has told stays; of
    two tellings of one time the later written counts, so that a payload read anew corrects what it told.
    """
    rows = {
        (s.source.value, s.source_match_id, s.side, s.period, s.key): (float(s.value), s.unit) for s in stats
    }
    if not rows:
        return 0
    session.execute(_STAGE_STATS)
    copy_rows(session, "told_stats", _STATS_COLUMNS, ((*key, *told) for key, told in rows.items()))
    written = _count(session, _STATS, seen_at=seen_at)
    session.execute(text("delete from told_stats"))
    return written


def store_links(session: Session, links: Iterable[NewLink], at: datetime) -> int:
    """Write links found by alignment; an id or a match that is linked already keeps its link."""
    rows = [vars(link) for link in links]
    return _count(session, _LINKS, rows=recordset(rows), at=at) if rows else 0


def alignment_candidates(
    session: Session, source: Source, competitions: Sequence[str], since: datetime, until: datetime
) -> list[AlignmentCandidate]:
    """Return the canonical matches of these competitions that kick off in the window, both ends included."""
    rows = session.execute(
        _CANDIDATES,
        {"source": source, "competitions": list(competitions), "since": since, "until": until},
    )
    return [
        AlignmentCandidate(
            match_id=row.match_id,
            kickoff_utc=row.kickoff_utc,
            status=MatchStatus(row.status),
            competition=row.competition,
            linked=row.linked,
            home=tuple(row.home),
            away=tuple(row.away),
            time_known=row.time_known,
        )
        for row in rows
    ]


def _count(session: Session, statement: TextClause, **values: Any) -> int:
    return int(session.execute(statement, values).scalar_one())


def _competition(item: ToldMatch) -> dict[str, Any]:
    competition = item.match.competition
    return {
        "source": competition.source,
        "source_id": competition.source_id,
        "name": competition.name,
        "country": competition.country,
        "gender": competition.gender,
        "watched": item.watched,
    }


def _teams(match: SourceMatch) -> list[dict[str, Any]]:
    return [
        {
            "source": match.source,
            "source_team_id": team.source_id or team.name,
            "name": team.name,
            "alias": team.short_name or team.name,
        }
        for team in (match.home, match.away)
    ]


def _match(item: ToldMatch) -> dict[str, Any]:
    match = item.match
    return {
        "source": match.source,
        "source_match_id": match.source_match_id,
        "competition_source": match.competition.source,
        "competition": match.competition.source_id,
        "season": match.season,
        "stage": match.stage,
        "kickoff_utc": match.kickoff_utc,
        "time_known": match.time_known,
        "venue_timezone": match.venue_timezone,
        "squad_level": match.squad_level,
        "home": match.home.source_id or match.home.name,
        "away": match.away.source_id or match.away.name,
        "status": match.status,
        **_goals("", match.score_90),
        **_goals("final_", match.score_final),
        **_goals("penalty_", match.penalties),
        "raw_sha256": match.raw_sha256,
        "seen_at": item.seen_at,
    }


def _goals(prefix: str, score: Score | None) -> dict[str, int | None]:
    return {
        f"{prefix}home_goals": score.home if score else None,
        f"{prefix}away_goals": score.away if score else None,
    }
