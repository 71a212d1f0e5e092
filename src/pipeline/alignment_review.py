"""A person's word on doubtful pairs and on names: confirm, reject, add and drop aliases.

Each is one transaction that writes the audit. What is confirmed stays linked, what is rejected is never
proposed again.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy.orm import Session

from src.database import alignment_aliases as stored
from src.database.alignment_links import (
    Link,
    confirm_link,
    forget_figures,
    locked_link,
    match_names,
    standing_links,
    unlink,
)
from src.database.alignment_reviews import decide, keep_doubts, locked_review, review_of, reviews, settle
from src.database.clubs import what_keeps_apart
from src.database.doubled_matches import clubs_of_match, in_order, known_to_one_source
from src.database.locks import AdvisoryLock, take_turns
from src.database.odds_moved import forget_quotes
from src.domain.alignment import Alias, Decision, DoubtfulPair, Review, ReviewState
from src.domain.edit import Author, Refused
from src.domain.match import Source
from src.pipeline.context import Context
from src.pipeline.one_club import join, unite_pairs
from src.pipeline.schedule_checks import check_author


def confirm(ctx: Context, review_id: int, by: Author, *, remember_names: bool = False) -> Review:
    """Link a doubtful pair; with `remember_names` its names are aliases of our clubs' from now on.

    Where a match of its own was made of the fixture meanwhile, the two become one, and so do their clubs
    where nothing speaks against it. Raises Refused where there is no such pair, or where one of its sides is
    linked to another.
    """
    check_author(by)
    now = ctx.clock.now()
    with _deciding(ctx) as session:
        review = _required(session, review_id)
        pair = review.pair
        standing = standing_links(session, pair.source, pair.source_match_id, pair.match_id)
        if made := _made_of(pair, standing):
            joined: dict[str, object] = {"joined": _join(session, made, pair.match_id)}
            standing = []
        else:
            joined = {}
        for link in standing:
            undo = f"matchbeat align reject --link {pair.source}:{link.source_match_id}"
            if (link.source_match_id, link.match_id) != (pair.source_match_id, pair.match_id):
                raise Refused(
                    "review",
                    f"{pair.source} {link.source_match_id} is match {link.match_id} ({link.method}): "
                    f"where that is wrong, first `{undo}`",
                )
        if not joined:
            confirm_link(session, pair.source, pair.source_match_id, pair.match_id, now)
        decide(session, review.id, ReviewState.CONFIRMED, by, now)
        settle(session, pair.source, [], [])
        stored.record_decision(session, "confirm", by, {**_what(review), **joined}, now)
        if remember_names:
            _add(session, _names(review), by, ctx)
        return _required(session, review_id)


def _made_of(pair: DoubtfulPair, standing: Sequence[Link]) -> int | None:
    """Return the match that was made of a pair's fixture, where that is another and ours is free."""
    if any(link.match_id == pair.match_id for link in standing):
        return None
    return next((link.match_id for link in standing if link.method == "canonical"), None)


def _join(session: Session, one: int, other: int) -> list[tuple[int, int]]:
    """Make one of two matches and of their clubs; return the matches as (the one that stays, the other)."""
    take_turns(session, AdvisoryLock.MATCHES)
    if source := known_to_one_source(session, one, other):
        raise Refused("review", f"{source} has an id for each of the matches {one} and {other}")
    sides = zip(clubs_of_match(session, one), clubs_of_match(session, other), strict=True)
    pairs = [pair for pair in sides if pair[0] != pair[1] and not any(what_keeps_apart(session, *pair))]
    keep, gone = in_order(session, one, other)
    join(session, keep, gone)
    return [(keep, gone), *unite_pairs(session, pairs).matches]


def reject(ctx: Context, review_id: int, by: Author) -> Review:
    """Decide that a pair is none: it is never proposed again, and where it was linked it no longer is.

    What the source told by a wrong link goes from our match with it; its payloads stay, to be read again when
    the right match is linked. Raises Refused where there is no such pair, or where the source is the one that
    tells of the match.
    """
    check_author(by)
    with _deciding(ctx) as session:
        return _rejected(session, _required(session, review_id), by, ctx)


