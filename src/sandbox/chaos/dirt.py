"""What dirt does to a body."""

import re

_CHARSET = re.compile(rb"charset=(['\"]?)[\w-]+")
_PRESENT = re.compile(
    r"<td oddstype=\"wholeLastOdds\"[^>]*>[^<]*</td>\n"
    r"<td oddstype=\"wholeLastOdds\"[^>]*>[^<]*</td>\n"
    r"<td oddstype=\"wholeLastOdds\"[^>]*>[^<]*</td>\n"
)
_SEALED = '<td colspan=3 oddstype="wholeLastOdds">封</td>\n'
_MARK = b"\xef\xbb\xbf"
#: The names that readers of the three sources hold on to.
_RENAMED = (
    (b'"leagues"', b'"tournaments"'), (b'"general"', b'"overview"'), (b'"content"', b'"body"'),
    (b"data-stat=", b"data-field="), (b'id="sched', b'id="fixtures'),
    (b"game=Array", b"prices=Array"), (b"gameDetail=Array", b"changes=Array"),
    (b'id="odds"', b'id="lines"'), (b"id='tr1_", b"id='line_"),
    (b"companyID", b"bookmaker"), (b"data-id", b"data-no"),
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
    try:
        text, encoding, name = body.decode("utf-8-sig"), "gb18030", b"gb2312"
    except UnicodeDecodeError:
        text, encoding, name = body.decode("gb18030"), "utf-8", b"utf-8"
    return _CHARSET.sub(rb"charset=\g<1>" + name, text.encode(encoding), count=1)


def sealed(body: bytes) -> bytes:
    """Return an odds page in UTF-8 with its present lines sealed."""
    return _PRESENT.sub(_SEALED, body.decode()).encode()


def renamed(body: bytes) -> bytes:
    """Return the body with the names that its readers look for changed."""
    for name, other in _RENAMED:
        body = body.replace(name, other)
    return body
