"""History first or FotMob first: the same matches, clubs and links come of it."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import permutations as pairs_of
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from src.database.matches import ToldMatch
from src.domain.alignment import Alias
from src.domain.edit import Author
from src.domain.match import Gender, MatchStatus, Score, Source, SourceCompetition, SourceMatch
from src.domain.team import SourceTeam
from src.pipeline.alignment_review import add_aliases
from src.pipeline.context import Context
from src.pipeline.import_history import import_history
from src.pipeline.one_club import clubs_alike
from src.pipeline.told_matches import StoredMatches, store_told

pytestmark = pytest.mark.integration

#: What football-data.co.uk and FotMob call a club: the same, alike, and as good as nothing in common.
CLUBS = {
    "Aldham": "Aldham FC", "Brixworth": "Brixworth Town", "Corby": "Corby", "Deene": "Deene Rovers",
    "Esk": "Qwertz", "Aldham Citty": "Aldham City", "Wolves": "Wolverhampton Wanderers",
}  # fmt: skip
UK = ZoneInfo("Europe/London")
ALDHAMS = "select count(*) from teams where name like 'Aldham%' and name not like '%Cit%'"
SEEN = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Played:
    """A match as it was played, by football-data.co.uk's names; `at` is the United Kingdom's time."""

    home: str
    away: str
    at: datetime

    @property
    def goals(self) -> Score:
        return Score(home=len(self.home) % 4, away=len(self.away) % 3)


def season(first: date, clubs: Sequence[str] = tuple(CLUBS)) -> list[Played]:
    """Each club against each, at home and away, a match every other day."""
    return [
        Played(home, away, datetime.combine(first + timedelta(days=2 * n), time(15 + n % 6, 30), UK))
        for n, (home, away) in enumerate(pairs_of(clubs, 2))
    ]


OLD, NEW = season(date(2018, 8, 11)), season(date(2022, 8, 6))


def csv(matches: Sequence[Played]) -> str:
    """A season's file; those before 2019 have no times."""
    timed = matches[0].at.year >= 2019
    head = (
        "Div,Date,"
        + ("Time," if timed else "")
        + "HomeTeam,AwayTeam,FTHG,FTAG,PSCH,PSCD,PSCA,B365H,B365D,B365A\n"
    )
    return head + "".join(
        f"E0,{m.at:%d/%m/%Y},{f'{m.at:%H:%M},' if timed else ''}{m.home},{m.away},"
        f"{m.goals.home},{m.goals.away},2.0,3.4,4.0,2.1,3.3,3.9\n"
        for m in matches
    )


def of_fotmob(match: Played, number: int, **more: Any) -> ToldMatch:
    told = SourceMatch(
        source=Source.FOTMOB,
        source_match_id=str(number),
        competition=SourceCompetition(source=Source.FOTMOB, source_id="47", name="Premier League"),
        season="2022-2023" if match.at.year > 2020 else "2018-2019",
        kickoff_utc=match.at.astimezone(UTC) + timedelta(hours=4 if number % 7 == 3 else 0),
        venue_timezone="Europe/London",
        home=SourceTeam(name=CLUBS.get(match.home, match.home), source_id=f"id of {match.home}"),
        away=SourceTeam(name=CLUBS.get(match.away, match.away), source_id=f"id of {match.away}"),
        status=MatchStatus.FINISHED,
        score_90=match.goals,
        score_final=match.goals,
        raw_sha256=f"{number:064}",
    )
    return ToldMatch(match=replace(told, **more), seen_at=SEEN + timedelta(minutes=number), watched=True)


def brought(context: Context, told: Sequence[ToldMatch]) -> StoredMatches:
    with context.database.session() as session:
        return store_told(session, told, context.clock.now())


def rows(context: Context, query: str) -> list[tuple[Any, ...]]:
    with context.database.session() as session:
        return [tuple(row) for row in session.execute(text(query))]


