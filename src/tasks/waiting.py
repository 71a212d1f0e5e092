"""Waiting for a part that is away at start, visibly and not for ever."""

from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_delay, wait_exponential

from src.core.errors import Transient
from src.core.logging import get_logger

log = get_logger(__name__)

T = TypeVar("T")


def wait_for(part: str, setting: str, ping: Callable[[], T], limit_s: float) -> T:
    """Call `ping` until it no longer raises Transient; return what it returns.

    Raises Transient after `limit_s` seconds, naming the part and the setting that says where it is.
    """

    def say(attempt: RetryCallState) -> None:
        error = attempt.outcome and attempt.outcome.exception()
        log.warning("waiting", part=part, reason=str(error), limit_s=limit_s)

    retrying = Retrying(
        retry=retry_if_exception_type(Transient),
        wait=wait_exponential(multiplier=0.25, max=5),
        stop=stop_after_delay(limit_s),
        before_sleep=say,
        reraise=True,
    )
    try:
        return retrying(ping)
    except Transient as error:
        raise Transient(
            f"{part} did not answer within {limit_s:g} s: {error}. Start it, or correct {setting}."
        ) from error
