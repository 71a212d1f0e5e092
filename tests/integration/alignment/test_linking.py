"""Linking in a real Postgres: what is sure is linked, what is doubtful waits, what is decided stays."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text

from src.core.errors import Misconfigured
from src.database.alignment_reviews import decide
from src.database.connection import Database
from src.database.locks import AdvisoryLock, take_turns
from src.database.matches import store_stats
from src.domain.alignment import Alias, Review, ReviewState
from src.domain.edit import Author
from src.domain.match import Source, TeamStat
from src.pipeline import alignment_review
from src.pipeline.context import Context
from tests.conftest import NOW
from tests.integration.alignment.conftest import Stored, align, links, told
from tests.integration.database.test_odds import quote, store

pytestmark = pytest.mark.integration

LENA = Author(who="lena", why="looked it up")
FBREF = Source.FBREF


def waiting(context: Context, state: ReviewState = ReviewState.WAITING) -> list[Review]:
    return alignment_review.waiting(context, state=state, source=None, limit=50)


@pytest.fixture
def in_doubt(context: Context, stored: Stored) -> tuple[int, int]:
    """A fixture that may be either of two matches."""
    matches = stored("1", "Aldham North", "Brixworth"), stored("2", "Aldham South", "Brixworth")
    assert align(context, FBREF, [told("a", "Aldham", "Brixworth")], NOW) == 0
    return matches


def test_doubtful_fixture_waits_with_both_candidates_and_the_reason(
    context: Context, database: Database, in_doubt: tuple[int, int]
) -> None:
    found = waiting(context)
    assert {item.pair.match_id for item in found} == set(in_doubt)
    assert {(item.pair.home, item.pair.away, item.pair.source_match_id) for item in found} == {
        ("Aldham", "Brixworth", "a")
    }
    assert found[0].pair.reasons == ("another choice is only 0.00 worse",)
    assert {item.match_home for item in found} == {"Aldham North", "Aldham South"}
    assert links(database, FBREF) == {}


def test_the_same_doubt_again_is_kept_once(context: Context, in_doubt: tuple[int, int]) -> None:
    align(context, FBREF, [told("a", "Aldham", "Brixworth")], NOW + timedelta(hours=1))
    found = waiting(context)
    assert len(found) == 2
    assert {item.seen_at for item in found} == {NOW + timedelta(hours=1)}


def test_confirmed_pair_is_linked_for_good_and_the_other_candidate_is_settled(
    context: Context, database: Database, in_doubt: tuple[int, int]
) -> None:
    review = next(item for item in waiting(context) if item.pair.match_id == in_doubt[1])
    done = alignment_review.confirm(context, review.id, LENA)
    assert (done.state, done.decided_by, done.why) == (ReviewState.CONFIRMED, "lena", "looked it up")
    assert links(database, FBREF) == {"a": in_doubt[1]}
    assert waiting(context) == []
    assert [item.pair.match_id for item in waiting(context, ReviewState.SETTLED)] == [in_doubt[0]]
    assert align(context, FBREF, [told("a", "Aldham North", "Brixworth")], NOW) == 0
    assert links(database, FBREF) == {"a": in_doubt[1]}


def test_rejected_pair_is_never_proposed_again_and_what_remains_is_sure(
    context: Context, database: Database, in_doubt: tuple[int, int]
) -> None:
    for item in waiting(context):
        alignment_review.reject(context, item.id, LENA)
    assert align(context, FBREF, [told("a", "Aldham", "Brixworth")], NOW) == 0
    assert waiting(context) == []
    assert align(context, FBREF, [told("a", "Aldham North", "Brixworth")], NOW) == 0
    assert links(database, FBREF) == {}


def test_rejecting_one_candidate_leaves_the_other_to_be_linked(
    context: Context, database: Database, in_doubt: tuple[int, int]
) -> None:
    review = next(item for item in waiting(context) if item.pair.match_id == in_doubt[0])
    alignment_review.reject(context, review.id, LENA)
    assert align(context, FBREF, [told("a", "Aldham", "Brixworth")], NOW) == 1
    assert links(database, FBREF) == {"a": in_doubt[1]}
    assert waiting(context) == []


def test_doubt_that_the_source_mends_is_settled(
    context: Context, database: Database, in_doubt: tuple[int, int]
) -> None:
    assert align(context, FBREF, [told("a", "Aldham South", "Brixworth")], NOW) == 1
    assert links(database, FBREF) == {"a": in_doubt[1]}
    assert waiting(context) == []


def test_wrong_link_is_taken_away_and_never_found_again(
    context: Context, database: Database, stored: Stored
) -> None:
    match = stored("1", "Aldham", "Brixworth")
    assert align(context, FBREF, [told("a", "Aldham", "Brixworth")], NOW) == 1
    done = alignment_review.reject_link(context, FBREF, "a", LENA)
    assert (done.state, done.pair.match_id) == (ReviewState.REJECTED, match)
    assert links(database, FBREF) == {}
    assert align(context, FBREF, [told("a", "Aldham", "Brixworth")], NOW) == 0
    assert alignment_review.confirm(context, done.id, LENA).state is ReviewState.CONFIRMED
    assert links(database, FBREF) == {"a": match}


def test_wrong_link_takes_the_quotes_and_figures_that_came_by_it_and_no_others(
    context: Context, database: Database, stored: Stored
) -> None:
    match = stored("1", "Aldham", "Brixworth")
    align(context, FBREF, [told("a", "Aldham", "Brixworth")], NOW)
    figure = TeamStat(
        source=FBREF, source_match_id="a", side="home", period="ft", key="shots", value=7.0, unit="count"
    )
    with database.session() as session:
        store_stats(session, [figure, replace(figure, source=Source.FOTMOB, source_match_id="1")], NOW)
    quotes = [quote(0), replace(quote(20, (1.8, 2.05)), source=FBREF), replace(quote(30), source=FBREF)]
    store(database, match, quotes)
    alignment_review.reject_link(context, FBREF, "a", LENA)
    with database.session() as session:
        kept = {
            table: session.scalars(text(f"select source from {table}")).all()
            for table in ("team_stats", "odds_latest", "odds_history", "odds_repeats")
        }
    titan = Source.TITAN007
    assert kept == {
        "team_stats": [Source.FOTMOB], "odds_latest": [titan], "odds_history": [titan], "odds_repeats": []
    }  # fmt: skip
    what = alignment_review.audit(context, 1)[0].what
    assert (what["unlinked"], what["quotes"], what["figures"]) == (True, 2, 1)


def test_link_of_the_source_that_brought_the_match_cannot_be_rejected(
    context: Context, stored: Stored
) -> None:
    stored("1", "Aldham", "Brixworth")
    with pytest.raises(Misconfigured, match="brought match"):
        alignment_review.reject_link(context, Source.FOTMOB, "1", LENA)
    with pytest.raises(Misconfigured, match="is linked to no match"):
        alignment_review.reject_link(context, FBREF, "zz", LENA)


def test_confirming_against_a_standing_link_is_refused_with_what_to_do(
    context: Context, in_doubt: tuple[int, int]
) -> None:
    north, south = sorted(waiting(context), key=lambda item: item.match_home)
    alignment_review.confirm(context, north.id, LENA)
    with pytest.raises(Misconfigured, match="reject --link fbref:a"):
        alignment_review.confirm(context, south.id, LENA)
    with pytest.raises(Misconfigured, match="there is no review 999"):
        alignment_review.confirm(context, 999, LENA)


def test_alias_brings_a_name_in_another_script_to_its_club(
    context: Context, database: Database, stored: Stored
) -> None:
    match = stored("1", "Aldham Rovers", "Brixworth")
    fixture = told("9", "甲乙", "丙丁")
    assert align(context, Source.TITAN007, [fixture], NOW) == 0
    names = [Alias(alias="甲乙", club="Aldham"), Alias(alias="丙丁", club="Brixworth")]
    assert alignment_review.add_aliases(context, names, LENA) == 2
    assert alignment_review.add_aliases(context, names, LENA) == 0
    assert align(context, Source.TITAN007, [fixture], NOW) == 1
    assert links(database, Source.TITAN007) == {"9": match}
    assert alignment_review.drop_alias(context, "甲乙", LENA) == [names[0]]
    assert alignment_review.list_aliases(context) == [names[1]]


def test_names_remembered_on_confirming_link_the_next_fixture_by_themselves(
    context: Context, database: Database, stored: Stored
) -> None:
    stored("1", "Aldham North", "Brixworth")
    stored("2", "Aldham South", "Brixworth")
    later = stored("3", "Brixworth", "Aldham South", NOW + timedelta(days=30))
    stored("4", "Brixworth", "Aldham North", NOW + timedelta(days=30))
    align(context, FBREF, [told("a", "Aldham", "Brixworth")], NOW)
    review = next(item for item in waiting(context) if item.match_home == "Aldham South")
    alignment_review.confirm(context, review.id, LENA, remember_names=True)
    assert alignment_review.list_aliases(context) == [Alias(alias="Aldham", club="Aldham South")]
    fixture = told("b", "Brixworth", "Aldham", NOW + timedelta(days=30))
    assert align(context, FBREF, [fixture], NOW) == 1
    assert links(database, FBREF)["b"] == later


def test_every_decision_is_in_the_audit(context: Context, in_doubt: tuple[int, int]) -> None:
    first, second = waiting(context)
    alignment_review.reject(context, first.id, LENA)
    alignment_review.confirm(context, second.id, Author(who="omar", why="saw it"))
    alignment_review.add_aliases(context, [Alias(alias="Gunners", club="Arsenal", country="ENG")], LENA)
    found = alignment_review.audit(context, 10)
    assert [(item.who, item.action) for item in found] == [
        ("lena", "alias"), ("omar", "confirm"), ("lena", "reject"),
    ]  # fmt: skip
    assert found[1].what["match_id"] == second.pair.match_id


def test_success_is_measured_as_the_share_of_our_matches_linked(context: Context, stored: Stored) -> None:
    stored("1", "Aldham", "Brixworth")
    stored("2", "Carrowby", "Denholme")
    align(context, FBREF, [told("a", "Aldham", "Brixworth"), told("b", "Esk", "Farley")], NOW)
    ratio = REGISTRY.get_sample_value("matchbeat_alignment_success_ratio", {"source": "fbref"})
    assert ratio == 0.5


def test_fixture_told_twice_is_linked_once(context: Context, database: Database, stored: Stored) -> None:
    match = stored("1", "Aldham", "Brixworth")
    twice = [told("a", "Aldham", "Brixworth")] * 2
    assert align(context, FBREF, twice, NOW) == 1
    assert links(database, FBREF) == {"a": match}


def test_what_no_database_can_hold_is_spelt_out_in_a_name_that_waits(
    context: Context, stored: Stored
) -> None:
    stored("1", "Aldham North", "Brixworth")
    stored("2", "Aldham South", "Brixworth")
    align(context, FBREF, [told("a", "Ald\0ham", "Brixworth\ud800")], NOW)
    assert {item.pair.home for item in waiting(context)} <= {r"Ald\0ham"}
    align(context, FBREF, [told("b", "Aldham\0", "Brixworth")], NOW)
    assert r"Aldham\0" in {item.pair.home for item in waiting(context)}


def test_pair_that_is_rejected_while_alignment_begins_is_not_linked(
    context: Context, database: Database, in_doubt: tuple[int, int]
) -> None:
    north, south = sorted(waiting(context), key=lambda item: item.match_home)
    with ThreadPoolExecutor(1) as pool:
        with database.session() as session:
            take_turns(session, AdvisoryLock.ALIGNMENT)
            run = pool.submit(align, context, FBREF, [told("a", "Aldham North", "Brixworth")], NOW)
            await_waiter(database)
            decide(session, north.id, ReviewState.REJECTED, LENA, NOW)
            decide(session, south.id, ReviewState.REJECTED, LENA, NOW)
        assert run.result(30) == 0
    assert links(database, FBREF) == {}


def await_waiter(database: Database) -> None:
    """Return when somebody waits for an advisory lock of this database."""
    waits = text(
        "select count(*) from pg_locks l join pg_database d on d.oid = l.database"
        " where l.locktype = 'advisory' and not l.granted and d.datname = current_database()"
    )
    with database.session() as session:
        while not session.scalar(waits):
            pass
