"""A path over the decision boundary in plain words: the nearest change found, or the nearest approach."""

from __future__ import annotations

from ..explanation import Explanation
from . import escape, numbers
from .boundary_rows import Path, changes, listed, margin
from .common import answer_sentence, stop_reason

# Below this share a changed input is called unlike the training data.
STRANGE = 0.05
# Below this one, unusual.
UNUSUAL = 0.25
# What the numbers are, said once where numbers are shown.
GLOSS = "Evidence: how strongly the model leans, in log odds; 0 is undecided."
MOST_LOCKED = 5


def sentence(e: Explanation) -> str:
    path = Path.of(e)
    found = [_stopped(path), _found(path)] if path.payload.flipped else [_not_found(path), _approach(path)]
    plausible = plausibility(path) if path.approached else ""
    return " ".join(s for s in (answer_sentence(e), *found, plausible, locked(path)) if s)


def _found(path: Path) -> str:
    last = path.last
    return f"The nearest change found that gets another answer: {listed(changes(last.step))}; then it says {answer(path)}."


def answer(path: Path, i: int = -1) -> str:
    """ "“above $50K” (62 % sure)"."""
    stop = path.stops[i]
    return f"{path.said(stop.answer)} ({numbers.percent(stop.sure)} sure)"


def _stopped(path: Path) -> str:
    if path.e.status == "complete":
        return ""
    return f"Stopped early: {stop_reason(path.e)}; a nearer change may exist."


def _not_found(path: Path) -> str:
    """Why there is no other answer at the end of the path."""
    if path.e.status == "partial":
        return f"Stopped early, before a change was found that gets another answer: {stop_reason(path.e)}."
    if path.e.reason:
        reason = stop_reason(path.e)
        return f"{reason[:1].upper()}{reason[1:]}." if reason.startswith("no ") else f"No other answer was found: {reason}."
    return "No change that was tried gets another answer."


def _approach(path: Path) -> str:
    """How near it came."""
    if not path.approached:
        return "" if path.e.status == "partial" else "No change came nearer to another answer, either."
    start, end = path.stops[0], path.last
    tried = listed(changes(end.step))
    return (
        f"The nearest approach: {tried}; it still says {answer(path)}. The evidence for {path.original} goes from {margin(start.margin)} "
        f"to {margin(end.margin)} (how strongly the model leans, in log odds; 0 is undecided, below 0 the answer is another)."
    )


def plausibility(path: Path) -> str:
    """How the last input compares with the training data."""
    share, (one, many) = path.payload.plausibility, path.noun
    if share is None:
        return ""
    if share <= 0:
        return f"Such a {one} is unlike the training data: no training {one} lies as far from the others."
    if share < STRANGE:
        return f"Such a {one} is unlike the training data: only {numbers.percent(share)} of the training {many} lie as far from the others."
    farther = f"{numbers.percent(share)} of the training {many} lie farther from their nearest neighbour"
    return f"Such a {one} is unusual: only {farther}." if share < UNUSUAL else f"Such a {one} is not unusual: {farther}."


def locked(path: Path, most: int | None = MOST_LOCKED) -> str:
    """What was not to change. `most`: so many by name, None = all."""
    names = [escape.isolated(escape.shorten(name.replace("_", " "), 40)) for name in path.payload.locked]
    if not names:
        return ""
    shown, left = names[:most], 0 if most is None else len(names) - most
    if left > 0:
        shown.append(numbers.count(left, "other"))
    words = shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
    return f"Kept as {'it is' if len(names) == 1 else 'they are'}: {words}."
