"""How far to believe a map: one word for all its scores together, chosen by a stated rule, and what speaks for it and against it.

The rule, strictest first (`believe`):

NO_REASON  its numbers were drawn at random; or it hardly changes when the model's weights are random (`sanity.flagged`); or it gives no
           reason to believe it, and is clearly worse than chance on a score, or not UNSETTLED either. A reason is
           only this: clearly better than a random order on a faithfulness score, or than a random map where what decides is known. That
           it is steady, adds up or agrees with other methods is none.
UNSETTLED  no reason yet, but better than a random order in number on more than half of the scores that are held against one, though not
           clearly on any: one input cannot tell it from luck.
UNCHECKED  nothing was held against chance, so there is nothing to choose by.
CAUTION    there is a reason, and something speaks against it; or random weights were not tried, and it is not known that they cannot be.
HOLDS      there is a reason, nothing speaks against it, and random weights were tried wherever they can be.

Against it speaks: clearly worse than a random order on a score, or clearly better on fewer than half (with half or more, the others count
as undecided); an edge detector that does as well; the truth, where it is known, missed or met no better than by a random map; numbers that
miss what they should add up to by 2 % or more; other methods that agree by less than `AGREES`; a change by `UNSTEADY`
of its size or more under small changes of the input; seeds that share less than `SAME` of what counts most; a local fit below `FITS`; no
part that stands out from chance; hardly anything to explain (`little`); a run that was stopped.
Where the background is the truth, a map like noise is undecided, not against. "Clearly" is `scores.split`'s and `scores.beats`'.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..explanation import Attribution, Explanation, Score
from ..maps.complete import CLOSE, GAP
from ..scores.agreement import AGREEMENT
from ..scores.faithful import RANDOM_ORDER
from ..scores.noise import NOISE
from ..scores.sanity import CHANGE, flagged
from ..scores.seeds import STABILITY
from ..scores.truth import DISTANCE, KNOWN, MASS, POINTING, PRECISION, RANDOM_MAP, ZEROS
from . import numbers
from .attribution_rows import Rows
from .little import little
from .scores import FAITHFUL, against_random, beats, edges_do_as_well, listed, split

NO_REASON, UNSETTLED = "No reason to believe it", "This input cannot tell"
CAUTION, HOLDS, UNCHECKED = "With caution", "Holds up in what was checked", "Not checked yet"
FOR, AGAINST, UNDECIDED, OPEN = "For it", "Against it", "Undecided", "Not checked"
RULE = (
    "How the word is chosen: a map needs a reason to be believed, and the only reason is that it clearly beats a random order, or a random map "
    "where the truth is known. Without one it is *This input cannot tell* where the map does better than random on most scores but could owe it "
    "to luck, and *No reason to believe it* where it does not, or hardly changes when the model's weights are random. With a reason it is *With "
    "caution* as long as something speaks against the map or random weights are still to be tried; else *Holds up in what was checked*."
)
AGREES = 0.5  # rank correlation: a quarter of the ranks' variance is shared
UNSTEADY = 0.5  # of the map's own size
SAME = 2 / 3  # four of the five strongest are the same
FITS = 0.5  # R squared: half of the model's behaviour nearby
_FIT = "local fit"
_RANDOM = "random"
_TRUTH = {MASS: RANDOM_MAP, POINTING: RANDOM_MAP, PRECISION: RANDOM_MAP, KNOWN: RANDOM_MAP, DISTANCE: ZEROS}  # and who is to be beaten
_HARDLY = "it hardly changes when the model's weights are random"
_NOTHING_CLEAR = "it does not clearly beat a random order on anything"
_BACKGROUND = "it has little on the object, which does not decide here, but so has a random map"
_WHETHER = {  # what a score asks, for those that were not taken
    AGREEMENT: "whether other methods agree",
    NOISE: "whether small changes of the input leave it as it is",
    CHANGE: "whether it changes when the model's weights are random",
    STABILITY: "whether another seed says the same",
    **dict.fromkeys(FAITHFUL, "whether it beats a random order"),
    **dict.fromkeys(_TRUTH, "whether it points at what is known to decide"),
}


@dataclass(frozen=True)
class Belief:
    """level: one of the four words. clause: a sentence, to stand right after what the map says. lines: (heading, words), at most four."""

    level: str
    clause: str
    lines: list[tuple[str, str]] = field(default_factory=list)


def believe(e: Explanation, scores: Sequence[Score] = (), still: Mapping[str, Sequence[str]] | None = None) -> Belief | None:
    """By the rule above; None for what is no attribution, or one without numbers.

    scores  taken besides those in the explanation itself
    still   names of scores that were not taken, by what it takes to have them ("" = they cannot be had here); None = not known
    Of two scores of one name the last one counts.
    """
    if not isinstance(e.payload, Attribution) or not len(e.payload.values):
        return None
    given = [*e.quality, *scores]
    weighed = _Weighed(e, list({s.name: s for s in given if not math.isnan(s.value)}.values()))
    tried = CHANGE in [s.name for s in given] or CHANGE in (still or {}).get("", ())
    level, why = weighed.level(weights_open=not tried)
    lines = [(FOR, weighed.speaks_for), (AGAINST, weighed.against), (UNDECIDED, weighed.undecided)]
    said = [(head, _sentence(items)) for head, items in lines if items]
    unchecked = _unchecked(still or {})
    return Belief(level, _clause(level, why), [*said, *([(OPEN, unchecked)] if unchecked else [])])


class _Weighed:
    """The scores, sorted by what they say. Each item is a clause about "it"."""

    def __init__(self, e: Explanation, found: Sequence[Score]):
        self.e, self.by_name = e, {s.name: s for s in found}
        self.flagged = any(flagged(s) for s in found)
        self.reason = self.tested = self.worse = self.leans = False
        self.speaks_for: list[str] = []
        self.against: list[str] = [_HARDLY] if self.flagged else []
        self.undecided: list[str] = []
        self._order(found)
        self._truth(found)
        edges = edges_do_as_well([s for s in found if s.name != POINTING])  # a single hit or miss, which edges share by luck
        if edges:
            self.against.append(f"an edge detector, which knows nothing of the model, does as well or better on {listed(edges)}")
        self._others()
        self._own()

    def level(self, weights_open: bool) -> tuple[str, str]:
        """The word, and the main reason for it."""
        if self.e.method == _RANDOM:
            return NO_REASON, "its numbers were drawn at random"
        if self.flagged:
            return NO_REASON, _HARDLY
        if not self.tested:
            return UNCHECKED, "nothing was held against chance"
        if not self.reason and self.leans and not self.worse:
            return UNSETTLED, "what it does better than a random order could be luck"
        if not self.reason:
            return NO_REASON, next(
                (one for one in [*self.against, *self.undecided] if "clearly" in one or one == _BACKGROUND), _NOTHING_CLEAR
            )
        if self.against:
            return CAUTION, self.against[0]
        if weights_open:
            return CAUTION, f"{_WHETHER[CHANGE]} is not checked yet"
        return HOLDS, self.speaks_for[0]

    def _order(self, found: Sequence[Score]) -> None:
        tested = against_random(found)
        if not tested:
            return
        self.tested = True
        better, level, worse = split(tested)
        ahead = [s.name for s in tested if s.value != s.beside[RANDOM_ORDER] and (s.value > s.beside[RANDOM_ORDER]) == s.higher_is_better]
        self.worse, self.leans = bool(worse), 2 * len(ahead) > len(tested)
        if better:
            self.reason = True
            self.speaks_for.append(f"it clearly beats a random order on {listed(better)}")
        if worse:
            self.against.append(f"it is clearly worse than a random order on {listed(worse)}")
        if level and not better and not worse and self.leans:
            self.undecided.append(f"it does better than a random order on {listed(ahead)}, but not clearly: it could be luck")
        elif level and not better and not worse:
            self.against.append(_NOTHING_CLEAR)
        elif level:
            enough = 2 * len(better) >= len(tested) and not worse
            (self.undecided if enough else self.against).append(f"it does not clearly beat a random order on {listed(level)}")

    def _truth(self, found: Sequence[Score]) -> None:
        known = {s.name: beats(s, _TRUTH[s.name]) for s in found if s.name in _TRUTH}
        if not known:
            return
        self.tested = True
        met, missed = ([name for name, sign in known.items() if sign == side] for side in (1, -1))
        if met:
            self.reason = True
            self.speaks_for.append(f"where the truth is known it clearly beats a random map ({listed(met)})")
        if missed:
            self.worse = True
            self.against.append(f"where the truth is known it is clearly worse than a random map ({listed(missed)})")
        turned = any(name in known and not self.by_name[name].higher_is_better for name in (MASS, POINTING, PRECISION))
        if not met and not missed and turned:  # the background decides, on which a map of noise lies as well
            self.undecided.append(_BACKGROUND)
        elif not met and not missed:
            self.against.append(f"where the truth is known it does not clearly beat a random map ({listed(list(known))})")

    def _others(self) -> None:
        changed, other = self.by_name.get(CHANGE), self.by_name.get(AGREEMENT)
        if changed is not None and not self.flagged:
            if changed.low is None or not flagged(dataclasses.replace(changed, value=changed.low)):
                self.speaks_for.append("it changes when the model's weights are random")
            else:
                self.undecided.append("it changes when the model's weights are random, but by how much is unsure")
        if other is not None:
            who = listed(list(other.beside)) if other.beside else "other methods"
            value = numbers.plain(other.value, 2)
            if other.value < AGREES and other.high is not None and other.high >= AGREES:
                self.undecided.append(f"it agrees little with {who} ({value}), but has too few parts for that to be sure")
            elif other.value < AGREES:
                self.against.append(f"it agrees little with {who} ({value})")
            elif other.low is None or other.low <= 0:
                self.undecided.append(f"it agrees with {who} ({value}), but has too few parts for that to be sure")
            else:
                self.speaks_for.append(f"it agrees with {who} ({value})")
        self._sized(
            NOISE, lambda x: x < UNSTEADY, "small changes of the input change it little", "small changes of the input change it much"
        )
        self._sized(STABILITY, lambda x: x >= SAME, "another seed says nearly the same", "another seed puts other parts first")

    def _own(self) -> None:
        """What the method itself tells, and how it ended."""
        gap = self.by_name.get(GAP)
        if gap is not None and gap.value >= CLOSE:
            self.against.append(f"its numbers miss what they should add up to by {numbers.percent(gap.value)}")
        elif gap is not None:
            self.speaks_for.append("its numbers add up, which does not make them right")
        fit = next((s for name, s in self.by_name.items() if name.startswith(_FIT)), None)
        if fit is not None and fit.value < FITS:
            self.against.append(f"it reproduces little of the model's behaviour nearby (local fit {numbers.plain(fit.value, 2)})")
        if not any(row.sure for row in Rows.of(self.e).rows):
            self.against.append("none of its parts stands out from chance")
        if little(Rows.of(self.e)):
            self.against.append("it has hardly anything to explain")
        if self.e.status == "partial":
            self.against.append("it was stopped before it was done")

    def _sized(self, name: str, good: object, yes: str, no: str) -> None:
        score = self.by_name.get(name)
        if score is None:
            return
        fine = good(score.value)  # type: ignore[operator]
        (self.speaks_for if fine else self.against).append(f"{yes if fine else no} ({numbers.plain(score.value, 2)})")


def _clause(level: str, why: str) -> str:
    start = {
        NO_REASON: "No reason to believe this map",
        UNSETTLED: "This input cannot tell whether to believe this map",
        UNCHECKED: "Not checked yet whether to believe this map",
        CAUTION: "Believe this map with caution",
        HOLDS: "This map holds up in what was checked",
    }
    return f"{start[level]}: {why}."


def _sentence(items: Sequence[str]) -> str:
    """Clauses about "it" as one sentence: the first whole, the others without their subject where they have the same."""
    first, *others = items
    said = "; ".join([first, *(one.removeprefix("it ") for one in others)])
    return f"{said[:1].upper()}{said[1:]}."


def _unchecked(still: Mapping[str, Sequence[str]]) -> str:
    said = []
    for how, names in still.items():
        asked = list(dict.fromkeys(_WHETHER.get(name, name) for name in names))
        if asked:
            said.append(f"{listed(asked)} ({how})" if how else f"here it cannot be checked {listed(asked)}")
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}." if text else ""
