"""Reads what features are built from, and keeps the features."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from src.database.market_view import opening_views
from src.domain.learning import FeatureSet, MatchFacts
from src.domain.match import MatchStatus

PLAYED = tuple(status.value for status in MatchStatus if status.has_result)

_FACTS = text(
    """
    select m.id, m.competition_id, m.season, m.kickoff_utc, m.home_team_id, m.away_team_id,
           m.home_goals, m.away_goals, s.home_shots, s.away_shots
      from matches m
      join competitions c on c.id = m.competition_id and c.watched
      left join (
        select match_id,
               avg(value) filter (where side = 'home') as home_shots,
               avg(value) filter (where side = 'away') as away_shots
          from team_stats
         where key = 'shots_on_target' and period in ('ft', 'all')
         group by match_id
      ) s on s.match_id = m.id
     where (m.status = any(:played) and m.home_goals is not null and m.away_goals is not null
            and m.kickoff_utc < :now)
        -- One in play, or whose result is not in yet, still is a fixture before those that follow.
        or m.status in ('scheduled', 'live')
    """
)

# One JSON array in, one statement: a row is written only where it is new or says something else. The as_of
# of a coming match moves with every run and alone is no change; at kick-off it becomes final.
_UPSERT = text(
    """
    insert into features (match_id, version, as_of, values, built_at)
    select r.match_id, r.version, r.as_of, r.values, :built_at
      from jsonb_to_recordset(cast(:rows as jsonb))
        as r(match_id bigint, version text, as_of timestamptz, values jsonb)
    on conflict (match_id, version) do update
       set as_of = excluded.as_of, values = excluded.values, built_at = excluded.built_at
     where features.values is distinct from excluded.values
        or (excluded.as_of < :built_at and features.as_of is distinct from excluded.as_of)
    returning (xmax = 0) as created
    """
)


def match_facts(session: Session, now: datetime) -> list[MatchFacts]:
    """Return the watched competitions' matches that are played, in play or scheduled."""
    opening = opening_views(session)
    return [
        MatchFacts(
            match_id=row.id,
            competition_id=row.competition_id,
            season=row.season,
            kickoff_utc=row.kickoff_utc,
            home_team_id=row.home_team_id,
            away_team_id=row.away_team_id,
            home_goals=row.home_goals if row.kickoff_utc < now else None,
            away_goals=row.away_goals if row.kickoff_utc < now else None,
            home_shots_on_target=row.home_shots,
            away_shots_on_target=row.away_shots,
            market=opening.get(row.id),
        )
        for row in session.execute(_FACTS, {"played": list(PLAYED), "now": now})
    ]


def store_features(session: Session, features: Sequence[FeatureSet], built_at: datetime) -> tuple[int, int]:
    """Write the rows that are new or changed; return how many were (created, updated)."""
    if not features:
        return 0, 0
    rows = json.dumps([_as_row(feature) for feature in features])
    created = [row.created for row in session.execute(_UPSERT, {"rows": rows, "built_at": built_at})]
    return sum(created), len(created) - sum(created)


def _as_row(feature: FeatureSet) -> dict[str, Any]:
    return {
        "match_id": feature.match_id,
        "version": feature.version,
        "as_of": feature.as_of.isoformat(),
        "values": dict(feature.values),
    }