def ends(context: Context) -> dict[str, list[tuple[Any, ...]]]:
    """All matches, clubs and links, without our own numbers."""
    return {
        "matches": rows(context, """
            select c.source_id, m.season, m.kickoff_utc, m.time_known, m.venue_timezone, h.name, a.name,
                m.status, m.home_goals, m.away_goals, m.raw_sha256,
                (select array_agg(l.source || ' ' || l.source_match_id || ' ' || l.method order by l.source)
                 from match_links l where l.match_id = m.id)
            from matches m join competitions c on c.id = m.competition_id
            join teams h on h.id = m.home_team_id join teams a on a.id = m.away_team_id
            order by m.kickoff_utc, h.name, a.name
        """),
        "clubs": rows(context, """
            select t.name, array_agg(l.source || ' ' || l.source_team_id || ' ' || l.name
                                     order by l.source, l.source_team_id)
            from teams t left join team_links l on l.team_id = t.id group by t.id order by 1, 2
        """),
        "odds": rows(context, """
            select l.source_match_id, o.phase, o.observed_at, o.prices, b.name
            from odds_history o join bookmakers b on b.id = o.bookmaker_id
            join match_links l on l.match_id = o.match_id and l.source = 'football-data'
            order by 1, 2, 3, 4, 5
        """),
    }  # fmt: skip


Step = Callable[[Context], object]


def imported(folder: Path, matches: Sequence[Played]) -> Step:
    folder.mkdir(exist_ok=True)
    (folder / "E0.csv").write_text(csv(matches))
    return lambda context: import_history(context, folder, again=True)


def collected(matches: Sequence[Played], first: int) -> Step:
    told = [of_fotmob(match, first + n) for n, match in enumerate(matches)]
    return lambda context: brought(context, told)


def steps(folder: Path) -> list[Step]:
    """Both seasons' files, and FotMob's tellings of the new one and of some of the old, in parts."""
    return [
        imported(folder / "old", OLD),
        imported(folder / "new", NEW),
        collected(NEW[:11], 100),
        collected(NEW[11:], 111),
        collected([*OLD[:4], *OLD[20:25]], 200),
    ]


def empty(context: Context) -> None:
    with context.database.session() as session:
        session.execute(text("truncate matches, teams, competitions, team_links, bookmakers,"
                             " odds_history, odds_repeats, alignment_reviews cascade"))  # fmt: skip


def test_history_first_and_fotmob_first_end_alike(context: Context, tmp_path: Path) -> None:
    old, new, *fotmob = steps(tmp_path)
    for step in (old, new, *fotmob):
        step(context)
    first = ends(context)
    empty(context)
    for step in (*fotmob, new, old):
        step(context)
    assert ends(context) == first
    # Each club once, but the one of two names: it is left apart, with its matches.
    assert [name for name, _ in first["clubs"]] == [
        "Aldham City", "Aldham FC", "Brixworth Town", "Corby", "Deene Rovers", "Esk", "Qwertz",
        "Wolverhampton Wanderers",
    ]  # fmt: skip
    by_fotmob = [match for match in first["matches"] if "fotmob" in str(match[-1])]
    assert len(by_fotmob) == len(NEW) + 9
    assert all("Esk" not in match[5:7] for match in by_fotmob)


def test_fotmob_tells_a_match_that_history_brought_from_then_on_and_what_is_stored_stays(
    context: Context, tmp_path: Path
) -> None:
    match = next(match for match in OLD if "Esk" not in (match.home, match.away))
    imported(tmp_path / "old", [match])(context)
    [(ours,)] = rows(context, "select id from matches")
    done = brought(context, [of_fotmob(match, 1)])
    assert done.linked == 1
    assert rows(context, "select id, kickoff_utc, time_known, raw_sha256 from matches") == [
        (ours, match.at.astimezone(UTC), True, f"{1:064}")
    ]
    assert rows(context, "select source, method from match_links order by 1") == [
        ("football-data", "aligned"), ("fotmob", "canonical")
    ]  # fmt: skip
    # The day alone was known: the closing prices are those before the true kick-off.
    timed = "select phase, prices, kickoff_utc - observed_at from odds_history join matches on id = match_id"
    assert rows(context, f"{timed} order by 1") == [
        ("closing", [2.0, 3.4, 4.0], timedelta(seconds=1)),
        ("opening", [2.1, 3.3, 3.9], timedelta(days=1, minutes=30)),
    ]
    # FotMob's later word counts, the file's no longer.
    brought(context, [replace(of_fotmob(match, 1, status=MatchStatus.AWARDED), seen_at=SEEN + timedelta(1))])
    imported(tmp_path / "old", [match])(context)
    assert rows(context, "select status from matches") == [("awarded",)]
    assert brought(context, [of_fotmob(match, 1)]) == StoredMatches()


