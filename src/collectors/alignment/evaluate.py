"""Measures alignment on labelled pairs, among all fixtures of both sources."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from src.collectors.alignment.align import judge
from src.collectors.alignment.clubs import Clubs, known_clubs
from src.collectors.alignment.fixture import Alignment, Doubt, Fixture, Verdict
from src.collectors.alignment.score import REVIEW_WINDOW, exclusion, measured, time_apart

Pair = tuple[str, str]
Judge = Callable[[Sequence[Fixture], Sequence[Fixture]], Verdict]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A link that is wrong, a labelled pair that is missing, or one that no label speaks of; and why."""

    left: Fixture | None
    right: Fixture | None
    pair: Pair
    confidence: float | None
    why: str


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What came of the labelled pairs.

    A link is wrong where a label gives one of its fixtures another partner; where no label speaks of either,
    it is `unlabelled` and counts for nothing. `absent` pairs lack a fixture on one of the sides.
    """

    labelled: int
    right: int
    wrong: tuple[Finding, ...]
    missing: tuple[Finding, ...]
    unlabelled: tuple[Finding, ...]
    absent: tuple[Pair, ...]
    doubtful: int

    @property
    def precision(self) -> float:
        """The share of right ones among the links that labels speak of; 1 where there are none."""
        told = self.right + len(self.wrong)
        return self.right / told if told else 1.0

    @property
    def recall(self) -> float:
        """The share of the labelled pairs, of those that both sides hold, that were linked; 1 of none."""
        return self.right / self.labelled if self.labelled else 1.0


def evaluate(
    left: Sequence[Fixture],
    right: Sequence[Fixture],
    truth: Collection[Pair],
    *,
    clubs: Clubs | None = None,
    by: Judge | None = None,
) -> Evaluation:
    """Align all fixtures of both sides and compare with the labelled (left id, right id) pairs."""
    clubs = clubs or known_clubs()
    verdict = by(left, right) if by else judge(left, right, clubs=clubs)
    lefts = {fixture.key: fixture for fixture in left}
    rights = {fixture.key: fixture for fixture in right}
    present = {pair for pair in truth if pair[0] in lefts and pair[1] in rights}
    told_left, told_right = ({pair[side] for pair in truth} for side in (0, 1))
    links = {(item.key, item.canonical): item for item in verdict.links}

    def finding(pair: Pair, link: Alignment | None, why: str) -> Finding:
        confidence = link.confidence if link else None
        return Finding(
            left=lefts.get(pair[0]), right=rights.get(pair[1]), pair=pair, confidence=confidence, why=why
        )

    others = [pair for pair in sorted(links) if pair not in truth]
    return Evaluation(
        labelled=len(present),
        right=len(links.keys() & present),
        wrong=tuple(
            finding(pair, links[pair], "a label gives one of them another partner")
            for pair in others
            if pair[0] in told_left or pair[1] in told_right
        ),
        missing=tuple(
            finding(pair, None, _why(pair, verdict, lefts, rights, clubs))
            for pair in sorted(present - links.keys())
        ),
        unlabelled=tuple(
            finding(pair, links[pair], "no label speaks of either")
            for pair in others
            if pair[0] not in told_left and pair[1] not in told_right
        ),
        absent=tuple(sorted(set(truth) - present)),
        doubtful=len(verdict.doubts),
    )


def _why(
    pair: Pair, verdict: Verdict, lefts: dict[str, Fixture], rights: dict[str, Fixture], clubs: Clubs
) -> str:
    for doubt in verdict.doubts:
        if doubt.key == pair[0]:
            return _doubt(doubt, pair)
    for link in verdict.links:
        if link.key == pair[0]:
            return f"linked to {link.canonical} instead"
        if link.canonical == pair[1]:
            return f"{link.canonical} was linked to {link.key} instead"
    one, other = lefts[pair[0]], rights[pair[1]]
    if time_apart(one, other) > REVIEW_WINDOW:
        return "the kick-offs are too far apart to be looked at"
    if excluded := exclusion(one, other):
        return excluded
    made = measured(one, other, clubs)
    return f"no candidate: home names {made.home:.2f} alike, away names {made.away:.2f}"


def _doubt(doubt: Doubt, pair: Pair) -> str:
    of = "" if doubt.canonical == pair[1] else f" with {doubt.canonical}"
    return f"doubtful{of} at {doubt.confidence:.2f}: {'; '.join(doubt.reasons)}"
