"""What dirt does to a body."""

import re

_CHARSET = re.compile(rb"charset=(['\"]?)[\w-]+")
_PRESENT = re.compile(
    r"<td oddstype=\"wholeLastOdds\"[^>]*>[^<]*</td>\n"
    r"<td oddstype=\"wholeLastOdds\"[^>]*>[^<]*</td>\n"
    r"<td oddstype=\"wholeLastOdds\"[^>]*>[^<]*</td>\n"
)
_SEALED = '<td colspan=3 oddstype="wholeLastOdds">封</td>\n'
#: The newest row of a history of a line, its three cells of prices.
_NEWEST = re.compile(
    r"(<tr><td>[^<]*</td><td>[^<]*</td>)<td><b>[^<]*</b></td><td>[^<]*</td><td><b>[^<]*</b></td>"
)
_NEWEST_SEALED = r"\g<1><td><b>封</b></td><td>封</td><td><b>封</b></td>"
_MARK = b"\xef\xbb\xbf"
#: The names that readers of the three sources hold on to.
_RENAMED = (
    (b'"leagues"', b'"tournaments"'), (b'"general"', b'"overview"'), (b'"content"', b'"body"'),
    (b"data-stat=", b"data-field="), (b'id="sched', b'id="fixtures'),
    (b"game=Array", b"prices=Array"), (b"gameDetail=Array", b"changes=Array"),
    (b'id="odds"', b'id="lines"'), (b"id='tr1_", b"id='line_"),
    (b"companyID", b"bookmaker"), (b"data-id", b"data-no"),
    ("变化时间".encode("gb18030"), "更新".encode("gb18030")),
)  # fmt: skip


def halved(body: bytes) -> bytes:
    """Return the first half."""
    return body[: len(body) // 2]


def marked(body: bytes) -> bytes:
    """Return a body in UTF-8 after a byte order mark, another one as it is."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return body
    return body if body.startswith(_MARK) else _MARK + body


def other_encoding(body: bytes) -> bytes:
    """Return UTF-8 as GB18030 and the other way round, a page's own word for it changed too."""
    text, encoding = _decoded(body)
    other, name = ("utf-8", b"utf-8") if encoding == "gb18030" else ("gb18030", b"gb2312")
    return _CHARSET.sub(rb"charset=\g<1>" + name, text.encode(other), count=1)


def sealed(body: bytes) -> bytes:
    """Return a page of lines with its present ones sealed, a history with its newest row."""
    text, encoding = _decoded(body)
    return _NEWEST.sub(_NEWEST_SEALED, _PRESENT.sub(_SEALED, text), count=1).encode(encoding)


def _decoded(body: bytes) -> tuple[str, str]:
    try:
        return body.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        return body.decode("gb18030"), "gb18030"


def renamed(body: bytes) -> bytes:
    """Return the body with the names that its readers look for changed."""
    for name, other in _RENAMED:
        body = body.replace(name, other)
    return body