def test_what_two_sources_store_at_the_same_moment_is_stored_once(context: Context, tmp_path: Path) -> None:
    step = imported(tmp_path / "new", NEW)
    told = [of_fotmob(match, 100 + number) for number, match in enumerate(NEW)]
    blocked = text("select count(*) from pg_locks where locktype = 'advisory' and not granted")
    with ThreadPoolExecutor() as pool:
        with context.database.session() as session:
            store_told(session, told, context.clock.now())
            importing = pool.submit(step, context)
            while not session.scalar(blocked):
                assert not importing.done()
        importing.result()
    by_both = (
        "select count(*) from matches m where 2 = (select count(*) from match_links where match_id = m.id)"
    )
    # The club of two names is left apart with its twelve matches.
    assert rows(context, by_both) == [(len(NEW) - 12,)]
    assert rows(context, "select count(*) from matches") == [(len(NEW) + 12,)]


def test_a_club_that_comes_up_is_a_new_one_and_one_that_was_there_keeps_its_past(
    context: Context, tmp_path: Path
) -> None:
    imported(tmp_path / "old", OLD)(context)
    before = dict(rows(context, "select name, id from teams"))
    coming = [Played("Aldham", "Farley", datetime(2023, 8, 12, 15, tzinfo=UK))]
    assert brought(context, [of_fotmob(coming[0], 1)]).linked == 0
    after = dict(rows(context, "select name, id from teams"))
    assert after["Aldham FC"] == before["Aldham"]
    assert after.keys() - before.keys() == {"Aldham FC", "Farley"}


def elsewhere(told: ToldMatch, competition: str, **more: Any) -> ToldMatch:
    of = replace(told.match.competition, source_id=competition, name="Another League", **more)
    return replace(told, match=replace(told.match, competition=of, **more))


def test_a_club_of_the_same_name_in_another_competition_is_another(context: Context, tmp_path: Path) -> None:
    imported(tmp_path / "old", OLD)(context)
    match = replace(OLD[0], at=datetime(2018, 8, 11, 15, 30, tzinfo=UK))
    brought(context, [elsewhere(of_fotmob(match, 1), "87")])
    assert rows(
        context, "select count(*) from teams where name like 'Aldham%' and name <> 'Aldham Citty'"
    ) == [(2,)]
    assert rows(context, "select count(*) from matches") == [(len(OLD) + 1,)]


def test_women_of_the_same_name_are_another_club_and_none_of_their_matches_is_linked(
    context: Context, tmp_path: Path
) -> None:
    imported(tmp_path / "new", NEW)(context)
    told = of_fotmob(NEW[0], 1)
    brought(context, [elsewhere(told, "9227", gender=Gender.WOMEN)])
    # A slip of the source: women in the men's competition.
    women = replace(told.match, source_match_id="2", home=SourceTeam(name="Aldham (W)", source_id="w"),
                    away=SourceTeam(name="Brixworth (W)", source_id="v"))  # fmt: skip
    brought(context, [replace(told, match=women)])
    linked = "select match_id from match_links group by 1 having count(*) > 1"
    assert rows(context, linked) == []
    assert rows(
        context, "select count(*) from teams where name like 'Aldham%' and name <> 'Aldham Citty'"
    ) == [(3,)]


