"""Whether numbers add up to what their method promises: output(instance) - output(baseline), the effect."""

from __future__ import annotations

import numpy as np

from ..explanation import Score

GAP = "completeness gap"
_MEANING = "How far the numbers of all parts together miss the change of the output that they should add up to: 0 is exact, 0.02 means 2 %."
CLOSE = 0.02  # of the effect: a gap that is none
SMALL = 1e-3  # an effect up to this, of log odds or probability, cannot be shared out among parts: rounding alone is a hundredth of it
NO_EFFECT = "The model says nearly the same about this instance and about the baseline, so there is nothing to share out: choose another."


def relative_gap(total: float, effect: float) -> float:
    """How far the sum of all numbers misses the effect, as a share of it."""
    return abs(total - effect) / max(abs(effect), SMALL)


def completeness(total: float, effect: float, reach: float = 0.0) -> tuple[list[Score], list[str]]:
    """The gap as a score, and what is to be said of it. reach: half the 95 % interval of total less effect, where they are sampled."""
    if abs(effect) <= SMALL:
        return [], [NO_EFFECT]
    gap = relative_gap(total, effect)
    missed = f"The numbers miss what they should add up to by {100 * gap:.0f} % of it: more steps or samples, or another baseline, would do better."
    ends = abs(total - effect) + np.array([-reach, reach])
    low, high = np.maximum(ends, 0) / max(abs(effect), SMALL)
    return [Score(GAP, gap, min(float(low), gap), max(float(high), gap), False, _MEANING, least=0.0)], [] if gap < CLOSE else [missed]
