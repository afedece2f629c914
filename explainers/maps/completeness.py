"""Whether a map adds up to what it should: the completeness gap of methods that promise it."""

from __future__ import annotations

from ..explanation import Score

GAP = "completeness gap"
_GAP_MEANING = (
    "How far the numbers of all parts together miss the change of the output that they should add up to: 0 is exact, 0.02 means 2 %."
)
CLOSE = 0.02  # of the effect: a gap that is none
SMALL = 1e-3  # an effect up to this, of log odds or probability, cannot be shared out among parts: rounding alone is a hundredth of it
NO_EFFECT = "The model says nearly the same about this instance and about the baseline, so there is nothing to share out: choose another."


def relative_gap(total: float, effect: float) -> float:
    """How far the sum of all numbers misses the effect, as a share of it."""
    return abs(total - effect) / max(abs(effect), SMALL)


def gap_score(gap: float) -> Score:
    """`gap`: a share of the effect, 0 up."""
    return Score(GAP, gap, None, None, False, _GAP_MEANING, least=0.0)