def test_a_second_squad_of_the_same_name_is_another_club(context: Context, tmp_path: Path) -> None:
    imported(tmp_path / "new", NEW)(context)
    second = replace(NEW[0], home="Aldham B", at=NEW[0].at + timedelta(days=100))
    brought(context, [of_fotmob(second, 1)])
    assert rows(context, "select name from teams where name like 'Aldham%' order by 1") == [
        ("Aldham",), ("Aldham B",), ("Aldham Citty",)
    ]  # fmt: skip


def test_a_likeness_alone_leaves_clubs_apart_and_names_them(context: Context, tmp_path: Path) -> None:
    imported(tmp_path / "old", [match for match in OLD if "Deene" in (match.home, match.away)])(context)
    later = Played("Deene", "Farley", datetime(2023, 8, 12, 15, tzinfo=UK))
    brought(context, [of_fotmob(later, 1)])
    assert rows(context, "select name from teams where name like 'Deene%' order by 1") == [
        ("Deene",), ("Deene Rovers",)
    ]  # fmt: skip
    with context.database.session() as session:
        [pair] = clubs_alike(session, ["47"])
    assert (pair.one.name, pair.other.name) == ("Deene", "Deene Rovers")


def test_an_operators_alias_brings_clubs_together_that_were_left_apart(
    context: Context, tmp_path: Path
) -> None:
    for step in (imported(tmp_path / "new", NEW), collected(NEW[:20], 100)):
        step(context)
    assert ("Esk",) in rows(context, "select name from teams")
    add_aliases(context, [Alias(alias="Esk", club="Qwertz")], Author(who="lena", why="its new name"))
    collected(NEW[20:], 120)(context)
    assert ("Esk",) not in rows(context, "select name from teams")
    # What stood twice by it stands once.
    assert rows(context, "select count(*) from matches") == [(len(NEW),)]
    assert rows(context, "select count(*) from match_links") == [(2 * len(NEW),)]


def test_two_candidates_for_a_name_leave_all_three_clubs_apart(context: Context, tmp_path: Path) -> None:
    one = Played("Corby", "Farley", datetime(2022, 8, 6, 15, tzinfo=UK))
    other = replace(one, home="FC Corby", at=one.at + timedelta(days=50))
    imported(tmp_path / "new", [one, other])(context)
    brought(context, [of_fotmob(replace(one, at=one.at + timedelta(days=300)), 1)])
    assert rows(context, "select name from teams order by 1") == [
        ("Corby",), ("Corby",), ("FC Corby",), ("Farley",)
    ]  # fmt: skip


ALL = [*OLD, *NEW]


@given(
    data=st.data(),
    of_history=st.lists(st.sampled_from(range(84)), min_size=1, max_size=12, unique=True),
    of_fotmob_too=st.lists(st.sampled_from(range(84)), min_size=1, max_size=12, unique=True),
    cuts=st.lists(st.integers(1, 4), min_size=3, max_size=3),
)
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
)
def test_any_order_of_files_and_days_doubled_or_not_ends_alike(
    context: Context,
    tmp_path: Path,
    data: st.DataObject,
    of_history: list[int],
    of_fotmob_too: list[int],
    cuts: list[int],
) -> None:
    all_steps = [
        imported(tmp_path / "old", [ALL[n] for n in of_history if n < 42] or OLD[:1]),
        imported(tmp_path / "new", [ALL[n] for n in of_history if n >= 42] or NEW[:1]),
        *(collected([ALL[n] for n in part], 100 + part[0] * 100) for part in parts(of_fotmob_too, cuts)),
    ]
    found = []
    for order in (all_steps, data.draw(st.permutations(all_steps + all_steps[-1:]))):
        empty(context)
        for step in order:
            step(context)
        found.append(ends(context))
    assert found[0] == found[1]


def parts(numbers: list[int], cuts: list[int]) -> list[list[int]]:
    """Cut a list into parts of these lengths, and what is left."""
    found = []
    for cut in [*cuts, len(numbers)]:
        part, numbers = numbers[:cut], numbers[cut:]
        if part:
            found.append(part)
    return found
