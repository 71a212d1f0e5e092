from threading import Event

from src.scheduling.lane import Lane


def test_a_lane_is_busy_while_it_works_and_does_not_hold_up_the_end() -> None:
    lane, go_on = Lane("test"), Event()
    lane.begin(lambda: go_on.wait(30) and None)
    assert lane.busy
    assert not lane.wait(0.01)
    go_on.set()
    assert lane.wait(30)
    assert lane.take_error() is None


def test_what_ended_the_work_is_told_once() -> None:
    lane = Lane("test")
    lane.begin(lambda: [][1])
    assert lane.wait(30)
    assert isinstance(lane.take_error(), IndexError)
    assert lane.take_error() is None
