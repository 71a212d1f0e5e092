"""Whether a candidate may become champion, and why not.

Accuracy is no criterion: closing odds reach 54 %, and half of overfit models pass .5. What tells good from
bad on 450 to 900 matches is the paired difference to the champion and the ratio to the bookmaker.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

#: The upper 95 % bound of (candidate - champion) log-loss may reach this: not better, but surely not worse.
MOST_WORSE = 0.005
#: Ratings alone come to 1.019 times the closing odds' log-loss; what is beyond is broken or overfit.
MOST_OVER_MARKET = 1.02
#: The calibration error a good model shows on 900 matches; noise makes it grow as 1/sqrt(n) on fewer.
MOST_MISCALIBRATED, AT_MATCHES = 0.055, 900
#: On fewer matches than this the bound above cannot be told from noise, so a champion stays.
LEAST_TO_REPLACE = 300
#: A first champion may come from fewer, since without one there is only the market's view.
LEAST_FOR_FIRST = 40


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The gate's decision; `reasons` has a sentence for each rule that was broken."""

    passed: bool
    reasons: tuple[str, ...]


def judge(metrics: Mapping[str, float], *, has_champion: bool) -> Verdict:
    """Judge the metrics of `evaluate.measure`.

    With a champion that could not be evaluated on the same matches (its features are of another version) the
    other rules decide alone.
    """
    reasons = [
        reason
        for reason in (
            _enough(metrics, has_champion),
            _beats_base_rates(metrics),
            _near_market(metrics),
            _calibrated(metrics),
            _not_worse(metrics),
        )
        if reason is not None
    ]
    return Verdict(passed=not reasons, reasons=tuple(reasons))


def _enough(metrics: Mapping[str, float], has_champion: bool) -> str | None:
    n, least = int(metrics["n_eval"]), LEAST_TO_REPLACE if has_champion else LEAST_FOR_FIRST
    if n >= least:
        return None
    task = "replace a champion" if has_champion else "make a first champion"
    return f"too few held-out matches to {task}: {n} < {least}"


def _beats_base_rates(metrics: Mapping[str, float]) -> str | None:
    ours, base = metrics["log_loss"], metrics["base_log_loss"]
    if not ours < base:
        return f"log-loss {ours:.4f} is not below that of base rates {base:.4f}"
    # Where the bookmakers can be asked of few matches, nothing else tells a model from luck.
    high = metrics.get("delta_base_high", 0.0)
    if metrics.get("n_market", 0.0) * 2 < metrics["n_eval"] and not high < 0:
        return f"may be no better than base rates: log-loss difference up to {high:+.4f}, with few odds"
    return None


def _near_market(metrics: Mapping[str, float]) -> str | None:
    if "market_log_loss" not in metrics:
        return None
    ours, market = metrics["model_on_market_log_loss"], metrics["market_log_loss"]
    if ours <= MOST_OVER_MARKET * market:
        return None
    return f"log-loss {ours:.4f} is above {MOST_OVER_MARKET} x the bookmakers' {market:.4f}"


def _calibrated(metrics: Mapping[str, float]) -> str | None:
    most = MOST_MISCALIBRATED * math.sqrt(AT_MATCHES / metrics["n_eval"])
    ece = metrics["ece"]
    return None if ece <= most else f"calibration error {ece:.4f} is above {most:.4f}"


def _not_worse(metrics: Mapping[str, float]) -> str | None:
    high = metrics.get("delta_champion_high")
    if high is None or high <= MOST_WORSE:
        return None
    return f"may be worse than the champion: log-loss difference up to {high:+.4f}, {MOST_WORSE:+.4f} allowed"
