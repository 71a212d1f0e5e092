"""Which kinds of dirt there are, and how much of each is wanted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from src.core.errors import Misconfigured
from src.sandbox.world.draws import generator

DEFAULT_SEED = 7


class Kind(StrEnum):
    """What may be done to an answer; MOVED is done to fixtures."""

    SLOW = "slow"
    LIMITED = "429"
    REFUSED = "403"
    FAILED = "500"
    TRUNCATED = "truncated"
    HALVED = "halved"
    PSEUDO_404 = "pseudo-404"
    GB18030 = "gb18030"
    BOM = "bom"
    SEALED = "sealed"
    CHANGED = "changed"
    MOVED = "moved"

    @property
    def meaning(self) -> str:
        """What it does, in one line."""
        return _MEANINGS[self]

    @property
    def is_harmless(self) -> bool:
        """Whether what the answer holds is true and can be read."""
        return self in {Kind.SLOW, Kind.GB18030, Kind.BOM, Kind.SEALED, Kind.MOVED}


_MEANINGS = {
    Kind.SLOW: "the answer comes late",
    Kind.LIMITED: "429 with Retry-After",
    Kind.REFUSED: "403",
    Kind.FAILED: "500",
    Kind.TRUNCATED: "the connection ends in the middle of the body",
    Kind.HALVED: "half a payload that says it is whole, under the whole one's ETag",
    Kind.PSEUDO_404: "status 200 with a page that says 404",
    Kind.GB18030: "a page of Titan007 in the other of its two encodings",
    Kind.BOM: "a byte order mark before the payload",
    Kind.SEALED: "every present line of a page of Titan007 is sealed",
    Kind.CHANGED: "names in the payload are others, as after a redesign",
    Kind.MOVED: "fixtures are postponed and come back on another day",
}

#: What a share alone stands for: a redesign is had on request.
USUAL = tuple(kind for kind in Kind if kind is not Kind.CHANGED)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much of which dirt: `shares` of all answers, of all fixtures for MOVED; `seed` decides which."""

    shares: Mapping[Kind, float] = field(default_factory=dict)
    seed: int = DEFAULT_SEED

    def draw(self, address: str, time: int) -> Kind | None:
        """Return what to do to the answer when an address is asked for the `time`-th time, None for nothing.

        The order in which different addresses are asked makes no difference.
        """
        left = generator(self.seed, address, time).random()
        for kind in Kind:
            share = self.shares.get(kind, 0.0) if kind is not Kind.MOVED else 0.0
            if left < share:
                return kind
            left -= share
        return None


def read_plan(text: str, seed: int = DEFAULT_SEED) -> Plan:
    """Read `RATE` or `KIND=RATE,…`; raise Misconfigured, naming what is wrong.

    A rate alone is the share of answers that are spoiled, spread evenly over the usual kinds.
    """
    if "=" not in text:
        share = _share(text, text)
        return Plan(shares={kind: share / len(USUAL) for kind in USUAL}, seed=seed)
    shares: dict[Kind, float] = {}
    for part in text.split(","):
        name, _, rate = part.partition("=")
        try:
            kind = Kind(name.strip())
        except ValueError:
            raise Misconfigured(
                f"chaos {part.strip()!r}: there is no such kind; choose from {', '.join(Kind)}"
            ) from None
        shares[kind] = _share(rate, part)
    if sum(share for kind, share in shares.items() if kind is not Kind.MOVED) > 1:
        raise Misconfigured(f"chaos {text!r}: the shares of answers add up to more than 1")
    return Plan(shares=shares, seed=seed)


def _share(text: str, where: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise Misconfigured(
            f"chaos {where.strip()!r}: a rate is a number from 0 to 1, as in 0.1 or slow=0.1,403=0.05"
        )
    return share