def reject_link(ctx: Context, source: Source, source_match_id: str, by: Author) -> Review:
    """Take away a wrong link with the quotes and figures that came by it, and never propose it again.

    Raises Refused where there is no such link, or where the source is the one that brought the match.
    """
    check_author(by)
    now = ctx.clock.now()
    with _deciding(ctx) as session:
        link = locked_link(session, source, source_match_id)
        if link is None:
            raise Refused("link", f"{source} {source_match_id} is linked to no match")
        if link.method == "canonical":
            raise _brought(source, link.match_id)
        review_id = review_of(session, source, source_match_id, link.match_id)
        if review_id is None:
            names = match_names(session, link.match_id)
            pair = DoubtfulPair(
                source=source,
                source_match_id=source_match_id,
                kickoff_utc=names.kickoff_utc,
                home=names.home,
                away=names.away,
                match_id=link.match_id,
                confidence=0.0,
                reasons=("linked by alignment",),
            )
            keep_doubts(session, [pair], now)
            review_id = review_of(session, source, source_match_id, link.match_id)
        return _rejected(session, _required(session, review_id or 0), by, ctx)


def _rejected(session: Session, review: Review, by: Author, ctx: Context) -> Review:
    now = ctx.clock.now()
    decide(session, review.id, ReviewState.REJECTED, by, now)
    what = {**_what(review), **_unlinked(session, review.pair)}
    stored.record_decision(session, "reject", by, what, now)
    return _required(session, review.id)


def _unlinked(session: Session, pair: DoubtfulPair) -> dict[str, object]:
    link = locked_link(session, pair.source, pair.source_match_id)
    if link is None or link.match_id != pair.match_id:
        return {"unlinked": False}
    if link.method == "canonical":
        raise _brought(pair.source, link.match_id)
    unlink(session, pair.source, pair.source_match_id)
    return {
        "unlinked": True,
        "quotes": forget_quotes(session, pair.match_id, pair.source),
        "figures": forget_figures(session, pair.match_id, pair.source),
    }


def _brought(source: Source, match_id: int) -> Refused:
    return Refused("link", f"{source} brought match {match_id} itself: there is no link to reject")


def add_aliases(ctx: Context, aliases: Sequence[Alias], by: Author) -> int:
    """Say that names are names of clubs; return how many are new."""
    check_author(by)
    for alias in aliases:
        if not alias.alias.strip() or not alias.club.strip():
            raise Refused("alias", "alias and club must be names, for example 'Gunners' and 'Arsenal'")
    with ctx.database.session() as session:
        return _add(session, aliases, by, ctx)


def _add(session: Session, aliases: Sequence[Alias], by: Author, ctx: Context) -> int:
    now = ctx.clock.now()
    added = stored.add_aliases(session, aliases, by, now)
    if added:
        told = [vars(alias) for alias in aliases]
        stored.record_decision(session, "alias", by, {"added": added, "aliases": told}, now)
    return added


def drop_alias(ctx: Context, alias: str, by: Author) -> list[Alias]:
    """Take away every meaning of an alias; raises Refused where it has none."""
    check_author(by)
    with ctx.database.session() as session:
        dropped = stored.drop_alias(session, alias)
        if not dropped:
            raise Refused("alias", f"{alias!r} is no alias; `matchbeat align alias list` shows them")
        what = {"aliases": [vars(one) for one in dropped]}
        stored.record_decision(session, "drop alias", by, what, ctx.clock.now())
        return dropped


def list_aliases(ctx: Context) -> list[Alias]:
    """Return all aliases, by club."""
    with ctx.database.session() as session:
        return stored.aliases(session)


def waiting(ctx: Context, *, state: ReviewState, source: Source | None, limit: int) -> list[Review]:
    """Return doubtful pairs in one state, the earliest kick-off first, a fixture's likeliest match first."""
    with ctx.database.session() as session:
        return reviews(session, state=state, source=source, limit=limit)


def audit(ctx: Context, limit: int) -> list[Decision]:
    """Return the last decisions, newest first."""
    with ctx.database.session() as session:
        return stored.decisions(session, limit)


@contextmanager
def _deciding(ctx: Context) -> Iterator[Session]:
    """A transaction in which no alignment runs."""
    with ctx.database.session() as session:
        take_turns(session, AdvisoryLock.ALIGNMENT)
        yield session


def _required(session: Session, review_id: int) -> Review:
    review = locked_review(session, review_id)
    if review is None:
        raise Refused("review", f"there is no review {review_id}; `matchbeat align review` lists what waits")
    return review


def _what(review: Review) -> dict[str, object]:
    pair = review.pair
    return {
        "review": review.id, "source": pair.source.value, "source_match_id": pair.source_match_id,
        "match_id": pair.match_id, "told": f"{pair.home} v {pair.away}",
        "ours": f"{review.match_home} v {review.match_away}", "confidence": pair.confidence,
    }  # fmt: skip


def _names(review: Review) -> list[Alias]:
    sides = ((review.pair.home, review.match_home), (review.pair.away, review.match_away))
    return [Alias(alias=told, club=ours, country=review.country) for told, ours in sides if told != ours]
