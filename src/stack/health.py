"""Readiness checks: each passes if the service answers, raises OSError or a client's error if not."""

import socket
from pathlib import Path

from src.stack.service import Check

_TIMEOUT_S = 3.0


class NotReady(OSError):
    """The service runs and does not answer as it should yet."""


def http_answers(url: str) -> Check:
    """Ready where a GET of `url` answers below 500."""

    def check() -> None:
        import requests

        with requests.Session() as session:
            session.trust_env = False  # a proxy has nothing to do with our own servers
            status = session.get(url, timeout=_TIMEOUT_S).status_code
        if status >= 500:
            raise NotReady(f"{url} answers {status}")

    return check


def port_accepts(host: str, port: int) -> Check:
    """Ready where a TCP connection is accepted."""

    def check() -> None:
        socket.create_connection((host, port), timeout=_TIMEOUT_S).close()

    return check


def postgres_answers(url: str) -> Check:
    """Ready where a query is answered; the address holds the password."""

    def check() -> None:
        import psycopg2

        link = psycopg2.connect(url, connect_timeout=int(_TIMEOUT_S))
        try:
            with link.cursor() as cursor:
                cursor.execute("select 1")
        finally:
            link.close()

    return check


def redis_answers(url: str) -> Check:
    """Ready where PING is answered, which a server that still loads its data does not."""

    def check() -> None:
        import redis

        with redis.Redis.from_url(url, socket_connect_timeout=_TIMEOUT_S, socket_timeout=_TIMEOUT_S) as link:
            link.ping()

    return check


def log_says(file: Path, text: str) -> Check:
    """Ready where `text` stands in the log of this start; the supervisor marks each start with a line."""
    needle = text.encode()

    def check() -> None:
        with file.open("rb") as log:
            log.seek(max(0, file.stat().st_size - 200_000))
            present = log.read().rpartition(START_MARK)[2]
        if needle not in present:
            raise NotReady(f"has not logged {text!r} yet")

    return check


#: The supervisor writes this at the head of its line for each start.
START_MARK = b"--- matchbeat starts "
