"""When an attempt pauses, without a database."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from src.core.errors import BadData
from src.pipeline.progress import PauseSwitch


def test_a_switch_that_nobody_set_never_pauses() -> None:
    switch = PauseSwitch()
    assert all(switch.take() for _ in range(100))


def test_so_many_items_may_be_begun_and_no_more() -> None:
    switch = PauseSwitch(after=3)
    assert [switch.take() for _ in range(5)] == [True, True, True, False, False]


def test_threads_share_the_count() -> None:
    switch = PauseSwitch(after=50)
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: switch.take(), range(200))) == 50


def test_a_request_pauses_before_the_next_item() -> None:
    asked: list[bool] = []
    switch = PauseSwitch(lambda: bool(asked), after=10)
    assert switch.take()
    asked.append(True)
    assert not switch.take()


@pytest.mark.parametrize("after", [0, -1])
def test_a_pause_before_the_first_item_is_refused(after: int) -> None:
    with pytest.raises(BadData, match=f"pause_after is {after}: it must be at least 1"):
        PauseSwitch(after=after)
