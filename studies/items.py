"""An item of a study: an input whose model output a participant learns from or foretells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

LEARN, FORWARD, COUNTERFACTUAL = "learn", "forward", "counterfactual"
SETS = (LEARN, FORWARD, COUNTERFACTUAL)
BOTH, A, B = "", "A", "B"  # forms: both, or one of the two crossed ones
SAME, FLIP = "same", "flip"
MOST = 2**31  # what every database holds as a whole number is below it


@dataclass(frozen=True)
class Item:
    """One item; of a counterfactual one, `original_output` is known to the participant and `model_output`, for the changed input, is asked.

    id              "learn-03", "forward-A-17": readable, and unique in a study
    set             learn, forward or counterfactual
    form            "" where forms are the same, else "A" or "B"
    stratum         cell of gold label x the model's output on the input itself: "0/1" is gold 0, output 1
    gold            class index
    model_output    class index: what is to be foretold
    source          row in the task's test split
    sha256          of the input
    cf_kind         counterfactual: "same" or "flip"; else None
    changed_sha256  counterfactual: of the changed input; else ""
    edits           counterfactual: how many words, values or parts were changed; else 0
    """

    id: str
    set: str
    form: str
    stratum: str
    gold: int
    model_output: int
    source: int
    sha256: str
    original_output: int | None = None
    cf_kind: str | None = None
    changed_sha256: str = ""
    edits: int = 0

    @classmethod
    def of(cls, record: dict[str, Any]) -> Item:
        """From JSON values. Raises ValueError with one sentence."""
        try:
            item = cls(**record)
        except TypeError:
            raise ValueError(f"An item of the materials has other entries than {', '.join(cls.__dataclass_fields__)}.") from None
        if item.set not in SETS or item.form not in (BOTH, A, B) or (item.set == COUNTERFACTUAL) != (item.cf_kind in (SAME, FLIP)):
            raise ValueError(f"The item {str(item.id)[:40]!r} of the materials is of no known set, form or kind.")
        if not all(isinstance(n, int) and not isinstance(n, bool) for n in (item.gold, item.model_output, item.source, item.edits)):
            raise ValueError(f"The item {str(item.id)[:40]!r} of the materials has a label that is no class index.")
        known = 0 if item.original_output is None else item.original_output
        if type(known) is not int or not all(0 <= n < MOST for n in (item.source, item.edits, known)):
            raise ValueError(f"The item {str(item.id)[:40]!r} of the materials has a number that cannot be one.")
        return item
