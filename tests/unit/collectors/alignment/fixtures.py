"""Fixtures to align."""

from collections.abc import Sequence
from datetime import UTC, datetime

from src.collectors.alignment.align import judge
from src.collectors.alignment.fixture import Fixture

AT = datetime(2026, 2, 28, 15, tzinfo=UTC)


def fixture(
    key: str,
    home: str,
    away: str,
    at: datetime = AT,
    competition: str | None = None,
    country: str | None = None,
) -> Fixture:
    return Fixture(
        key=key, kickoff_utc=at, home=(home,), away=(away,), competition=competition, country=country
    )


def links(left: Sequence[Fixture], right: Sequence[Fixture]) -> dict[str, str]:
    return {item.key: item.canonical for item in judge(left, right).links}


def doubts(left: Sequence[Fixture], right: Sequence[Fixture]) -> dict[str, str]:
    return {item.key: item.canonical for item in judge(left, right).doubts}
