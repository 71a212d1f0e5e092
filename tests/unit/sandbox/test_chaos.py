"""The sandbox with dirt: what is spoiled is drawn from the seed, and is what was asked for."""

from collections import Counter
from datetime import timedelta

import pytest

from src.core.clock import FixedClock
from src.core.errors import Misconfigured
from src.domain.odds import Market
from src.sandbox.app import Sandbox
from src.sandbox.chaos.app import ChaoticSandbox
from src.sandbox.chaos.moved import MovedWorld
from src.sandbox.chaos.plan import USUAL, Kind, Plan, read_plan
from src.sandbox.serve import sandbox_app
from src.sandbox.world.fixture import Phase, moment
from tests.unit.sandbox.asking import CHANGES, DAY, EURO, LINES, MATCH, SCHEDULE, TITAN_DAY, Got
from tests.unit.sandbox.worlds import NOW, made_world


def sandbox(**shares: float) -> ChaoticSandbox:
    return ChaoticSandbox(
        plain(), Plan(shares={Kind[name]: share for name, share in shares.items()}), slow_s=0
    )


def plain() -> Sandbox:
    return Sandbox(made_world(), FixedClock(NOW))


def test_same_seed_spoils_the_same_answers_in_whatever_order_they_are_asked() -> None:
    plan, other = read_plan("0.5", 3), read_plan("0.5", 4)
    addresses = [DAY, EURO, LINES, SCHEDULE]
    drawn = [plan.draw(address, time) for address in addresses for time in range(1, 30)]
    assert drawn == [read_plan("0.5", 3).draw(a, t) for a in addresses for t in range(1, 30)]
    assert drawn != [other.draw(address, time) for address in addresses for time in range(1, 30)]


def test_a_rate_alone_spoils_about_that_share_evenly_and_redesigns_nothing() -> None:
    plan = read_plan("0.24")
    drawn = Counter(plan.draw(f"/{n}", 1) for n in range(5000))
    assert 0.19 < 1 - drawn[None] / 5000 < 0.25
    assert drawn[Kind.CHANGED] == drawn[Kind.MOVED] == 0
    assert all(drawn[kind] > 50 for kind in USUAL if kind is not Kind.MOVED)


def test_kinds_are_chosen_with_rates_of_their_own() -> None:
    plan = read_plan("slow=0.25, 403=0.05,changed=0,moved=1", 9)
    assert plan.shares == {Kind.SLOW: 0.25, Kind.REFUSED: 0.05, Kind.CHANGED: 0, Kind.MOVED: 1}
    assert plan.seed == 9


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("2", "from 0 to 1"), ("-0.1", "from 0 to 1"), ("much", "from 0 to 1"), ("nan", "from 0 to 1"),
        ("", "from 0 to 1"), ("404=0.1", "no such kind; choose from slow, 429"), ("slow=", "from 0 to 1"),
        ("slow=0.6,403=0.6", "more than 1"), ("slow=0.1,,", "no such kind"),
    ],
)  # fmt: skip
def test_a_wrong_wish_says_what_is_wrong(text: str, problem: str) -> None:
    with pytest.raises(Misconfigured, match=problem):
        read_plan(text)


def test_statuses_are_those_of_the_real_sources() -> None:
    limited, refused, failed = (Got(sandbox(**{kind: 1}), DAY) for kind in ("LIMITED", "REFUSED", "FAILED"))
    assert (limited.status, limited.headers["retry-after"]) == (429, "1")
    assert (refused.status, failed.status) == (403, 500)


def test_a_truncated_answer_promises_more_than_it_gives() -> None:
    got, whole = Got(sandbox(TRUNCATED=1), DAY), Got(plain(), DAY)
    assert int(got.headers["content-length"]) == len(whole.body) == 2 * len(got.body) + len(whole.body) % 2
    assert not got.ended


def test_a_halved_payload_says_that_it_is_whole_and_wears_the_tag_of_the_whole_one() -> None:
    got, whole = Got(sandbox(HALVED=1), DAY), Got(plain(), DAY)
    assert int(got.headers["content-length"]) == len(got.body) == len(whole.body) // 2
    assert got.headers["etag"] == whole.headers["etag"]


def test_a_pseudo_404_has_status_200() -> None:
    got = Got(sandbox(PSEUDO_404=1), DAY)
    assert got.status == 200
    assert b"<title>404 Not Found</title>" in got.body
    assert int(got.headers["content-length"]) == len(got.body)


