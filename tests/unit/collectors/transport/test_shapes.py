import pytest

from src.collectors.transport.refusals import Refused
from src.collectors.transport.shapes import Expect, check_shape, looks_whole
from src.core.errors import SourceChanged


@pytest.mark.parametrize(
    ("body", "expect", "whole"),
    [
        (b'{"a": 1}\n', Expect.JSON, True), (b"[1]", Expect.JSON, True), (b'{"a": [1', Expect.JSON, False),
        (b"<html></HTML>\n", Expect.HTML, True), (b"<html></html><!-- made in 3 ms -->", Expect.HTML, True),
        (b"<html><table><tr>", Expect.HTML, False), (b"<html><table></table>", Expect.HTML, False),
        (b"<table><tr></tr></table>\n", Expect.HTML, True), (b"<table></tab", Expect.HTML, False),
        (b"", Expect.HTML, False), (b"", Expect.JSON, False), (b'var game=Array("1|2', Expect.SCRIPT, True),
    ],
)  # fmt: skip
def test_a_body_that_is_cut_short_does_not_look_whole(body: bytes, expect: Expect, whole: bool) -> None:
    assert looks_whole(body, expect) is whole


def test_a_byte_order_mark_changes_no_shape() -> None:
    check_shape(b"\xef\xbb\xbf {}", Expect.JSON, "it")
    check_shape(b"\xef\xbb\xbf<html></html>", Expect.HTML, "it")
    with pytest.raises(SourceChanged, match="it is a page, not a script"):
        check_shape(b"\xef\xbb\xbf<html></html>", Expect.SCRIPT, "it")


@pytest.mark.parametrize("expect", list(Expect))
def test_a_challenge_is_a_refusal_whatever_was_wanted(expect: Expect) -> None:
    with pytest.raises(Refused):
        check_shape(b"<html><title> Attention Required! | Site </title></html>", expect, "it")
