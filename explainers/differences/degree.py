"""Descriptions as a person reads them: what is true of some items flatly, what differs only in degree as a comparison ("darker").

A description separates two sets when its measured value is higher in A. Whether it is *true* of an item is another question: where it is true
of hardly any item, or of nearly all, only the comparison can be said.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from . import phrases
from .wording import WORDINGS, Wording, worded

RARE = 0.1  # share of both sets up to which a description is true of hardly any, and 1 minus it from which it is true of nearly all
GRADED = frozenset({"attributes", "text measures", "meaning", "bridge", "clip"})  # rankers whose values have no yes and no of their own
COUNTED = frozenset({"words", "phrases", "kinds of words", "conditions"})  # those whose values are yes or no and nothing else
LIKENESS = frozenset({"bridge"})  # those that give any words a value, understood or not

_MORE = {
    ("sketch", 1): "paler and with more lines, as in a drawing",
    ("frame", 1): "plainer and more even edges, as of a frame",
    ("blocks", 1): "coarser, as in blocks",
    ("noise", 1): "grainier, or with finer texture",
    ("noise", -1): "smoother, with less grain",
    ("sepia", 1): "closer to sepia",
    ("chroma", -1): "paler colours",
    ("chroma", 1): "stronger colours",
    ("painting", 1): "flatter areas of colour",
    ("sharpness", -1): "less sharp",
    ("sharpness", 1): "sharper",
    ("brightness", -1): "darker",
    ("brightness", 1): "brighter",
    ("contrast", 1): "higher contrast",
    ("haze", 1): "lower contrast, hazier",
    ("warmth", 1): "warmer light",
    ("warmth", -1): "colder light",
    ("vignette", 1): "darker corners",
    ("edges", 1): "more fine details",
    ("edges", -1): "fewer fine details",
    ("one_hue", 1): "fewer different colours",
    ("one_hue", -1): "more different colours",
    ("count", 1): "more separate things",
    ("count", -1): "fewer separate things",
    ("size", -1): "a smaller object",
    ("size", 1): "a larger object",
    ("x", -1): "the object further to the left",
    ("x", 1): "the object further to the right",
    ("y", -1): "the object higher up",
    ("y", 1): "the object lower down",
    ("central", 1): "the object nearer to the middle",
    ("central", -1): "the object further from the middle",
    ("ground_detail", -1): "a plainer background",
    ("ground_detail", 1): "a busier background",
    ("ground_light", -1): "a darker background",
    ("ground_light", 1): "a brighter background",
}
_TEXT_MORE = {
    "positive in tone": "more positive in tone",
    "negative in tone": "more negative in tone",
    "asks questions": "more question marks",
    "exclaims, with exclamation marks": "more exclamation marks",
    "contains numbers": "more numbers",
    "written in capital letters": "a larger share of capital letters",
    "written in lower case": "a smaller share of capital letters",
    "contains quotations": "more quotation marks",
    "speaks in the first person (I, we)": "more often in the first person (I, we)",
    "addresses the reader (you)": "more often to the reader (you)",
    "says what is not (negations)": "more negations",
    "without negations": "fewer negations",
    "hedges (maybe, seems, might)": "more hedging (maybe, seems, might)",
    "contains links or addresses": "more links or addresses",
    "sentences with many commas": "more commas",
    "sentences with few commas": "fewer commas",
    "long words": "longer words",
    "short words": "shorter words",
    "told in the past tense": "more words in -ed, as in the past tense",
    "told in the present": "fewer words in -ed, as in the past tense",
    "repeats few words": "fewer repeated words",
    "repeats words": "more repeated words",
    "several sentences": "more sentences",
    "a single sentence": "fewer sentences",
}
_TEXT_SAYS = {"says what is not (negations)": "has a negation (not, no, never)", "without negations": "has no negation (not, no, never)"}
_OF_REGION = {"tint": "a stronger {} tint", "object": "more {} in the object", "around": "more {} in the background"}
_SCENE = "the background is "
_SIGNS = ((" <= ", "at most"), (" >= ", "at least"), (" > ", "more than"), (" < ", "less than"))


def is_degree(ranker: str, score: float, low: float, high: float, share_a: float | None, share_b: float | None) -> bool:
    """Whether a description can only be said as a comparison: its ranker has no yes and no for it, or by its yes and no it is true of hardly
    any item or of nearly all, or more often of the set that it fits less."""
    if share_a is None or share_b is None:
        return ranker in GRADED
    if ranker in COUNTED:
        return False
    extreme = max(share_a, share_b) <= RARE or min(share_a, share_b) >= 1 - RARE
    return extreme or ((share_a - share_b) * (score - 0.5) <= 0 and not low <= 0.5 <= high)


def compared(description: str, ranker: str) -> str:
    """ "dark, as at night" -> "darker"; "the background is a town" -> "a background more like a town"."""
    if ranker == "attributes":
        found = next((w for w in WORDINGS if w.says == description), None) or worded(description)
        return f"more like “{description}”" if found is None else _more(found)
    if ranker == "labels" and description.startswith(_SCENE):
        return f"a background more like {description.removeprefix(_SCENE)}"
    if ranker == "labels":
        return f"more like {description}"
    if ranker == "text measures":
        return _TEXT_MORE.get(description, description)
    if ranker == "meaning":
        return f"nearer in meaning to ‘{description.removeprefix('about ')}’"
    return f"nearer to ‘{description}’" if ranker in GRADED else f"more like ‘{description}’"


def _more(w: Wording) -> str:
    region, _, hue = w.name.partition(" ")
    return _OF_REGION[region].format(hue) if hue else _MORE[w.name, w.sign]


def flat(description: str, ranker: str, rows: Sequence[dict[str, Any]] = ()) -> str:
    """The description as a clause that is true of an item or not: "contains the word ‘may’", "hours per week at most 42".

    rows: some rows of both sets; where a column is nowhere in them below 0, "at most 0" is "no".
    """
    if ranker == "words":
        return f"contains the word{'s' if ' ' in description else ''} ‘{description}’"
    if ranker == "text measures":
        return _TEXT_SAYS.get(description, description)
    if ranker == "phrases":
        return phrases.flat(description)
    return " and ".join(_condition(part, rows) for part in description.split(" and ")) if ranker == "conditions" else description


def _condition(text: str, rows: Sequence[dict[str, Any]]) -> str:
    for sign, said in _SIGNS:
        column, found, value = text.partition(sign)
        if not found:
            continue
        name = column.replace("_", " ")
        seen = [x for x in (row.get(column) for row in rows) if isinstance(x, int | float) and not math.isnan(x)]
        if value == "0" and seen and min(seen) == 0 and said in ("at most", "more than"):
            return f"no {name}" if said == "at most" else f"some {name}"
        return f"{name} {said} {value}"
    column, found, value = text.partition(" is ")
    return f"{column.replace('_', ' ')} is {value}" if found else text


COMPARED: dict[str, Wording] = {
    _more(w): w for w in reversed(WORDINGS) if " " in w.name or (w.name, w.sign) in _MORE
}  # as a person may type it