def test_pages_of_titan_come_in_the_other_encoding_and_say_so() -> None:
    page, day = Got(sandbox(GB18030=1), LINES), Got(sandbox(GB18030=1), TITAN_DAY)
    assert MATCH.home.titan_name in Got(sandbox(GB18030=1), CHANGES).body.decode("utf-8")
    assert MATCH.home.titan_name in page.body.decode("gb18030")
    assert b'charset="gb2312"' in page.body
    assert MATCH.home.titan_name in day.body.decode("utf-8")
    assert b"charset='utf-8'" in day.body
    assert Got(sandbox(GB18030=1), DAY).body == Got(plain(), DAY).body


def test_a_byte_order_mark_stands_before_payloads_in_utf_8_alone() -> None:
    assert Got(sandbox(BOM=1), DAY).body == b"\xef\xbb\xbf" + Got(plain(), DAY).body
    assert Got(sandbox(BOM=1), TITAN_DAY).body == Got(plain(), TITAN_DAY).body


def test_sealed_lines_have_no_present_prices_and_keep_the_others() -> None:
    got, clean = Got(sandbox(SEALED=1), LINES).body.decode(), Got(plain(), LINES).body.decode()
    rows = clean.count('data-id="')
    assert rows
    assert got.count('<td colspan=3 oddstype="wholeLastOdds">封</td>') == rows
    assert got.count('oddstype="wholeOdds"') == clean.count('oddstype="wholeOdds"') == 3 * rows


def test_a_sealed_history_has_no_prices_in_its_newest_row_alone() -> None:
    got, clean = (Got(app, CHANGES).body.decode("gb18030") for app in (sandbox(SEALED=1), plain()))
    assert (got.count("封"), clean.count("封")) == (3, 0)
    assert got.index("封") < got.index("<b>0.") < got.rindex("早")


@pytest.mark.parametrize("address", [DAY, EURO, LINES, CHANGES, TITAN_DAY, SCHEDULE])
def test_after_a_redesign_every_payload_has_other_names_and_a_tag_of_its_own(address: str) -> None:
    got, clean = Got(sandbox(CHANGED=1), address), Got(plain(), address)
    assert got.status == 200
    assert got.body != clean.body
    assert "etag" not in got.headers
    assert "etag" in clean.headers


def test_moved_fixtures_are_postponed_and_come_back_on_another_day() -> None:
    world = made_world()
    moved = MovedWorld(world, 1.0, 7)
    later = [f for f in moved.fixtures if f.round >= 7]
    assert all(f.postponed_from for f in later)
    match = next(f for f in later if f.kickoff > NOW + timedelta(days=40))
    assert match.postponed_from
    seen = [moment(match, match.postponed_from + timedelta(days=days)) for days in (-3, 0, 22, 29)]
    assert [at.phase for at in seen] == [Phase.SCHEDULED, Phase.POSTPONED, Phase.SCHEDULED, Phase.FINISHED]
    assert {at.kickoff for at in seen} == {match.postponed_from, match.kickoff}
    assert moved.quotes(match, Market.ONE_X_TWO) == world.quotes(match, Market.ONE_X_TWO)
    few = {f.number for f in MovedWorld(world, 0.1, 7).fixtures if f.postponed_from}
    own = {f.number for f in world.fixtures if f.postponed_from}
    assert own < few
    assert 0.05 < len(few) / len(later) < 0.15


def test_what_was_done_is_told_by_address() -> None:
    app = sandbox(FAILED=1)
    Got(app, DAY)
    Got(app, DAY)
    Got(app, "/health")
    assert (app.last, app.done) == ({DAY: Kind.FAILED}, {Kind.FAILED: 2})


def test_health_is_spared_and_without_shares_nothing_is_spoiled() -> None:
    assert Got(sandbox(FAILED=1), "/health").status == 200
    clean = Got(sandbox(), DAY)
    assert (clean.status, clean.body, clean.ended) == (200, Got(plain(), DAY).body, True)


def test_no_wish_is_the_plain_sandbox() -> None:
    assert isinstance(sandbox_app(made_world(), FixedClock(NOW)), Sandbox)
    assert isinstance(sandbox_app(made_world(), FixedClock(NOW), read_plan("moved=0.5")), ChaoticSandbox)
